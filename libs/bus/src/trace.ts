import {
  type Attributes,
  type Context,
  context,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";

/*
 * W3C Trace Context (https://www.w3.org/TR/trace-context/) as text: `00-<32 hex trace>-<16 hex span>-<2 hex flags>`.
 * It rides in NATS headers, in the stored event and in observations, so a scan can be followed from antenna to screen.
 */

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

const spanContextOf = (traceparent: string) => {
  const match = pattern.exec(traceparent);
  const [, traceId, spanId, flags] = match ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
};

/** The context of a span as text. */
export const traceparentOf = (span: Span): string => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, "0")}`;
};

/** The trace id within a traceparent; empty when there is none to read. */
export const traceIdOf = (traceparent: string): string => pattern.exec(traceparent)?.[1] ?? "";

export const isSampled = (traceparent: string): boolean =>
  ((spanContextOf(traceparent)?.traceFlags ?? 0) & TraceFlags.SAMPLED) !== 0;

export type SpanOptions = {
  readonly kind?: SpanKind;
  /** The one cause, when there is one. */
  readonly parent?: string | undefined;
  /** The many causes of a batch: links instead of a pretended parent. At most {@link linksMax} are kept. */
  readonly links?: readonly string[];
  readonly attributes?: Attributes;
};

export const linksMax = 128;

const parentContext = (parent: string | undefined): Context => {
  if (parent === undefined) return context.active();
  const remote = spanContextOf(parent);
  return remote === undefined ? context.active() : trace.setSpanContext(context.active(), remote);
};

/** Starts a span. Without a parent it belongs to the active one; a span with links but no parent is its own root. */
export const startSpan = (name: string, options: SpanOptions = {}): Span => {
  const links: Link[] = [];
  for (const text of (options.links ?? []).slice(0, linksMax)) {
    const linked = spanContextOf(text);
    if (linked !== undefined) links.push({ context: linked });
  }
  const root = options.parent === undefined && links.length > 0;
  return trace.getTracer("tagwire").startSpan(
    name,
    {
      kind: options.kind ?? SpanKind.INTERNAL,
      links,
      root,
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
    },
    parentContext(options.parent),
  );
};

/** Runs `work` inside a span and ends it, with the error when it throws. */
export const inSpan = async <T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> => {
  const span = startSpan(name, options);
  try {
    return await context.with(trace.setSpan(context.active(), span), () => work(span));
  } catch (error) {
    span.recordException(error instanceof Error ? error : new Error(String(error)));
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
};

export { SpanKind } from "@opentelemetry/api";
