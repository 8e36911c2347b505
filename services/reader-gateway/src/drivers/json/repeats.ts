import { hash } from "node:crypto";

/** What is remembered at least of events that came, so that one that comes once more is known. */
export const repeatLimits = { eventsMax: 10_000, rememberedMs: 15 * 60_000 } as const;

/** Of the digest of a text, so many characters. */
export const repeatKeyLength = 12;

/** Keys that nobody was told of yet, the oldest first; `upTo` counts all that there ever were, with these. */
export type UntoldKeys = { readonly upTo: number; readonly keys: readonly string[] };

/** A key that somebody else was told of before, and how long ago. */
export type KnownKey = { readonly key: string; readonly ageMs: number };

/**
 * Knows events again. Readers send what was not acknowledged once more, word for word, and each
 * event has its time in it, so two that are the same text are one event. What came longer ago than is remembered would count as new.
 *
 * Events are kept in two heaps, the older of which is thrown away whole when the newer one is full: taking the oldest out of one, one by one,
 * takes longer with each that was taken. Those that are to be kept beyond this process are told to whoever keeps them, in order.
 */
export class Repeats {
  #newer = new Map<string, number>();
  #older = new Map<string, number>();
  #untold: string[] = [];
  #upTo = 0;

  /** By what a text is known. */
  keyOf(text: string): string {
    return hash("sha1", text, "base64").slice(0, repeatKeyLength);
  }

  /** Whether the same text came before. */
  isRepeat(key: string, nowMs: number): boolean {
    const heardAtMs = this.#newer.get(key) ?? this.#older.get(key);
    return heardAtMs !== undefined && nowMs - heardAtMs <= repeatLimits.rememberedMs;
  }

  /** The text was heard, to its end. `isToBeTold` when it may come again after this process is gone. */
  remember(key: string, nowMs: number, { isToBeTold = false } = {}): void {
    if (isToBeTold) {
      this.#untold.push(key);
      this.#upTo += 1;
      // Nobody takes them for long: of more than are remembered nothing need be told.
      if (this.#untold.length > 2 * repeatLimits.eventsMax) this.#untold.splice(0, repeatLimits.eventsMax);
    }
    if (this.#newer.size >= repeatLimits.eventsMax) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, nowMs);
  }

  /** What is to be told and was not; undefined when there is nothing. */
  untold(): UntoldKeys | undefined {
    return this.#untold.length === 0 ? undefined : { upTo: this.#upTo, keys: [...this.#untold] };
  }

  /** All of them up to this one were told. */
  told(upTo: number): void {
    const left = Math.min(this.#untold.length, this.#upTo - upTo);
    this.#untold.splice(0, this.#untold.length - left);
  }

  /** Remembers what others heard before, the oldest first. */
  learn(known: readonly KnownKey[], nowMs: number): void {
    for (const { key, ageMs } of known) this.remember(key, nowMs - ageMs);
  }
}
