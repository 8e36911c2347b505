import { expect, test } from "vitest";
import { stampMs } from "./stamp.ts";

const noon = Date.UTC(2026, 8, 7, 12, 21, 53, 635);

test.each([
  { what: "Impinj's nanoseconds", stamp: "2026-09-07T12:21:53.635189383Z" },
  { what: "Zebra's zone without a colon", stamp: "2026-09-07T12:21:53.635+0000" },
  { what: "a zone that is hours off", stamp: "2026-09-07T14:21:53.635+02:00" },
  { what: "ms since 1970", stamp: noon },
  { what: "µs since 1970", stamp: noon * 1_000 },
  { what: "s since 1970", stamp: noon / 1_000 },
])("$what is read", ({ stamp }) => {
  expect(stampMs(stamp)).toBeCloseTo(noon, 3);
});

test("a time without a fraction is read", () => {
  expect(stampMs("2026-09-07T12:21:53Z")).toBe(noon - 635);
});

test.each([
  "2026-09-07T12:21:53.635",
  "07/09/2026 12:22",
  "2026-13-45T99:99:99Z",
  "",
  0,
  12,
  -noon,
  1e18,
  null,
  {},
  true,
])("%j is no time that could be believed", (stamp) => {
  expect(stampMs(stamp)).toBeUndefined();
});
