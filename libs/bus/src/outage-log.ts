import type { Logger } from "pino";

/** Tells of something that is tried again every second for as long as something else is away. */
export type OutageLog = {
  readonly failed: (error: unknown) => void;
  readonly worked: () => void;
};

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/**
 * A line when an outage begins, one when it is over with how often it was tried, and none in between. What has a code is of the world, and is told
 * without a stack; what has none is our own mistake.
 */
export const openOutageLog = (
  log: Logger,
  told: { readonly failing: string; readonly over: string },
): OutageLog => {
  let tries = 0;
  return {
    failed: (error) => {
      tries += 1;
      if (tries > 1) return;
      const code = codeOf(error);
      if (code === undefined) log.warn({ err: error }, told.failing);
      else log.warn({ code, why: error instanceof Error ? error.message : "" }, told.failing);
    },
    worked: () => {
      if (tries > 0) log.info({ tries }, told.over);
      tries = 0;
    },
  };
};
