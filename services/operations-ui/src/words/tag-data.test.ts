import { expect, test } from "vitest";
import { tagDataLines } from "./tag-data.ts";

test.each([
  ["10", "LOT7", 2026, "Lot: LOT7"],
  ["17", "261231", 2026, "Expires: 2026-12-31"],
  ["17", "761200", 2026, "Expires: 2076-12"],
  ["11", "770101", 2026, "Made on: 1977-01-01"],
  ["17", "000131", 2099, "Expires: 2100-01-31"],
  ["7003", "2612312359", 2026, "Expires: 2026-12-31 23:59"],
  ["8008", "26123107", 2026, "Made at: 2026-12-31 07 h"],
  ["7007", "261201261231", 2026, "Harvested on: 2026-12-01 to 2026-12-31"],
  ["3103", "001750", 2026, "(3103): 001750"],
])("(%s)%s in %i is %s", (identifier, value, nowYear, text) => {
  expect(tagDataLines({ [identifier]: value }, nowYear)).toEqual([{ identifier, text }]);
});
