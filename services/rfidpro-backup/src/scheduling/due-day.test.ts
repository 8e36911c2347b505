import { expect, test } from "vitest";
import { dueDay } from "./due-day.ts";

const chicago = "America/Chicago";

test.each([
  { what: "before its time", at: "2026-05-20T09:59:00Z", due: undefined },
  { what: "at its time", at: "2026-05-20T10:00:00Z", due: "2026-05-20" },
  { what: "until the site's midnight", at: "2026-05-21T04:59:00Z", due: "2026-05-20" },
  { what: "after it", at: "2026-05-21T05:00:00Z", due: undefined },
])("a pull at 05:00 of the site is due for $due $what", ({ at, due }) => {
  expect(dueDay(Date.parse(at), chicago, "05:00")).toBe(due);
});

test("a time that the clock leaps over is due right after, and one that comes twice is of the same day", () => {
  expect(dueDay(Date.parse("2026-03-08T07:59:00Z"), chicago, "02:30")).toBeUndefined();
  expect(dueDay(Date.parse("2026-03-08T08:00:00Z"), chicago, "02:30")).toBe("2026-03-08");
  for (const at of ["2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z"])
    expect(dueDay(Date.parse(at), chicago, "01:30")).toBe("2026-11-01");
});

test("midnight is the first minute of its day", () => {
  expect(dueDay(Date.parse("2026-05-20T05:00:00Z"), chicago, "00:00")).toBe("2026-05-20");
});
