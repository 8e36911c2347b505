import type { Transaction } from "@tagwire/actor";
import { type AsOf, Fault, type Moment, type Position } from "@tagwire/messages";
import { type Asked, askedMoment } from "../actors/moment.ts";
import { listRecent } from "../store/recent-events.ts";
import { findWholePosition } from "./whole-position.ts";

/** A moment within what is applied of a site: everything up to `posMax`, and of that what was recorded until `atMs`. */
export type PastMoment = {
  readonly epoch: number;
  readonly posMax: number;
  /** Undefined when a position was asked for. */
  readonly atMs: number | undefined;
};

const readMoment = (moment: Moment): Asked => {
  try {
    return askedMoment(moment);
  } catch (cause) {
    throw new Fault("malformed", "at", { cause });
  }
};

/**
 * Places a moment in the log of a site; undefined when nothing of the site was ever applied.
 *
 * @throws Fault `malformed` when it is no moment; `epoch_unknown` when its position is of another history; `event_unknown` when its
 * position, or the instant, has not come yet.
 */
export const placeMoment = async (
  transaction: Transaction,
  site: string,
  { moment, nowMs }: { readonly moment: Moment; readonly nowMs: number },
): Promise<PastMoment | undefined> => {
  const asked = readMoment(moment);
  const now = await findWholePosition(transaction, site);
  if (now === undefined) return undefined;
  if ("atMs" in asked) {
    if (asked.atMs > nowMs) throw new Fault("event_unknown", "the instant has not come yet");
    return { epoch: now.epoch, posMax: now.pos, atMs: asked.atMs };
  }
  const { epoch, pos } = asked.position;
  if (epoch !== now.epoch) throw new Fault("epoch_unknown", `the log is in epoch ${now.epoch}`);
  if (pos > now.pos) throw new Fault("event_unknown", `the log is applied up to ${now.epoch}:${now.pos}`);
  return { epoch, posMax: pos, atMs: undefined };
};

/** Gives when rows of a site at a position were last known to be all there is, in ms since 1970. */
export type LastLevel = (site: string, position: Position) => number | undefined;
export const neverLevel: LastLevel = () => undefined;

/** What is asked now, and what is known of how new it is. */
export type Now = { readonly nowMs: number; readonly lastLevel: LastLevel };

/**
 * What an answer says of the figures that are there now.
 *
 * `asOf` is the last instant at which they were known to be those of the log: when its owner last said that it is no further, or else
 * when the newest event that they hold was recorded. Not the clock's time, which goes on without evidence.
 *
 * @throws Fault `unavailable` while the rows of the site are being made again.
 */
export const asOfNow = async (
  transaction: Transaction,
  site: string,
  { nowMs, lastLevel }: Now,
): Promise<AsOf> => {
  const position = await findWholePosition(transaction, site);
  if (position === undefined) return unknownSite(nowMs);
  const [newest] = await listRecent(transaction, site, 1);
  // Of a site of which nothing was ever said nobody can be late to know.
  const recordedAtMs = newest === undefined ? nowMs : Date.parse(newest.recordedAt);
  const asOfMs = Math.max(recordedAtMs, lastLevel(site, position) ?? 0);
  return { known: true, ...position, asOf: new Date(asOfMs).toISOString() };
};

/** What an answer says of the moment it is of. `newest` is the last event that counts in it, where there is one. */
export const asOfMoment = (
  { epoch, posMax, atMs }: PastMoment,
  newest: { readonly pos: number; readonly recordedAt: string } | undefined,
  nowMs: number,
): AsOf => {
  const pos = atMs === undefined ? posMax : (newest?.pos ?? 0);
  const asOf =
    atMs === undefined ? (newest?.recordedAt ?? new Date(nowMs).toISOString()) : new Date(atMs).toISOString();
  return { known: true, epoch, pos, asOf };
};

export const unknownSite = (nowMs: number): AsOf => ({
  known: false,
  epoch: 0,
  pos: 0,
  asOf: new Date(nowMs).toISOString(),
});
