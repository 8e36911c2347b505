import { type FaultCode, faultCatalogue } from "@tagwire/messages";
import type { FastifyReply, FastifyRequest } from "fastify";
import { allowedMethods, type RouteTable } from "./allowed-methods.ts";
import type { Gateway } from "./gateway.ts";
import { type Complaint, complaintOf, problemMediaType, problemOf, retryAfterSeconds } from "./problem.ts";
import { newTraceId, traceIdOfRequest } from "./request-trace.ts";

const waits: readonly number[] = [429, 503, 504];
/** What RFC 9110 §15.5.2 wants with every 401. A browser does not ask for a bearer token, so no dialog opens. */
const challenge = 'Bearer realm="tagwire"';

/** Answers with a problem: the one way in which this gateway says no. Where a standard has names of its own for errors, they are its type. */
export const sendProblem = (
  request: FastifyRequest,
  reply: FastifyReply,
  complaint: Complaint,
  typeOf?: (code: FaultCode, status: number) => string,
): FastifyReply => {
  const instance = request.url.split("?", 1)[0] ?? "";
  const said = problemOf(complaint, { instance, traceId: traceIdOfRequest(request) || newTraceId() });
  const problem = typeOf === undefined ? said : { ...said, type: typeOf(complaint.code, said.status) };
  if (waits.includes(problem.status))
    reply.header("retry-after", String(complaint.retryAfterSeconds ?? retryAfterSeconds));
  if (problem.status === 401) reply.header("www-authenticate", challenge);
  // A body that is refused while it still arrives is heard out and thrown away, within the time a request may take: who is sending
  // sees a connection that closes under its hands as a broken pipe, and never reads the answer.
  if (!request.raw.complete) reply.removeHeader("connection");
  // A refused upgrade ends its connection; nobody should think that it may be used again.
  if (request.ws) reply.header("connection", "close");
  return reply
    .status(problem.status)
    .headers(complaint.headers ?? {})
    .serializer((body: unknown) => JSON.stringify(body))
    .type(problemMediaType)
    .send(problem);
};

/** Makes every error a problem: faults, bad input, unknown addresses and methods, and our own mistakes. */
export const answerProblems = (app: Gateway): void => {
  app.setErrorHandler((error, request, reply) => {
    request.failure = error;
    return sendProblem(request, reply, complaintOf(error, request.method));
  });
};

/** Nothing is at this address, or not for this method. */
export const sendNotFound = (
  request: FastifyRequest,
  reply: FastifyReply,
  routes: RouteTable,
): FastifyReply => {
  const path = request.url.split("?", 1)[0] ?? "";
  const methods = allowedMethods(routes, path);
  const isWrongMethod = methods.length > 0 && !methods.includes(request.method);
  if (!isWrongMethod)
    return sendProblem(request, reply, { code: "not_found", detail: faultCatalogue.not_found.advice });
  return sendProblem(request, reply, {
    code: "method_not_allowed",
    detail: `This address takes ${methods.join(", ")}.`,
    headers: { allow: methods.join(", ") },
  });
};
