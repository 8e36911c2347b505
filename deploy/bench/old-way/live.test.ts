import type { ScanSessionAct, Warehouse } from "@tagwire/emulators";
import { describe, expect, test } from "vitest";
import {
  type HeadlineMonth,
  headlineMonth,
  monthEndMs,
  type TrueScan,
  type Upload,
} from "../headline/month.ts";
import { liveOldWay } from "./live.ts";

const startMs = Date.UTC(2025, 4, 5);
const minuteMs = 60_000;
const tag = "E28011606000000000000001";

type Told = {
  readonly type: "rental" | "return" | "touch";
  /** Minutes after the start: when it was made, and when it is handed in. */
  readonly made: number;
  readonly handedIn: number;
  readonly clockAheadMs?: number;
};

/** A house of one thing, with what is scanned of it. */
const houseOf = (told: readonly Told[]): HeadlineMonth => {
  const uploads = told.map(({ type, made, handedIn, clockAheadMs = 0 }, turn): Upload => {
    const atMs = startMs + made * minuteMs;
    const scan: TrueScan = {
      ...{ id: `scan-${turn}`, tag, atMs, turn },
      states: { rental: "on_rent", return: "ready", touch: undefined }[type],
    };
    const act = {
      ...{ device: "handheld-1", session: { id: `session-${turn}` }, happenedAtMs: atMs },
      scans: [{ id: scan.id, tag, type, scannedAtMs: atMs + clockAheadMs, contract: null }],
    } as unknown as ScanSessionAct;
    const oldAtMs = startMs + handedIn * minuteMs;
    return { act, scans: [scan], oldAtMs, webAtMs: oldAtMs, clockErrorMs: clockAheadMs, again: false };
  });
  const warehouse = { items: [{ tag, status: "ready" }] } as unknown as Warehouse;
  const scans = uploads.flatMap((one) => one.scans);
  return { warehouse, startMs, uploads, office: [], scans, endMs: monthEndMs(uploads, startMs) };
};

describe("the old way", () => {
  test("copies what is handed in before its next refresh, once", () => {
    const outcome = liveOldWay(houseOf([{ type: "rental", made: 31, handedIn: 32 }]));
    expect(outcome).toMatchObject({ missed: 0, wrong: 0, conflicts: 0, duplicates: 0, leftBehind: 0 });
    // It is polled at 40, and transactions are asked for a second after items.
    expect(outcome.delaysMs).toEqual([9 * minuteMs + 1_000]);
  });

  test("never sees what is handed in after the refresh that would have had it, and keeps the status that was", () => {
    const outcome = liveOldWay(houseOf([{ type: "rental", made: 31, handedIn: 51 }]));
    expect(outcome).toMatchObject({ missed: 1, wrong: 1, conflicts: 1, leftBehind: 1 });
  });

  test("has copied what waits for the refresh that is due at the end of an hour when it is looked at", () => {
    const told: Told[] = [
      { type: "rental", made: 58, handedIn: 59 },
      { type: "return", made: 118, handedIn: 119 },
    ];
    expect(liveOldWay(houseOf(told))).toMatchObject({ missed: 0, conflicts: 0, thingHours: 0 });
  });

  test("lets an older scan that comes late write over a newer one", () => {
    const told: Told[] = [
      { type: "rental", made: 31, handedIn: 200 },
      { type: "return", made: 121, handedIn: 122 },
      // Somebody only touches it then, and the copy takes over what the master says by now.
      { type: "touch", made: 241, handedIn: 242 },
    ];
    expect(liveOldWay(houseOf(told))).toMatchObject({ missed: 1, wrong: 1, conflicts: 1 });
    expect(liveOldWay(houseOf(told.slice(1)))).toMatchObject({ missed: 0, wrong: 0, conflicts: 0 });
  });

  test("copies the scan of a clock that is ahead again and again", () => {
    const ahead = { type: "rental", made: 31, handedIn: 32, clockAheadMs: 60 * minuteMs } as const;
    // Its time is 1:31: every refresh from 0:40 to 1:40 asks for what is newer than the one before.
    expect(liveOldWay(houseOf([ahead])).duplicates).toBe(3);
  });
});

test("a month of the house is missed by the old way as the real one was: a quarter of its sessions, and things are wrong in the end", () => {
  const month = headlineMonth({ seed: "the headline", startMs, items: 2_000, days: 28 });
  const { missed, wrong, conflicts, duplicates, leftBehind } = liveOldWay(month);
  expect(leftBehind).toBeGreaterThan(0.2);
  expect(leftBehind).toBeLessThan(0.33);
  for (const count of [missed, wrong, conflicts, duplicates]) expect(count).toBeGreaterThan(0);
});
