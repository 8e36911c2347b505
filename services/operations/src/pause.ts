import { setTimeout as wait } from "node:timers/promises";

/** Waits so many ms; ends early when it is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => {});
