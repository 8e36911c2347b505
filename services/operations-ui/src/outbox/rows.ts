import type { Receipt, Scan } from "@tagwire/messages";
import type { Command } from "./command.ts";

/** Scans of this page that are kept on its screen. */
export const rowsKeptMax = 200;
/** The same tag again within this time, in ms, is the same pass of the scanner. */
export const burstMs = 3_000;

/**
 * A scan as the station shows it.
 *
 *   held ──stored──► saved ──► sending ──receipt──► answered      (only this is an outcome)
 *                    sending ──no answer──► unanswered ──again, same id──► answered
 *                    sending ──the server cannot take it──► refused   (it waits for a person)
 *
 * `held` is in memory only, since nothing can be stored at this moment.
 */
export type Row = {
  readonly scan: Scan;
  readonly site: string;
  readonly by: string;
  readonly capturedAtMs: number;
  /** How often the scanner read it in this burst. */
  readonly times: number;
  readonly state: "held" | "saved" | "sending" | "unanswered" | "answered" | "refused";
  readonly receipt?: Receipt;
  readonly refusal?: { readonly code: string; readonly message: string };
  readonly answeredAtMs?: number;
};

const stateOf = (command: Command, isInFlight: boolean, isHeld: boolean): Row["state"] => {
  if (command.receipt !== undefined) return "answered";
  if (command.state !== "queued") return "refused";
  if (isInFlight) return command.trouble === undefined ? "sending" : "unanswered";
  if (isHeld) return "held";
  return command.trouble === undefined ? "saved" : "unanswered";
};

export const rowOf = (command: Command, { times, isInFlight, isHeld }: How): Row => ({
  ...{ scan: command.payload, site: command.site, by: command.capturedBy, times },
  ...{ capturedAtMs: command.capturedAtMs, state: stateOf(command, isInFlight, isHeld) },
  ...(command.receipt === undefined ? {} : { receipt: command.receipt }),
  ...(command.trouble === undefined ? {} : { refusal: command.trouble }),
  ...(command.answeredAtMs === undefined ? {} : { answeredAtMs: command.answeredAtMs }),
});

type How = { readonly times: number; readonly isInFlight: boolean; readonly isHeld: boolean };

/** Rows of commands, the same ones as long as nothing about them has changed: what has not changed is not drawn anew. */
export const createRowMaker = () => {
  const made = new WeakMap<Command, { readonly how: How; readonly row: Row }>();
  return (command: Command, how: How): Row => {
    const known = made.get(command);
    const isSame =
      known?.how.times === how.times &&
      known.how.isInFlight === how.isInFlight &&
      known.how.isHeld === how.isHeld;
    if (known !== undefined && isSame) return known.row;
    const row = rowOf(command, how);
    made.set(command, { how, row });
    return row;
  };
};

/** What a scan says, apart from which scan it is and when it was made. */
const meaningOf = ({ id: _id, scannedAt: _scannedAt, ...meaning }: Scan): string => JSON.stringify(meaning);

type Pass = { readonly id: string; readonly meaning: string; seenAtMs: number };

/** Tells a tag that is read again in the same pass of the scanner from one that is scanned again, and counts how often. */
export const createBursts = () => {
  const passes = new Map<string, Pass>();
  const times = new Map<string, number>();
  const keyOf = (site: string, by: string, tag: string): string => JSON.stringify([site, by, tag]);
  const forgetOld = (nowMs: number): void => {
    if (passes.size <= rowsKeptMax * 10) return;
    for (const [key, { seenAtMs }] of passes) if (nowMs - seenAtMs >= burstMs) passes.delete(key);
  };
  return {
    timesOf: (id: string): number => times.get(id) ?? 1,
    /** Was it read in this very burst, meaning the same? Then it is counted, and is no scan of its own. */
    isRepeat: (scan: Scan, site: string, by: string, nowMs: number): boolean => {
      const key = keyOf(site, by, scan.tag);
      const last = passes.get(key);
      if (last !== undefined && nowMs - last.seenAtMs < burstMs && last.meaning === meaningOf(scan)) {
        last.seenAtMs = nowMs;
        times.set(last.id, (times.get(last.id) ?? 1) + 1);
        return true;
      }
      forgetOld(nowMs);
      passes.set(key, { id: scan.id, meaning: meaningOf(scan), seenAtMs: nowMs });
      return false;
    },
    /** It was not taken: scanned again it is a scan of its own. */
    forget: ({ site, capturedBy, payload }: Command): void => {
      passes.delete(keyOf(site, capturedBy, payload.tag));
    },
  };
};
