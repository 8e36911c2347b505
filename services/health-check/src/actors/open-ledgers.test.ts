import type { DeviceLedger, Reader } from "@tagwire/messages";
import { expect, test } from "vitest";
import { openDeviceLedgers, openLedgers } from "./open-ledgers.ts";

const counts: Reader["counts"] = {
  ...{ frames: 9, malformed: 1, reads: 100, filtered: 20, held: 5, observed: 75 },
  ...{ observations: 30, accepted: 12, alreadyApplied: 9, rejected: 4, quarantined: 3, pending: 2 },
};

test("a reader whose reads are not accounted for is named, with the sum that does not hold", () => {
  const lost = { ...counts, observed: 74 };
  expect(openLedgers([{ id: "dock", counts }])).toEqual([]);
  expect(
    openLedgers([
      { id: "dock", counts },
      { id: "gate", counts: lost },
    ]),
  ).toMatchObject([
    {
      code: "ledger_open",
      key: "gate",
      isCertain: true,
      evidence: { detail: "does not add up: reader: reads" },
    },
  ]);
});

test("a clock that is off by more than half a minute is named, to the half minute", () => {
  const told = (clockOffsetMs: number | null) =>
    openLedgers([{ id: "dock", counts, clockOffsetMs }]).map(({ code, entity, evidence }) => [
      ...[code, entity, evidence.detail],
    ]);
  expect(told(null)).toEqual([]);
  expect(told(30_000)).toEqual([]);
  expect(told(-44_000)).toEqual([["clock_skew", "clock", "about 30 s behind, as measured"]]);
  expect(told(61_000)).toEqual([["clock_skew", "clock", "about 60 s ahead, as measured"]]);
});

const at = "2026-05-04T09:00:00.000Z";
const ledger: DeviceLedger = {
  ...{ device: "tablet", received: 10, accepted: 4, alreadyApplied: 3, rejected: 2, quarantined: 1 },
  ...{ counted: 10, missing: 0, gaps: [], reused: 0, reusedAt: null },
  ...{ clockOffsetMs: 100, clockMeasuredAt: at, lastAt: at },
};
const toldOf = (change: Partial<DeviceLedger>) =>
  openDeviceLedgers([{ ...ledger, ...change }], at).map(
    ({ code, key, isCertain }) => `${code} ${key} ${isCertain}`,
  );

test("a device of which everything is accounted for is not told of", () => {
  expect(toldOf({})).toEqual([]);
});

test("a device is told of for scans that never came, sums that do not hold, and its clock", () => {
  expect(toldOf({ missing: 2, gaps: [{ from: 4, to: 5 }] })).toEqual(["read_gap tablet false"]);
  expect(toldOf({ received: 11 })).toEqual(["ledger_open tablet true"]);
  expect(toldOf({ clockOffsetMs: -90_000 })).toEqual(["clock_skew tablet true"]);
});

test("a number that was used twice is told of for an hour, since nothing ever takes it back", () => {
  expect(toldOf({ reused: 1, reusedAt: "2026-05-04T08:00:01.000Z" })).toEqual([
    "sequence_reused tablet true",
  ]);
  expect(toldOf({ reused: 1, reusedAt: "2026-05-04T07:59:59.000Z" })).toEqual([]);
});
