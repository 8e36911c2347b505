import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { inSpan, SpanKind, traceIdOf, traceparentOf } from "@tagwire/bus";
import { type Logger, meter } from "@tagwire/service";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Gateway } from "./gateway.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** W3C trace context of this request, for whatever it causes. */
    traceparent: string;
    trace: RequestTrace | undefined;
    /** What went wrong, for the one line in the log. */
    failure: unknown;
  }
}

type RequestTrace = {
  /** Runs something inside the request's span. */
  readonly enter: (work: () => void) => void;
  /** Ends the span; `failure` says that the fault was ours. */
  readonly end: (failure: Error | undefined) => void;
  readonly startedAtMs: number;
};

export const traceIdOfRequest = (request: FastifyRequest): string => traceIdOf(request.traceparent);

/** For what ends before it is a request with a span: whoever asks about it still has something to name it by. */
export const newTraceId = (): string => randomBytes(16).toString("hex");

/** `/api/v1/sites/:site/readers/:id(…)::start` as people write it: `/api/v1/sites/{site}/readers/{id}:start`. */
export const routeOf = (request: FastifyRequest): string =>
  (request.routeOptions.url ?? "")
    .replaceAll("::", "\u0000")
    .replaceAll(/:(\w+)(\([^)]*\))?/g, "{$1}")
    .replaceAll("\u0000", ":") || "unmatched";

const begin = (request: FastifyRequest, proceed: () => void): void => {
  const name =
    request.routeOptions.url === undefined ? request.method : `${request.method} ${routeOf(request)}`;
  const ended = Promise.withResolvers<void>();
  const given = request.headers.traceparent;
  const options = {
    kind: SpanKind.SERVER,
    parent: typeof given === "string" ? given : undefined,
    attributes: { "http.request.method": request.method, "http.route": routeOf(request) },
  };
  void inSpan(name, options, async (span) => {
    request.traceparent = traceparentOf(span);
    const inside = AsyncLocalStorage.snapshot();
    request.trace = {
      enter: (work) => inside(work),
      end: (failure) => (failure === undefined ? ended.resolve() : ended.reject(failure)),
      startedAtMs: performance.now(),
    };
    proceed();
    await ended.promise;
  }).catch(() => {
    // The failure was told to the span; the answer to the client is made elsewhere.
  });
};

/** Bounds of the duration histogram, in seconds. */
const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One server span, one measurement and, when it failed by our fault, one log line for each request. */
export const traceRequests = (app: Gateway, log: Logger): void => {
  const duration = meter().createHistogram("tagwire_http_request_seconds", {
    unit: "s",
    description: "requests, by method, route and status",
    advice: { explicitBucketBoundaries: durationBucketsSeconds },
  });
  app.decorateRequest("traceparent", "");
  app.decorateRequest("trace", undefined);
  app.decorateRequest("failure", undefined);
  app.addHook("onRequest", (request, _reply, done) => begin(request, done));
  // Body chunks arrive in the socket's own context: this leads back into the request's.
  app.addHook("preValidation", (request, _reply, done) =>
    request.trace === undefined ? done() : request.trace.enter(done),
  );
  app.addHook("onResponse", async (request, reply) => finish(request, reply));

  const finish = (request: FastifyRequest, reply: FastifyReply): void => {
    if (request.trace === undefined) return;
    const elapsedMs = performance.now() - request.trace.startedAtMs;
    const facts = { method: request.method, route: routeOf(request), status: reply.statusCode };
    duration.record(elapsedMs / 1_000, facts);
    const failed = reply.statusCode >= 500;
    const line = { ...facts, elapsedMs: Math.round(elapsedMs), traceId: traceIdOfRequest(request) };
    if (failed) log.warn({ ...line, err: request.failure }, "request failed");
    else log.debug(line, "request");
    request.trace.end(failed ? new Error(`answered ${reply.statusCode}`) : undefined);
  };
};

/** For answers that last for hours: their span covers the opening, and their duration would tell nothing. */
export const endTraceEarly = (request: FastifyRequest): void => {
  request.trace?.end(undefined);
  request.trace = undefined;
};
