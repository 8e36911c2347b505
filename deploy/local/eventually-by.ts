import { setTimeout as wait } from "node:timers/promises";
import { Fault } from "@tagwire/messages";

const pollMs = 250;

/**
 * Looks again until something is so. Somebody who does not answer is asked again: what is waited for is often that.
 *
 * @throws Fault `unavailable` when it is not so within `msMax`; AbortError when it is told to stop
 */
export const eventuallyBy = async <T>(
  { what, msMax, signal }: { readonly what: string; readonly msMax: number; readonly signal: AbortSignal },
  look: () => Promise<T | undefined>,
): Promise<T> => {
  const until = performance.now() + msMax;
  for (let cause: unknown; ; ) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable) throw error;
      cause = error;
    }
    if (performance.now() > until)
      throw new Fault("unavailable", `${what}: not within ${msMax / 1_000} s`, { cause });
    await wait(pollMs, undefined, { signal });
  }
};
