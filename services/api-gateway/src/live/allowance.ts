/** Requests that a client may make at once, for instance after it came back. */
export const requestsBurstMax = 300;
/** Requests that it may go on making each second. */
export const requestsPerSecondMax = 60;

/** A token bucket. `nowMs` is the clock. Gives whether one more is allowed. */
export const openAllowance = (nowMs: () => number): (() => boolean) => {
  let left = requestsBurstMax;
  let countedAtMs = nowMs();
  return () => {
    const now = nowMs();
    left = Math.min(requestsBurstMax, left + ((now - countedAtMs) / 1_000) * requestsPerSecondMax);
    countedAtMs = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
};
