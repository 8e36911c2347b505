import { createHash } from "node:crypto";

/** What is remembered of events that came, so that one that comes once more is known. */
export const repeatLimits = { eventsMax: 10_000, rememberedMs: 15 * 60_000 } as const;

const digestBytes = 12;

/**
 * Knows events again. Readers send what was not acknowledged once more, word for word, and each
 * event has its time in it, so two that are the same text are one event. What came longer ago than is remembered would count as new.
 */
export class Repeats {
  readonly #heardAtMs = new Map<string, number>();

  /** Whether the same text came before; from now on it has. */
  isRepeat(text: string, nowMs: number): boolean {
    const digest = createHash("sha1").update(text).digest("base64").slice(0, digestBytes);
    this.#forget(nowMs);
    if (this.#heardAtMs.has(digest)) return true;
    this.#heardAtMs.set(digest, nowMs);
    return false;
  }

  #forget(nowMs: number): void {
    for (const [digest, heardAtMs] of this.#heardAtMs) {
      const isOld = nowMs - heardAtMs > repeatLimits.rememberedMs;
      if (!isOld && this.#heardAtMs.size < repeatLimits.eventsMax) return;
      this.#heardAtMs.delete(digest);
    }
  }
}
