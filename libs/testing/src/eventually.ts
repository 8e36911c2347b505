const pollIntervalMs = 20;
const giveUpAfterMs = 120_000;

/** Thrown by a look when waiting on is useless. */
export class GiveUp extends Error {}

/**
 * Waits until `look` gives something other than undefined or false, and gives that. The bound is generous: it only decides how
 * long a broken thing takes to fail, never whether a slow machine passes.
 */
export const eventually = async <T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = giveUpAfterMs,
): Promise<T> => {
  const until = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < until) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = undefined;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
  throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: last });
};
