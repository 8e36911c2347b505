import type { FaultCode } from "@tagwire/messages";
import { sendProblem } from "../edge/answers.ts";
import type { Gateway } from "../edge/gateway.ts";
import { complaintOf } from "../edge/problem.ts";

/*
 * What the standard calls an error (EPCIS 2.0 §12, REST binding): the `type` of a problem. Our own `code` stands beside it, as everywhere.
 */

type Interface = "query" | "capture";

/** What is wrong with what was asked for, or with what was handed in. */
const mistakes: Readonly<Record<Interface, string>> = {
  query: "QueryParameterException",
  capture: "ValidationException",
};
const excesses: Readonly<Record<Interface, string>> = {
  query: "QueryTooLargeException",
  capture: "CaptureLimitExceededException",
};

const byCode: Partial<Record<FaultCode, (of: Interface) => string>> = {
  too_large: (of) => excesses[of],
  unauthenticated: () => "SecurityException",
  forbidden: () => "SecurityException",
  not_found: () => "NoSuchResourceException",
  site_unknown: () => "NoSuchResourceException",
};

/** The exception that a complaint is in the words of the standard. */
export const exceptionOf = (code: FaultCode, status: number, of: Interface): string => {
  const named = byCode[code]?.(of);
  if (named !== undefined) return named;
  return status >= 500 ? "ImplementationException" : mistakes[of];
};

/** An exception as the type of a problem. */
export const epcisType = (exception: string): string => `epcisException:${exception}`;

/** Answers every error of the routes beside it with the exception that it is. */
export const answerEpcisProblems = (app: Gateway): void => {
  app.setErrorHandler((error, request, reply) => {
    request.failure = error;
    const of = request.routeOptions.url?.includes("/epcis/capture") === true ? "capture" : "query";
    return sendProblem(request, reply, complaintOf(error, request.method), (code, status) =>
      epcisType(exceptionOf(code, status, of)),
    );
  });
};
