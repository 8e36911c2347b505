import type { Logger } from "pino";

/** The same failure again is told the 2nd, 4th, 8th … time, and from then on each time that so many were: with the longest pauses every 25 minutes. */
const repeatsUntoldMax = 64;

const isTold = (times: number): boolean => (times & (times - 1)) === 0 || times % repeatsUntoldMax === 0;

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export type FailureLog = {
  readonly failed: (error: unknown, retryInMs: number) => void;
  /** It worked meanwhile: the next failure is news, whatever it is. */
  readonly worked: () => void;
};

/**
 * Tells of what is tried again and again: a failure in full when it is another one than before, and the same one again in a line of its
 * own without the stack, ever more rarely. A reader whose plug is pulled over a weekend would fill the disk with one stack otherwise.
 */
export const openFailureLog = (log: Logger, name: string): FailureLog => {
  let before: string | undefined;
  let times = 0;
  return {
    failed: (error, retryMs) => {
      const retryInMs = Math.round(retryMs);
      const [code, why] = [codeOf(error), messageOf(error)];
      const said = `${code}: ${why}`;
      times = said === before ? times + 1 : 1;
      before = said;
      if (times === 1) log.warn({ err: error, name, retryInMs }, "failed, will start again");
      else if (isTold(times))
        log.warn({ code, why, times, name, retryInMs }, "failed again, will start again");
      else log.debug({ code, why, times, name, retryInMs }, "failed again, will start again");
    },
    worked: () => {
      before = undefined;
      times = 0;
    },
  };
};
