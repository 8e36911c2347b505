const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/**
 * How long to wait after the first, the second … failed attempt, in ms: the schedule that the Standard Webhooks specification
 * recommends. An event that fails once more after the last of them is given up.
 */
export const retryDelaysMs: readonly number[] = [
  ...[5 * secondMs, 5 * minuteMs, 30 * minuteMs],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * hourMs),
];

/** The share by which a delay may become longer or shorter, so that what failed together does not come back together. */
export const jitterShare = 0.1;

/**
 * How long to wait before the attempt after this many that failed; undefined when the schedule is at its end.
 *
 * @param dice from 0 up to 1.
 */
export const retryDelayMs = (
  delaysMs: readonly number[],
  failedAttempts: number,
  dice: number,
): number | undefined => {
  const delayMs = delaysMs[failedAttempts - 1];
  return delayMs === undefined ? undefined : Math.round(delayMs * (1 - jitterShare + 2 * jitterShare * dice));
};

/** How long a receiver may ask us to stay away with Retry-After, in ms. */
export const throttleMsMin = secondMs;
export const throttleMsMax = hourMs;

/**
 * How long Retry-After asks to wait, in ms and within bounds: seconds or a date (RFC 9110 §10.2.3). Null when it says nothing we can read.
 */
export const retryAfterMs = (text: string | undefined, nowMs: number): number | null => {
  if (text === undefined) return null;
  const waitMs = /^\d{1,9}$/.test(text.trim()) ? Number(text) * secondMs : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? null : Math.min(throttleMsMax, Math.max(throttleMsMin, waitMs));
};
