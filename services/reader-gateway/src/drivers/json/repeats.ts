import { hash } from "node:crypto";

/** What is remembered at least of events that came, so that one that comes once more is known. */
export const repeatLimits = { eventsMax: 10_000, rememberedMs: 15 * 60_000 } as const;

const digestLength = 12;

/**
 * Knows events again. Readers send what was not acknowledged once more, word for word, and each
 * event has its time in it, so two that are the same text are one event. What came longer ago than is remembered would count as new.
 *
 * Events are kept in two heaps, the older of which is thrown away whole when the newer one is full: taking the oldest out of one, one by one,
 * takes longer with each that was taken.
 */
export class Repeats {
  #newer = new Map<string, number>();
  #older = new Map<string, number>();

  /** By what a text is known. */
  keyOf(text: string): string {
    return hash("sha1", text, "base64").slice(0, digestLength);
  }

  /** Whether the same text came before. */
  isRepeat(key: string, nowMs: number): boolean {
    const heardAtMs = this.#newer.get(key) ?? this.#older.get(key);
    return heardAtMs !== undefined && nowMs - heardAtMs <= repeatLimits.rememberedMs;
  }

  /** The text was heard, to its end. */
  remember(key: string, nowMs: number): void {
    if (this.#newer.size >= repeatLimits.eventsMax) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, nowMs);
  }
}
