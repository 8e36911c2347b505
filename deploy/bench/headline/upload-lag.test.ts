import { expect, test } from "vitest";
import { countLate } from "./upload-lag.ts";

test("an upload that is sent again is no other upload, and its device was not out of reach for that", () => {
  const upload = (webAtMs: number, again: boolean) => ({ webAtMs, again, act: { happenedAtMs: 1_000 } });
  const late = 1_000_000;
  const uploads = [
    upload(1_000, false),
    upload(61_000, true),
    upload(late, false),
    upload(late + 60_000, true),
  ];
  expect(countLate(uploads)).toEqual({ uploads: 2, late: 1 });
});
