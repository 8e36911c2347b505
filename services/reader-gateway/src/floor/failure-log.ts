import { Fault } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";

/** A reader that is away is tried twice a minute for as long as it is: the same reason is logged again this seldom, in ms. */
export const sameFailureEveryMs = 3_600_000;

export type FailureLog = {
  /** A connection failed and is tried again after so many ms. */
  readonly failed: (error: unknown, retryInMs: number) => void;
};

/**
 * Logs why the connections of one reader fail: a reason when it is news, and the same one once an hour with how often it was met since. A fault
 * is what readers do, so it is a line without a stack; a mistake in a driver is ours, and has one.
 */
export const createFailureLog = (log: Logger, nowMs: () => number = () => performance.now()): FailureLog => {
  let loggedReason: string | undefined;
  let loggedAtMs = 0;
  let unlogged = 0;

  return {
    failed: (error, retryInMs) => {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      if (reason === loggedReason && nowMs() - loggedAtMs < sameFailureEveryMs) {
        unlogged += 1;
        return;
      }
      const said = {
        retryInMs: Math.round(retryInMs),
        ...(reason === loggedReason ? { timesSince: unlogged + 1 } : {}),
      };
      loggedReason = reason;
      loggedAtMs = nowMs();
      unlogged = 0;
      if (error instanceof Fault)
        log.warn({ code: error.code, reason: error.message, ...said }, "the reader is tried again");
      else log.error({ err: error, ...said }, "the driver failed and is tried again");
    },
  };
};
