import { expect, test } from "vitest";
import { fieldWord, valueText } from "./row-values.ts";

test.each([
  [null, "notes", "none"],
  [undefined, "notes", "none"],
  ["C-", "quality", "C-"],
  ["on_rent", "status", "On rent"],
  [7, "version", "7"],
  [true, "sold", "yes"],
  [{ mud: true, seenAt: null }, "condition", "Mud: yes; Seen at: none"],
  [{}, "condition", "nothing in it"],
  [["a", "b"], "flags", "a; b"],
  ["1767323045678000", "lastFactAt", "1 Jan 2026, 21:04:05.678 GMT-6"],
  ["2026-01-02T03:04:05.678Z", "placeAt", "1 Jan 2026, 21:04:05.678 GMT-6"],
  // A note that happens to be a number is no instant.
  ["1767323045678000", "notes", "1767323045678000"],
])("%j of %s reads %s", (value, field, text) => {
  expect(valueText(value, field, "America/Chicago")).toBe(text);
});

test.each([
  ["lastFactAt", "Newest fact"],
  ["scannedBy", "Scanned by"],
  ["washCount", "Wash count"],
])("the field %s is called %s", (field, word) => {
  expect(fieldWord(field)).toBe(word);
});
