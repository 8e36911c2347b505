import type { DriverHost } from "./driver.ts";

/** How long an estimate counts, in ms: long enough to meet a quick message, short enough to follow drift. */
const windowMs = 30_000;

/** How far messages may differ in their delay. A stamp further ahead than this contradicts what is known of the clock. */
const disagreementMsMax = 3_000;

/** How long a reader may keep a read to itself, in ms: one whose client comes back says what it heard meanwhile. */
export const readAgeMsMax = 5 * 60_000;

/**
 * How far our clock is ahead of one of the reader's.
 *
 * A stamp is always older than its arrival, by the way plus however long the reader waited. So the smallest difference
 * seen lately is the best estimate, and one late message cannot spoil it. Neither can one wrong stamp: a difference that
 * contradicts the estimate counts only when the next message says the same, and so does the first one of all.
 *
 * A clock set back by less than {@link readAgeMsMax} cannot be told from reads that were kept so long: for up to two windows its
 * reads count as that much older.
 */
class ClockOffset {
  #windowStartMs = 0;
  #current = Number.POSITIVE_INFINITY;
  #previous = Number.POSITIVE_INFINITY;
  #unconfirmed: number | undefined;

  observe(stampMs: number, arrivedAtMs: number): void {
    this.#turnWindow(arrivedAtMs);
    const offsetMs = arrivedAtMs - stampMs;
    if (this.#agrees(offsetMs)) {
      this.#unconfirmed = undefined;
      this.#current = Math.min(this.#current, offsetMs);
      return;
    }
    const before = this.#unconfirmed;
    this.#unconfirmed = offsetMs;
    if (before !== undefined && Math.abs(offsetMs - before) <= disagreementMsMax) {
      this.#startAgain(Math.min(before, offsetMs), arrivedAtMs);
    }
  }

  /** Undefined while too little is known. */
  get ms(): number | undefined {
    const least = Math.min(this.#current, this.#previous);
    return Number.isFinite(least) ? least : undefined;
  }

  #agrees(offsetMs: number): boolean {
    const { ms } = this;
    if (ms === undefined) return false;
    return offsetMs - ms >= -disagreementMsMax && offsetMs - ms <= readAgeMsMax;
  }

  #turnWindow(arrivedAtMs: number): void {
    const sinceMs = arrivedAtMs - this.#windowStartMs;
    if (sinceMs >= 0 && sinceMs < windowMs) return;
    this.#previous = sinceMs >= 0 && sinceMs < 2 * windowMs ? this.#current : Number.POSITIVE_INFINITY;
    this.#current = Number.POSITIVE_INFINITY;
    this.#windowStartMs = arrivedAtMs;
  }

  #startAgain(offsetMs: number, arrivedAtMs: number): void {
    this.#unconfirmed = undefined;
    this.#previous = Number.POSITIVE_INFINITY;
    this.#current = offsetMs;
    this.#windowStartMs = arrivedAtMs;
  }
}

/** Which clock a stamp is from: the calendar, or the time since power-up of readers that have none. */
export type StampKind = "utc" | "uptime";

/**
 * Puts a reader's stamps on this machine's clock, for as long as one connection.
 *
 * Whatever a reader says, what comes out lies between {@link readAgeMsMax} before the arrival and the arrival itself. A stamp
 * that cannot be believed counts as the arrival: that is the one thing known of it.
 */
export class ReaderClock {
  readonly #offsets: Record<StampKind, ClockOffset> = { utc: new ClockOffset(), uptime: new ClockOffset() };
  /** Stamps so far that could not be believed. */
  unbelievable = 0;

  /** How far the reader's calendar is ahead of this machine's, in ms; undefined while too little is known of it. */
  get aheadMs(): number | undefined {
    const { ms } = this.#offsets.utc;
    return ms === undefined ? undefined : -ms;
  }

  /** Tells of the newest stamp in a message and of when the message came. */
  observe(kind: StampKind, stampMs: number, arrivedAtMs: number): void {
    this.#offsets[kind].observe(stampMs, arrivedAtMs);
  }

  /** Unix ms by this machine's clock. */
  ours(kind: StampKind, stampMs: number, arrivedAtMs: number): number {
    const offsetMs = this.#offsets[kind].ms;
    if (offsetMs === undefined) return arrivedAtMs;
    const heardAtMs = Math.round(stampMs + offsetMs);
    const ageMs = arrivedAtMs - heardAtMs;
    if (ageMs >= 0 && ageMs <= readAgeMsMax) return heardAtMs;
    if (ageMs < -disagreementMsMax || ageMs > readAgeMsMax) this.unbelievable += 1;
    return arrivedAtMs;
  }
}

/** A smaller difference is the way that messages take. */
const newsMs = 250;

/** Tells how a reader's clock stands when that is news, for as long as one connection. */
export const tellClockOffset = (host: DriverHost): ((clock: ReaderClock) => void) => {
  let toldMs = Number.NaN;
  return ({ aheadMs }) => {
    if (aheadMs === undefined || Math.abs(aheadMs - toldMs) < newsMs) return;
    toldMs = aheadMs;
    host.notice({ kind: "clock", offsetMs: aheadMs });
  };
};
