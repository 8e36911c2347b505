import { setTimeout as wait } from "node:timers/promises";
import { planRestart, rememberedEndsMax } from "./restart-policy.ts";

/** A process that runs and is ready. */
export interface Running {
  readonly pid: number;
  /** Resolves when it ends for whatever reason; `null` when a signal ended it. */
  readonly exited: Promise<number | null>;
  readonly stop: () => Promise<void>;
}

export interface Supervised<T extends Running> {
  readonly name: string;
  /** `undefined` between an end and the next start. */
  readonly current: () => T | undefined;
  /** Stops it for good. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

/** How long after the end of a process we may hear that everything is to stop, in ms. */
const stopHeardWithinMs = 100;

export interface Supervision<T extends Running> {
  readonly name: string;
  /** Starts it and resolves once it is ready. Called again after each end. */
  readonly start: () => Promise<T>;
  readonly say: (text: string) => void;
  /** Called after each end and each start. */
  readonly onChange: () => void;
}

const howItEnded = (code: number | null): string =>
  code === null ? "was ended by a signal" : `ended (code ${code})`;

/**
 * Starts a process and, from then on, starts it again whenever it ends by itself, after a growing wait.
 *
 * Throws what the first start throws: a system that never ran is not to be restarted.
 */
export const supervise = async <T extends Running>(options: Supervision<T>): Promise<Supervised<T>> => {
  const { name, say, onChange } = options;
  const halt = new AbortController();
  const endedAtMs: number[] = [];
  let running: T | undefined = await options.start();
  onChange();

  const startAgain = async (reason: string): Promise<T | undefined> => {
    endedAtMs.push(performance.now());
    endedAtMs.splice(0, endedAtMs.length - rememberedEndsMax);
    const { delayMs, worn } = planRestart(endedAtMs);
    const seconds = `${delayMs / 1000} s`;
    // A signal to a whole group of processes may reach this one before us: whoever stops everything is not to be alarmed.
    await wait(stopHeardWithinMs, undefined, { signal: halt.signal }).catch(() => undefined);
    if (halt.signal.aborted) return undefined;
    say(
      worn
        ? `✗ ${name} ${reason} again; tried every ${seconds}`
        : `✗ ${name} ${reason}; starts again in ${seconds}`,
    );
    await wait(delayMs, undefined, { signal: halt.signal }).catch(() => undefined);
    if (halt.signal.aborted) return undefined;
    try {
      return await options.start();
    } catch (error) {
      if (halt.signal.aborted) return undefined;
      return startAgain(
        `did not start (${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)})`,
      );
    }
  };

  const watch = async (): Promise<void> => {
    while (running !== undefined) {
      const code = await running.exited;
      if (halt.signal.aborted) return;
      running = undefined;
      onChange();
      running = await startAgain(howItEnded(code));
      if (running === undefined) return;
      say(`✓ ${name} runs again`);
      onChange();
    }
  };
  const watching = watch();

  return {
    name,
    current: () => running,
    stop: async () => {
      halt.abort();
      await running?.stop();
      await watching;
      // A start that was under way while we were stopping has given us one more.
      await running?.stop();
    },
  };
};
