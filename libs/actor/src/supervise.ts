import type { Logger } from "pino";
import { openFailureLog } from "./failure-log.ts";

export type Backoff = {
  readonly firstMs: number;
  readonly maxMs: number;
  /** After an attempt that worked this long, the next failure starts from the first delay again. */
  readonly resetAfterMs: number;
};

export const defaultBackoff: Backoff = { firstMs: 250, maxMs: 30_000, resetAfterMs: 10_000 };

export type SuperviseOptions = {
  readonly name: string;
  /**
   * Works until `signal` aborts (then resolves) or something fails (then rejects). Each attempt has a signal of its own,
   * which aborts at the latest when the attempt has ended: what it left behind ends too, and nobody listens for ever.
   */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly failed?: (error: unknown, retryInMs: number) => void;
  readonly backoff?: Backoff;
  /** How long the attempt that has just ended worked, in ms. By default as long as it ran, setting up included. */
  readonly workedMs?: () => number;
  /** False when `failed` says in the log what failed, in its own words; else each failure is logged here with its stack. */
  readonly isLogged?: boolean;
  readonly log: Logger;
};

/** Equal jitter: anywhere between half of the delay and the delay, so that many that failed together do not return together. */
const jittered = (delayMs: number): number => delayMs * (0.5 + Math.random() / 2);

/**
 * Runs something for as long as it is wanted: when it fails it is started again after a growing, jittered pause.
 * `stop` aborts the signal and waits until it has ended.
 */
export const supervise = (options: SuperviseOptions): { readonly stop: () => Promise<void> } => {
  const backoff = options.backoff ?? defaultBackoff;
  const failures = openFailureLog(options.log, options.name);
  let attempt = new AbortController();
  let endPause: () => void = () => {};
  let stopped = false;

  const pause = (delayMs: number) =>
    new Promise<void>((resolve) => {
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(resolve, delayMs);
    });

  const loop = async () => {
    let delayMs = backoff.firstMs;
    while (!stopped) {
      attempt = new AbortController();
      const startedAtMs = performance.now();
      const error = await options.run(attempt.signal).then(
        () => undefined,
        (err: unknown) => err ?? new Error("failed without a reason"),
      );
      attempt.abort();
      if (stopped) return;
      const workedMs = options.workedMs?.() ?? performance.now() - startedAtMs;
      if (workedMs > backoff.resetAfterMs) {
        delayMs = backoff.firstMs;
        failures.worked();
      }
      const retryInMs = jittered(delayMs);
      if (error !== undefined) {
        if (options.isLogged !== false) failures.failed(error, retryInMs);
        options.failed?.(error, retryInMs);
      }
      await pause(retryInMs);
      delayMs = Math.min(delayMs * 2, backoff.maxMs);
    }
  };

  const running = loop();
  return {
    stop: async () => {
      stopped = true;
      attempt.abort();
      endPause();
      await running;
    },
  };
};
