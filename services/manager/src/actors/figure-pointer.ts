import {
  crews,
  prefetchArms,
  prefetchSources,
  serviceQueues,
  type WatchedBoard,
  WatchedBoards,
  WatchedFigures,
  workerKinds,
} from "@tagwire/messages";
import Type, { type TSchema } from "typebox";

/*
 * A pointer (RFC 6901) into the figures that can be watched. A row of a list is addressed by its index, or by what it is named after: its
 * class, its category, its minute, its day, its limit, its queue and crew (`wash.linen`), who scans (`device.sled-1`), or its arm or source (`predicted`, `due`).
 */

const unescaped = (segment: string): string => segment.replaceAll("~1", "/").replaceAll("~0", "~");
export const segmentsOf = (pointer: string): string[] => pointer.split("/").slice(1).map(unescaped);

const nameKeys = ["class", "minute", "day", "category", "subcategory", "name"] as const;
/** Members by which rows are called as well, and what there is of each. */
const closedNames: Readonly<Record<string, readonly string[]>> = {
  arm: prefetchArms,
  source: prefetchSources,
};
const isIndex = (segment: string): boolean => /^\d{1,6}$/.test(segment);

const rowName = (row: unknown): unknown => {
  if (typeof row !== "object" || row === null) return undefined;
  const fields = row as Record<string, unknown>;
  const key = [...nameKeys, ...Object.keys(closedNames)].find((name) => Object.hasOwn(fields, name));
  if (key !== undefined) return fields[key];
  return Object.hasOwn(fields, "who") ? `${fields.kind}.${fields.who}` : `${fields.queue}.${fields.crew}`;
};

const step = (value: unknown, segment: string): unknown => {
  if (Array.isArray(value))
    return (
      value.find((row) => rowName(row) === segment) ?? (isIndex(segment) ? value[Number(segment)] : undefined)
    );
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
  return (value as Record<string, unknown>)[segment];
};

/** The figure that a pointer leads to; undefined when there is none now, or nothing that is a number. */
export const figureAt = (figures: object, pointer: string): number | undefined => {
  const found = segmentsOf(pointer).reduce<unknown>(step, figures);
  return typeof found === "number" ? found : undefined;
};

/** The board that a pointer leads into; undefined when it is the dashboard. */
export const boardOf = (pointer: string): WatchedBoard | undefined => {
  const [root, board] = segmentsOf(pointer);
  const boards = Object.keys(WatchedBoards.properties) as WatchedBoard[];
  return root === "boards" ? boards.find((name) => name === board) : undefined;
};

/** What names of who scans begin with. */
const workerStarts = workerKinds.map((kind) => `${kind}.`);
const isWorkerName = (segment: string): boolean =>
  workerStarts.some((start) => segment.startsWith(start) && segment.length > start.length);

const queueNames = serviceQueues.flatMap((queue) => crews.map((crew) => `${queue}.${crew}`));

/** What may follow in a schema: named members, or rows of a list, which may be called anything where people name them. */
const nextIn = (schema: TSchema, segment: string): TSchema | { readonly near: readonly string[] } => {
  if (Type.IsArray(schema)) {
    const row = schema.items as TSchema;
    const names = Type.IsObject(row) ? Object.keys(row.properties) : [];
    if (isIndex(segment) || nameKeys.some((key) => names.includes(key))) return row;
    if (names.includes("who"))
      return isWorkerName(segment) ? row : { near: workerStarts.map((start) => `${start}<name>`) };
    const closed = names.flatMap((name) => closedNames[name] ?? []);
    if (closed.length > 0) return closed.includes(segment) ? row : { near: closed };
    if (!names.includes("crew")) return { near: ["0"] };
    return queueNames.includes(segment) ? row : { near: queueNames };
  }
  if (!Type.IsObject(schema)) return { near: [] };
  const next = Object.hasOwn(schema.properties, segment) ? schema.properties[segment] : undefined;
  return next ?? { near: Object.keys(schema.properties) };
};

const isNumber = (schema: TSchema): boolean =>
  Type.IsInteger(schema) || Type.IsNumber(schema) || (Type.IsUnion(schema) && schema.anyOf.some(isNumber));

/** Of the members that a complaint names, no more than somebody reads. */
const nearMax = 40;
const escaped = (segment: string): string => segment.replaceAll("~", "~0").replaceAll("/", "~1");

/** Why no figure can ever be where a pointer leads, with what there is instead; undefined when there can be one. */
export const complaintOfFigure = (pointer: string): string | undefined => {
  let schema: TSchema = WatchedFigures;
  let walked = "";
  for (const segment of segmentsOf(pointer)) {
    const next = nextIn(schema, segment);
    if ("near" in next) {
      const near = (next.near as readonly string[]).slice(0, nearMax).join(", ");
      const told = near === "" ? `${walked} has nothing below it` : `below ${walked || "/"} there is ${near}`;
      return `${pointer} is no figure: ${told}`;
    }
    schema = next;
    walked += `/${escaped(segment)}`;
  }
  if (isNumber(schema)) return undefined;
  const below = Type.IsObject(schema)
    ? `: below it there is ${Object.keys(schema.properties).join(", ")}`
    : "";
  return `${pointer} is no number${below}`;
};
