import { setTimeout } from "node:timers/promises";

/** One thing at a time, and so many a second at most. */
export type Pace = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/**
 * Somebody else's server is asked no faster than this by all pulls of one process together. Another process, such as a one-shot or a second replica
 * with another site to pull, keeps a pace of its own, and the server hears both.
 */
export const createPace = (requestsPerSecond: number): Pace => {
  const gapMs = 1_000 / requestsPerSecond;
  let last: Promise<void> = Promise.resolve();
  let nextMs = 0;
  const gapLeft = (): number => nextMs - performance.now();
  return async (signal, work) => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    try {
      // Timers may be early.
      for (let waitMs = gapLeft(); waitMs > 0; waitMs = gapLeft())
        await setTimeout(Math.ceil(waitMs), undefined, { signal });
      signal.throwIfAborted();
      nextMs = performance.now() + gapMs;
      return await work();
    } finally {
      resolve();
    }
  };
};
