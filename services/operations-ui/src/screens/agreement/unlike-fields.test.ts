import { expect, test } from "vitest";
import { unlikeFields } from "./unlike-fields.ts";

const timeZone = "America/Chicago";
const at = "2026-11-28T05:50:02.255Z";
const record = { notes: "somebody was here", placeAt: `${Date.parse(at)}000`, pos: 2110 };
const picture = { ...record, notes: null };
const folded = { notes: null, placeAt: at, pos: 2110, "on 28919368": { state: "returned" } };

test("an instant in another spelling and a field that a side does not keep are no difference", () => {
  const sides = [{ row: record }, { row: picture }, { row: folded }];
  expect(unlikeFields(sides, { named: [], timeZone })).toEqual(["notes"]);
  const later = { ...folded, placeAt: "2026-11-28T05:51:02.255Z" };
  expect(unlikeFields([{ row: record }, { row: later }], { named: [], timeZone })).toEqual([
    "notes",
    "placeAt",
  ]);
});

test("what the audit has named comes first, also where a side has nothing of it", () => {
  const sides = [{ row: record }, { row: null }, { row: folded }];
  expect(unlikeFields(sides, { named: ["on 28919368"], timeZone })).toEqual(["on 28919368", "notes"]);
});
