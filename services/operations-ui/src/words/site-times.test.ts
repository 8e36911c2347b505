import { expect, test } from "vitest";
import { withSiteTimes } from "./site-times.ts";
import { instantIn } from "./time.ts";

const nowMs = Date.parse("2026-11-28T12:00:00Z");

test.each([
  {
    says: "dock 7 (3 scans, the last at 2026-11-28 02:03 UTC); 2 devices scan here",
    read: "dock 7 (3 scans, the last at 27 Nov 2026, 20:03 GMT-6); 2 devices scan here",
  },
  {
    says: "another pull, which begins by itself at 14:05 UTC, decides about it.",
    read: "another pull, which begins by itself at 08:05 (America/Chicago), decides about it.",
  },
  { says: "as of 2026-07-01T12:00:11.204Z", read: "as of 1 Jul 2026, 07:00 GMT-5" },
  { says: "the last one on 2026-11-28; 9 of 10", read: "the last one on 2026-11-28; 9 of 10" },
])("$says", ({ says, read }) => {
  expect(withSiteTimes(says, "America/Chicago", nowMs)).toBe(read);
});

test.each([
  { local: "2026-11-28T06:30", at: "2026-11-28T12:30:00.000Z", what: "in winter" },
  { local: "2026-07-01T06:30", at: "2026-07-01T11:30:00.000Z", what: "in summer" },
  { local: "2026-03-08T01:59", at: "2026-03-08T07:59:00.000Z", what: "before the clocks leap" },
  { local: "2026-03-08T02:30", at: "2026-03-08T08:30:00.000Z", what: "left out by the clocks" },
  { local: "2026-03-08T03:00", at: "2026-03-08T08:00:00.000Z", what: "after they leapt" },
  { local: "2026-11-01T01:30", at: "2026-11-01T06:30:00.000Z", what: "shown twice" },
])("a time of the site $what is one instant, wherever the device stands", ({ local, at }) => {
  expect(instantIn(local, "America/Chicago")).toBe(at);
});
