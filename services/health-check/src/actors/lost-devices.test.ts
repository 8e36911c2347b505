import type { DeviceLedger, KeptReport } from "@tagwire/messages";
import { expect, test } from "vitest";
import { lostDevices } from "./lost-devices.ts";
import { openDeviceLedgers } from "./open-ledgers.ts";

/* A tablet whose last report says that it made ten scans, and what of them came. */

const at = "2026-05-04T09:30:00.000Z";
const [first, second] = ["0192f0a0-0000-7000-8000-00000000000a", "0192f0a0-0000-7000-8000-00000000000b"];
const ledger = (change: Partial<DeviceLedger>): DeviceLedger => ({
  ...{ device: "browser-3f9a#0000000a", received: 10, accepted: 10, alreadyApplied: 0, rejected: 0 },
  ...{ quarantined: 0, counted: 10, missing: 0, gaps: [], reused: 0, reusedAt: null },
  ...{ clockOffsetMs: 0, clockMeasuredAt: at, lastAt: at },
  ...change,
});
const report = (change: Partial<KeptReport> = {}): KeptReport => ({
  device: { id: "browser-3f9a", incarnation: first ?? "" },
  ...{ headSeq: 10, queued: 0, attention: 0, storage: "persisted", person: "ann" },
  ...{ firstAt: "2026-05-04T08:00:00.000Z", reportedAt: "2026-05-04T09:00:00.000Z" },
  ...change,
});
const reborn = report({
  device: { id: "browser-3f9a", incarnation: second ?? "" },
  ...{ headSeq: 0, firstAt: "2026-05-04T09:10:00.000Z", reportedAt: "2026-05-04T09:20:00.000Z" },
});
const sevenCame = ledger({ received: 7, accepted: 7, counted: 7 });
const holed = ledger({ received: 8, accepted: 8, missing: 2, gaps: [{ from: 4, to: 5 }] });

const toldOf = (one: DeviceLedger, reports: readonly KeptReport[]) =>
  [...openDeviceLedgers([one], at, reports), ...lostDevices([one], reports)].map(
    ({ code, key, isCertain, evidence }) => `${code} ${key} ${isCertain} ${evidence.detail?.split(":")[0]}`,
  );

test("a device of which everything came, and one whose scans still wait on it, are not told of", () => {
  expect(toldOf(ledger({}), [report()])).toEqual([]);
  expect(toldOf(sevenCame, [report({ queued: 3 })])).toEqual([]);
  expect(toldOf(holed, [report({ queued: 2 })])).toEqual([]);
});

test("the last scans of a device that neither came nor wait there are missed", () => {
  expect(toldOf(sevenCame, [report({ queued: 1 })])).toEqual([
    "read_gap browser-3f9a#0000000a false 2 of its last scans never came",
  ]);
});

test("a device that begins anew while scans waited on it has lost them, for certain", () => {
  const lost = "device_lost browser-3f9a#0000000a true 3 of its scans never came, and its memory was lost";
  expect(toldOf(sevenCame, [reborn, report({ queued: 3 })])).toEqual([lost]);
  expect(toldOf(holed, [reborn, report({ queued: 2 })])).toEqual([lost.replace("3 of", "2 of")]);
  // A rescue file that is handed in later makes it whole again.
  expect(toldOf(ledger({}), [reborn, report({ queued: 3 })])).toEqual([]);
});

test("what somebody discarded there is no gap, and what waits on a device that is silent for an hour is one", () => {
  const discards = [4, 5].map((seq) => ({ ...{ seq, tag: "X", reason: "scanned by mistake" }, at }));
  expect(toldOf(holed, [report({ discarded: discards })])).toEqual([]);
  expect(toldOf(holed, [report({ discarded: discards.slice(1) })])).toEqual([
    "read_gap browser-3f9a#0000000a false 1 of its scans never came",
  ]);
  expect(toldOf(holed, [report({ queued: 2, reportedAt: "2026-05-04T08:29:00.000Z" })])).toEqual([
    "read_gap browser-3f9a#0000000a false 2 of its scans never came",
  ]);
});
