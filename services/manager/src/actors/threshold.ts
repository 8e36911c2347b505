import type { Comparator, Dashboard, ThresholdParams } from "@tagwire/messages";

type Json = unknown;

const unescaped = (segment: string): string => segment.replaceAll("~1", "/").replaceAll("~0", "~");

/** A row of a list by its index, or by what it is named after: its class, or its minute. */
const rowOf = (rows: readonly Json[], name: string): Json => {
  const named = rows.find(
    (row) =>
      typeof row === "object" &&
      row !== null &&
      ["class", "minute"].some((key) => (row as Record<string, unknown>)[key] === name),
  );
  return named ?? (/^\d{1,6}$/.test(name) ? rows[Number(name)] : undefined);
};

const step = (value: Json, segment: string): Json => {
  if (Array.isArray(value)) return rowOf(value, segment);
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
  return (value as Record<string, unknown>)[segment];
};

/** The figure that a pointer (RFC 6901) leads to; undefined when there is none, or nothing that is a number. */
export const figureAt = (dashboard: Dashboard, pointer: string): number | undefined => {
  const found = pointer.split("/").slice(1).map(unescaped).reduce<Json>(step, dashboard);
  return typeof found === "number" ? found : undefined;
};

const compares: Readonly<Record<Comparator, (figure: number, value: number) => boolean>> = {
  ">": (figure, value) => figure > value,
  ">=": (figure, value) => figure >= value,
  "<": (figure, value) => figure < value,
  "<=": (figure, value) => figure <= value,
  "==": (figure, value) => figure === value,
  "!=": (figure, value) => figure !== value,
};

/**
 * Whether a figure is over its threshold. Once it is held to be so, `clearValue` decides: between the two values it stays as it
 * was, so that a figure which trembles around one value does not raise an alert each time.
 */
export const isOverThreshold = (
  { comparator, value, clearValue }: ThresholdParams,
  figure: number | undefined,
  isHeld: boolean,
): boolean => figure !== undefined && compares[comparator](figure, isHeld ? (clearValue ?? value) : value);
