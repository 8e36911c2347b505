export const retryDelayMsMin = 500;
export const retryDelayMsMax = 15_000;

/**
 * How long to wait before attempt number `attempt` (0 is the first retry), in ms.
 *
 * It doubles up to {@link retryDelayMsMax}; the upper half is random, so that screens which lost the same gateway do not
 * come back in the same instant. `random` is in [0, 1).
 */
export const retryDelayMs = (attempt: number, random: number): number => {
  const ceilingMs = Math.min(retryDelayMsMax, retryDelayMsMin * 2 ** Math.min(attempt, 16));
  return Math.round(ceilingMs / 2 + (ceilingMs / 2) * random);
};

/** The wait that a server asked for, spread upwards by up to a half for the same reason. */
export const spreadMs = (askedMs: number, random: number): number => Math.round(askedMs * (1 + random / 2));
