import { createMonth, evenPace, type MonthAct, type Pace, type Warehouse } from "@tagwire/emulators";
import type { Sizes } from "./sizes.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Longer than any busy day takes to come to its scans; what happens after that is left away. */
const happensMs = 20 * hourMs;
/** The latest uploads come after four days; then everything has come. */
const arrivesDays = 5;
/** The same day each time, so that runs can be compared. */
const seed = "the busiest day";

/** A day and no other: nothing happens after it, and what was scanned in it may come late. */
const oneDay = (endMs: number): Pace => {
  const even = evenPace(1);
  return {
    ...even,
    sweepGapMs: dayMs,
    nextMs: (random, afterMs) => (afterMs < endMs ? even.nextMs(random, afterMs) : endMs + 365 * dayMs),
  };
};

export type BusyDay = {
  readonly warehouse: Warehouse;
  /** In the order in which they come, late ones last. */
  readonly acts: readonly MonthAct[];
};

/** The session with which the wanted number of scans is reached ends the day. */
const endOfDay = (acts: readonly MonthAct[], scansWanted: number): number => {
  const uploads = acts
    .flatMap((act) => (act.kind === "scan-session" ? [act] : []))
    .toSorted((a, b) => a.happenedAtMs - b.happenedAtMs);
  let scans = 0;
  for (const { happenedAtMs, scans: own } of uploads) {
    scans += own.length;
    if (scans >= scansWanted) return happenedAtMs;
  }
  throw new Error(`the day has ${scans} scans, ${scansWanted} are wanted`);
};

/**
 * The busiest day of a house: its sessions until so many scans were made, its contracts, lots and everything else that the office did
 * meanwhile. It ends before `nowMs`, since no device knows the future.
 */
export const busyDay = ({ dayItems, dayScans }: Sizes, nowMs: number): BusyDay => {
  const startMs = nowMs - happensMs - hourMs;
  const pace = oneDay(startMs + happensMs);
  const { warehouse, acts: told } = createMonth({ seed, startMs, items: dayItems, days: arrivesDays, pace });
  const all = [...told];
  const endMs = endOfDay(all, dayScans);
  const kept = new Set(
    all.flatMap((act) => (act.kind === "scan-session" && act.happenedAtMs <= endMs ? [act.session.id] : [])),
  );
  const acts = all.filter((act) => {
    if (act.kind === "scan-session") return kept.has(act.session.id);
    if (act.kind === "upload-repeated") return kept.has(act.upload.session.id);
    return act.kind === "session-undone" ? kept.has(act.session) : act.atMs <= endMs;
  });
  return { warehouse, acts };
};
