import type { ConditionFlag } from "@tagwire/messages";
import type { Oddities } from "./oddities.ts";
import { rawField } from "./raw-field.ts";
import type { RawRow } from "./rows.ts";

/** Each condition by the fields that may carry it: the manual prints `mud` where older programs read `mold`. */
const fieldsOf: readonly (readonly [ConditionFlag, readonly string[]])[] = [
  ["dirty", ["dirty_or_mud"]],
  ["leaves", ["leaves"]],
  ["oil", ["oil"]],
  ["mold", ["mold", "mud"]],
  ["stain", ["stain"]],
  ["oxidation", ["oxidation"]],
  ["rip", ["rip_or_tear"]],
  ["sewing", ["sewing_repair_needed"]],
  ["grommet", ["grommet"]],
  ["rope", ["rope"]],
  ["buckle", ["buckle"]],
  ["wet", ["wet"]],
  ["service_required", ["service_required"]],
];

const words: Readonly<Record<string, boolean | null>> = {
  ...{ true: true, t: true, yes: true, y: true, "1": true },
  ...{ false: false, f: false, no: false, n: false, "0": false },
  ...{ "": null, null: null, na: null, "n/a": null, none: null },
};

/** True, false, or null where nobody looked: a flag that is missing is not one that is false. */
const readFlag = (raw: RawRow, field: string, { note }: Oddities): boolean | null => {
  const value = rawField(raw, field);
  if (value === undefined || value === null) return null;
  if (typeof value === "object") {
    note(field, "flag_unreadable", value);
    return null;
  }
  const word = String(value).trim().toLowerCase();
  const known = Object.hasOwn(words, word) ? words[word] : undefined;
  if (known !== undefined) return known;
  note(field, "flag_unreadable", value);
  return null;
};

/** What was said of a thing's condition. Where two fields say it and disagree, the worse is kept, and that is said. */
export const readFlags = (raw: RawRow, oddities: Oddities): Readonly<Record<string, boolean>> => {
  const said: [string, boolean][] = [];
  for (const [flag, fields] of fieldsOf) {
    const values = fields.map((field) => readFlag(raw, field, oddities)).filter((value) => value !== null);
    if (values.length === 0) continue;
    if (new Set(values).size > 1) oddities.note(fields.join(", "), "flags_disagree", values.join(", "));
    said.push([flag, values.includes(true)]);
  }
  return Object.fromEntries(said);
};
