import { setTimeout } from "node:timers/promises";

/** One thing at a time, and so many a second at most. */
export type Pace = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/**
 * Takes the next turn, and says in how many ms it comes. Turns are `gapMs` apart.
 *
 * @throws whatever stands in the way of knowing whose turn it is
 */
export type TakeTurn = (gapMs: number) => Promise<number>;

/** Turns of this process alone. */
export const ownTurns = (): TakeTurn => {
  let nextMs = 0;
  return async (gapMs) => {
    const nowMs = performance.now();
    const turnMs = Math.max(nextMs, nowMs);
    nextMs = turnMs + gapMs;
    return turnMs - nowMs;
  };
};

/**
 * Somebody else's server is asked no faster than this by all who share the turns: the pulls of one process, which wait for each other besides,
 * and, where the turns are kept in a database, whoever else asks with the same account.
 */
export const createPace = (requestsPerSecond: number, takeTurn: TakeTurn = ownTurns()): Pace => {
  const gapMs = 1_000 / requestsPerSecond;
  let last: Promise<void> = Promise.resolve();
  return async (signal, work) => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    try {
      signal.throwIfAborted();
      const inMs = await takeTurn(gapMs);
      // As of the answer: whoever gave it may have been waited for, and said how long it is from then.
      const turnMs = performance.now() + inMs;
      // Timers may be early.
      for (let waitMs = turnMs - performance.now(); waitMs > 0; waitMs = turnMs - performance.now())
        await setTimeout(Math.ceil(waitMs), undefined, { signal });
      signal.throwIfAborted();
      return await work();
    } finally {
      resolve();
    }
  };
};
