import type { Socket } from "node:net";
import { faultCatalogue } from "@tagwire/messages";
import { isWaitedFor } from "./patience.ts";
import { type Complaint, problemMediaType, problemOf } from "./problem.ts";
import { newTraceId } from "./request-trace.ts";

const complaints: Readonly<Record<string, Complaint & { readonly reason: string }>> = {
  HPE_HEADER_OVERFLOW: {
    code: "malformed",
    status: 431,
    reason: "Request Header Fields Too Large",
    detail: "The headers are too large.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    code: "request_timeout",
    reason: "Request Timeout",
    detail: faultCatalogue.request_timeout.advice,
  },
};

const notHttp = { code: "malformed", reason: "Bad Request", detail: "This is not HTTP." } as const;

/** What cannot be read as HTTP, or does not arrive, has no request to answer; the connection says why and ends. */
export const answerBrokenHttp = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  // It is told once; from then on the import itself sees to it that its sender does not fall silent.
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && isWaitedFor(socket)) return;
  const { reason, ...complaint } = complaints[error.code ?? ""] ?? notHttp;
  const problem = problemOf(complaint, { instance: "", traceId: newTraceId() });
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${reason}\r\ncontent-type: ${problemMediaType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
};
