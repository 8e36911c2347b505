import { expect, test } from "vitest";
import { agedRow } from "./aged-row.ts";

const atMs = Date.parse("2026-03-01T10:00:00.000Z");
const at = (seconds: number) => new Date(atMs + seconds * 1_000).toISOString();
const lag = {
  ...{ key: "lag", version: 7, samples: 3, validUntil: at(10) },
  later: [{ samples: 2, validUntil: at(20) }, { samples: 1, validUntil: at(30) }, { samples: 0 }],
};

test.each([
  { what: "before the first instant it is the very row", seconds: 9.999, aged: lag },
  {
    what: "at the instant it is what comes then, and says what follows that",
    seconds: 10,
    aged: { key: "lag", version: 7, samples: 2, validUntil: at(20), later: lag.later.slice(1) },
  },
  {
    what: "after a long silence it is what is so by then",
    seconds: 29,
    aged: { key: "lag", version: 7, samples: 1, validUntil: at(30), later: [{ samples: 0 }] },
  },
  { what: "at the end it stays", seconds: 1e6, aged: { key: "lag", version: 7, samples: 0 } },
])("$what", ({ seconds, aged }) => {
  expect(agedRow(lag, atMs + seconds * 1_000)).toEqual(aged);
});

test("letting it age in steps comes to the same as at once", () => {
  for (const last of [5, 15, 25, 35]) {
    const inSteps = [3, 12, 22].filter((seconds) => seconds < last);
    const stepped = inSteps.reduce((row, seconds) => agedRow(row, atMs + seconds * 1_000) ?? row, lag);
    expect(agedRow(stepped, atMs + last * 1_000)).toEqual(agedRow(lag, atMs + last * 1_000));
  }
});

test("a row without anything to follow is gone, and one without an instant is for good", () => {
  const minute = { key: "minute", version: 1, scans: 3, validUntil: at(1) };
  expect(agedRow(minute, atMs + 999)).toBe(minute);
  expect(agedRow(minute, atMs + 1_000)).toBeUndefined();
  const item = { key: "A", version: 1, status: "ready" };
  expect(agedRow(item, Number.MAX_SAFE_INTEGER)).toBe(item);
});
