/** How long an estimate counts, in ms: long enough to meet a quick message, short enough to follow drift. */
const windowMs = 30_000;

/**
 * How far our clock is ahead of one of the reader's.
 *
 * A stamp is always older than its arrival, by the way plus however long the reader waited. So the smallest difference
 * seen lately is the best estimate, and one late message cannot spoil it.
 */
class ClockOffset {
  #windowStartMs = 0;
  #current = Number.POSITIVE_INFINITY;
  #previous = Number.POSITIVE_INFINITY;

  observe(stampMs: number, arrivedAtMs: number): void {
    const sinceMs = arrivedAtMs - this.#windowStartMs;
    if (sinceMs >= windowMs || sinceMs < 0) {
      this.#previous = sinceMs < 2 * windowMs && sinceMs >= 0 ? this.#current : Number.POSITIVE_INFINITY;
      this.#current = Number.POSITIVE_INFINITY;
      this.#windowStartMs = arrivedAtMs;
    }
    this.#current = Math.min(this.#current, arrivedAtMs - stampMs);
  }

  get ms(): number {
    return Math.min(this.#current, this.#previous);
  }
}

/** Which clock a stamp is from: the calendar, or the time since power-up of readers that have none. */
export type StampKind = "utc" | "uptime";

/** Puts a reader's stamps on this machine's clock, for as long as one connection. */
export class ReaderClock {
  readonly #offsets: Record<StampKind, ClockOffset> = { utc: new ClockOffset(), uptime: new ClockOffset() };

  /** Tells of the newest stamp in a message and of when the message came. */
  observe(kind: StampKind, stampMs: number, arrivedAtMs: number): void {
    this.#offsets[kind].observe(stampMs, arrivedAtMs);
  }

  /** Unix ms by this machine's clock, never later than the arrival. */
  ours(kind: StampKind, stampMs: number, arrivedAtMs: number): number {
    return Math.min(arrivedAtMs, Math.round(stampMs + this.#offsets[kind].ms));
  }
}
