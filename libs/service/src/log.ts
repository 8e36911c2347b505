import { trace } from "@opentelemetry/api";
import pino, { type Logger } from "pino";

export type { Logger } from "pino";

/** JSON lines on stdout, each with the trace it belongs to. Errors go under `err`, the only key whose stack pino keeps. */
export const openLog = (service: string, level: string): Logger =>
  pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: [
      "authorization",
      "*.authorization",
      "headers.authorization",
      "headers.cookie",
      "*.password",
      "*.key",
      "*.token",
    ],
    mixin: () => {
      const span = trace.getActiveSpan()?.spanContext();
      return span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId };
    },
  });
