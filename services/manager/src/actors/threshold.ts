import type { Comparator, ThresholdParams } from "@tagwire/messages";

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
