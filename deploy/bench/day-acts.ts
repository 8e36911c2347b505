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

type Upload = Extract<MonthAct, { kind: "scan-session" }>;

/** The uploads of the first so many scans, in the order in which they were made; the last one has only what is left for it. */
const uploadsOf = (acts: readonly MonthAct[], scansWanted: number): ReadonlyMap<Upload, Upload> => {
  const made = acts
    .flatMap((act) => (act.kind === "scan-session" ? [act] : []))
    .toSorted((a, b) => a.happenedAtMs - b.happenedAtMs);
  const kept = new Map<Upload, Upload>();
  let left = scansWanted;
  for (const upload of made) {
    const scans = upload.scans.slice(0, left);
    kept.set(upload, { ...upload, scans });
    left -= scans.length;
    if (left === 0) return kept;
  }
  throw new Error(`the day has ${scansWanted - left} scans, ${scansWanted} are wanted`);
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
  const uploads = uploadsOf(all, dayScans);
  const endMs = Math.max(...[...uploads.values()].map(({ happenedAtMs }) => happenedAtMs));
  const sessions = new Set([...uploads.values()].map(({ session }) => session.id));
  const acts = all.flatMap((act): MonthAct[] => {
    switch (act.kind) {
      case "scan-session":
        return [uploads.get(act) ?? []].flat();
      case "upload-repeated": {
        const upload = uploads.get(act.upload);
        return upload === undefined ? [] : [{ ...act, upload }];
      }
      case "session-undone":
        return sessions.has(act.session) ? [act] : [];
      default:
        return act.atMs <= endMs ? [act] : [];
    }
  });
  return { warehouse, acts };
};
