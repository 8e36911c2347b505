import type { Logger } from "pino";

export type Backoff = {
  readonly firstMs: number;
  readonly maxMs: number;
  /** After running this long, the next failure starts from the first delay again. */
  readonly resetAfterMs: number;
};

export const defaultBackoff: Backoff = { firstMs: 250, maxMs: 30_000, resetAfterMs: 10_000 };

export type SuperviseOptions = {
  readonly name: string;
  /** Works until `signal` aborts (then resolves) or something fails (then rejects). */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly failed?: (error: unknown, retryInMs: number) => void;
  readonly backoff?: Backoff;
  readonly log: Logger;
};

/** Full jitter: anywhere between half of the delay and the delay, so that many that failed together do not return together. */
const jittered = (delayMs: number): number => delayMs * (0.5 + Math.random() / 2);

/**
 * Runs something for as long as it is wanted: when it fails it is started again after a growing, jittered pause.
 * `stop` aborts the signal and waits until it has ended.
 */
export const supervise = (options: SuperviseOptions): { readonly stop: () => Promise<void> } => {
  const backoff = options.backoff ?? defaultBackoff;
  const control = new AbortController();
  const { signal } = control;

  const pause = (delayMs: number) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, delayMs);
      signal.addEventListener("abort", end, { once: true });
    });

  const loop = async () => {
    let delayMs = backoff.firstMs;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const error = await options.run(signal).then(
        () => undefined,
        (err: unknown) => err ?? new Error("failed without a reason"),
      );
      if (signal.aborted) return;
      if (performance.now() - startedAt > backoff.resetAfterMs) delayMs = backoff.firstMs;
      const retryInMs = jittered(delayMs);
      if (error !== undefined) {
        options.log.warn(
          { err: error, name: options.name, retryInMs: Math.round(retryInMs) },
          "failed, will start again",
        );
        options.failed?.(error, retryInMs);
      }
      await pause(retryInMs);
      delayMs = Math.min(delayMs * 2, backoff.maxMs);
    }
  };

  const running = loop();
  return {
    stop: async () => {
      control.abort();
      await running;
    },
  };
};
