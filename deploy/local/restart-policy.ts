/** An end within this time of the one before belongs to the same trouble; a longer run means it was well again. */
const wellAfterMs = 60_000;
const quickRestartsMax = 5;
const delayMsFirst = 500;
const delayMsMax = 8_000;
const delayMsWorn = 30_000;

/** How many ends are worth remembering. */
export const rememberedEndsMax = quickRestartsMax + 1;

export interface Restart {
  readonly delayMs: number;
  /** True when it ended so often of late that something is wrong with it. */
  readonly worn: boolean;
}

/**
 * How long to wait before a restart: 0.5 s, then twice as long each time up to 8 s, and 30 s from the sixth end in a
 * row on. A row is broken by a minute without an end.
 *
 * @param endedAtMs when it ended, oldest first, the latest end included; a monotonic clock.
 */
export const planRestart = (endedAtMs: readonly number[]): Restart => {
  const wellAgainAt = endedAtMs.findLastIndex(
    (atMs, index) => atMs - (endedAtMs[index - 1] ?? Number.NEGATIVE_INFINITY) >= wellAfterMs,
  );
  const row = endedAtMs.length - Math.max(0, wellAgainAt);
  if (row > quickRestartsMax) return { delayMs: delayMsWorn, worn: true };
  return { delayMs: Math.min(delayMsMax, delayMsFirst * 2 ** Math.max(0, row - 1)), worn: false };
};
