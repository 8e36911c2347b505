import { createHash } from "node:crypto";
import { canonicalJson } from "@tagwire/digest";
import {
  type FieldBack,
  type Finding,
  manualStatuses,
  PatchItem,
  type Refold,
  type RefoldedEntity,
  type Remedy,
} from "@tagwire/messages";
import { Check } from "typebox/value";

type Row = Readonly<Record<string, unknown>>;

/** An ordinary edit that makes an item again what its events come to. */
export type Edit = {
  readonly tag: string;
  /** Of the row that it was made for: whatever has changed since is another row. */
  readonly version: number;
  readonly patch: PatchItem;
  readonly fields: readonly FieldBack[];
};

const manual: ReadonlySet<unknown> = new Set(manualStatuses);

/** Optional members are missing where they were not kept yet, which is the same as having no value. */
const valueIn = (row: Row, field: string): unknown => row[field] ?? null;

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

/**
 * An edit says of a status that the thing is on the floor: it ends what the item is out on, and forgets what was found on it. So it sets a
 * status back only where the two had nothing of that; where a thing is that may be out is for a scan to say.
 */
const isStatusSettable = (row: Row, folded: Row): boolean =>
  manual.has(row.status) &&
  manual.has(folded.status) &&
  valueIn(row, "contract") === null &&
  valueIn(row, "replacedBy") === null &&
  (folded.status !== "ready" || valueIn(row, "condition") === null);

/**
 * The edit that makes the row of an item what its events come to; undefined where no edit does: one of the two is not there, or something
 * differs that nobody sets by hand.
 */
export const editOf = (row: Row | null, folded: Row | null): Edit | undefined => {
  if (row === null || folded === null) return undefined;
  const { tag, version } = row;
  if (typeof tag !== "string" || typeof version !== "number") return undefined;
  const names = [...new Set([...Object.keys(row), ...Object.keys(folded)])].filter(
    (name) => canonicalJson(valueIn(row, name)) !== canonicalJson(valueIn(folded, name)),
  );
  if (names.length === 0) return undefined;
  if (names.includes("status") && !isStatusSettable(row, folded)) return undefined;
  const patch: unknown = Object.fromEntries(names.map((name) => [name, valueIn(folded, name)]));
  // Neither a field that nobody sets by hand, nor a value from before there was a rule for it.
  if (!Check(PatchItem, patch)) return undefined;
  const fields = names.map((field) => ({
    field,
    is: textOrNull(row[field]),
    becomes: textOrNull(folded[field]),
  }));
  return { tag, version, patch, fields };
};

/** What heals a thing whose row is not what its events come to. */
export const remedyOf = (entity: RefoldedEntity, { row, folded }: Pick<Refold, "row" | "folded">): Remedy =>
  entity === "item" && editOf(row, folded) !== undefined ? "edit" : "none";

/**
 * The id under which an edit heals a finding: a UUID of what it does and to which row, so that asking again is no second edit. An edit ends
 * the version that it was made for, and the same trouble of a later one is another edit.
 */
export const editIdOf = (
  { site, id }: Pick<Finding, "site" | "id">,
  { tag, version, patch }: Edit,
): string => {
  const hex = createHash("sha256").update(canonicalJson({ site, id, tag, version, patch })).digest("hex");
  // Version 8 of RFC 9562: made by a rule of our own.
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};
