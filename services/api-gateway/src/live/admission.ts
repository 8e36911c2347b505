import { Fault } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { FastifyRequest } from "fastify";
import type { Credentials } from "../edge/credentials.ts";
import { Refusal } from "../edge/problem.ts";

/** Live connections of both kinds at once. */
export const connectionsMax = 2_500;
/** How often the credential of an open connection is looked at again, in ms. */
export const recheckIntervalMs = 60_000;
const fullRetryAfterSeconds = 5;

export type Admission = {
  /** @throws Refusal `overloaded` when too many are connected. */
  readonly check: () => void;
  /** Counts a connection; gives the way to count it off. */
  readonly enter: () => () => void;
};

/** Counts the connections of one gateway. */
export const openAdmission = (max = connectionsMax): Admission => {
  let open = 0;
  return {
    check: () => {
      if (open >= max)
        throw new Refusal({
          code: "overloaded",
          detail: `At most ${max} live connections are served here.`,
          retryAfterSeconds: fullRetryAfterSeconds,
        });
    },
    enter: () => {
      let left = false;
      open += 1;
      return () => {
        if (!left) open -= 1;
        left = true;
      };
    },
  };
};

/**
 * Looks now and then whether the credential a connection was opened with still holds; `end` is called once when it does not. A
 * store that does not answer proves nothing. Gives the way to stop.
 */
export const watchCredential = (
  { credentials, log }: { credentials: Credentials; log: Logger },
  request: FastifyRequest,
  end: () => void,
): (() => void) => {
  const timer = setInterval(() => {
    credentials.identify(request).catch((error: unknown) => {
      if (!(error instanceof Fault) || error.code !== "unauthenticated")
        return log.warn({ err: error }, "credential not checked");
      clearInterval(timer);
      end();
    });
  }, recheckIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
};
