import { headers, type Msg, NoRespondersError, RequestError, TimeoutError } from "@nats-io/transport-node";
import { metrics } from "@opentelemetry/api";
import {
  askSubject,
  Fault,
  type FaultMessage,
  faultCatalogue,
  faultMessage,
  isFaultCode,
  type Question,
  type Reply,
} from "@tagwire/messages";
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { type Bus, defaultRequestTimeoutMs } from "./bus.ts";
import { inSpan, SpanKind, traceparentOf } from "./trace.ts";

const isNoResponders = (error: unknown): boolean =>
  error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders());

/** What the trace and the server's own headers add to a message, in bytes. */
const headersBytesMax = 512;

/** A message over the server's limit would be refused here without anybody learning of it on the other side. */
const isTooLarge = (bus: Bus, payload: string): boolean =>
  Buffer.byteLength(payload) + headersBytesMax >
  (bus.connection.info?.max_payload ?? Number.POSITIVE_INFINITY);

/** Waits for something, but no longer than so many ms. */
const within = async (timeoutMs: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
};

const decode = <T>(message: Msg): T => {
  const reply = message.json<Reply<T>>();
  if ("ok" in reply) return reply.ok;
  const { code, detail } = reply.fault;
  throw new Fault(isFaultCode(code) ? code : "internal", detail);
};

/**
 * Asks on a subject and gives the answer.
 *
 * @throws Fault as the answerer said it; `unavailable` when nobody listens there; `outcome_unknown` when no answer came in time;
 * `too_large` when it does not fit into one message.
 */
export const request = async <T>(
  bus: Bus,
  subject: string,
  body: unknown,
  options: { timeoutMs?: number; template?: string } = {},
): Promise<T> =>
  inSpan(`request ${options.template ?? subject}`, { kind: SpanKind.CLIENT }, async (span) => {
    const carried = headers();
    carried.set("traceparent", traceparentOf(span));
    const payload = JSON.stringify(body);
    if (isTooLarge(bus, payload)) throw new Fault("too_large", options.template ?? subject);
    const message = await bus.connection
      .request(subject, payload, {
        timeout: options.timeoutMs ?? defaultRequestTimeoutMs,
        headers: carried,
      })
      .catch((cause: unknown) => {
        if (isNoResponders(cause)) throw new Fault("unavailable", options.template ?? subject, { cause });
        if (cause instanceof TimeoutError)
          throw new Fault("outcome_unknown", options.template ?? subject, { cause });
        throw new Fault("bus.unreachable", options.template ?? subject, { cause });
      });
    return decode<T>(message);
  });

/** Asks a declared question of whichever replica answers. */
export const ask = <Q extends TSchema, A extends TSchema>(
  bus: Bus,
  question: Question<Q, A>,
  body: Static<Q>,
  options: { timeoutMs?: number } = {},
): Promise<Static<A>> => request<Static<A>>(bus, askSubject(question), body, options);

/** Bounds of the histogram of answers, in s. */
const answerBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From this status on a fault is ours and not the asker's. */
const ourFaultStatusMin = 500;

/** `refused` is an answer that whoever asked did not want, `failed` none that they could use. */
const outcomeOf = (reply: Reply<unknown>): "ok" | "refused" | "failed" => {
  if ("ok" in reply) return "ok";
  const { code } = reply.fault;
  return isFaultCode(code) && faultCatalogue[code].status < ourFaultStatusMin ? "refused" : "failed";
};

/** Counts and times what is answered: from its arrival to the reply, whatever it waited for in between. */
const answerMeter = (question: string) => {
  const seconds = metrics.getMeter("tagwire").createHistogram("tagwire_answer_seconds", {
    unit: "s",
    description: "what was asked over the bus and answered, by question and outcome",
    advice: { explicitBucketBoundaries: answerBucketsSeconds },
  });
  return (reply: Reply<unknown>, startedAtMs: number) =>
    seconds.record((performance.now() - startedAtMs) / 1_000, { question, outcome: outcomeOf(reply) });
};

export type Subscription = { readonly stop: () => Promise<void> };

/** What is said of an error: a fault as it is, the world's failing by its name, and of our own mistakes nothing but that. */
const refusalOf = (bus: Bus, subject: string, error: unknown): FaultMessage => {
  if (error instanceof SyntaxError) return { code: "malformed", detail: "not JSON" };
  const fault = error instanceof Fault ? error : bus.faultOf(error);
  if (fault === undefined) bus.log.error({ err: error, subject }, "request failed");
  else if (fault !== error) bus.log.warn({ err: error, subject, code: fault.code }, "request not served");
  return faultMessage(fault ?? error);
};

/**
 * Answers requests on a subject until stopped: parses, calls, replies; every error becomes a fault reply.
 * `queue` shares the subject between replicas; `template` is what metrics call it where the subject names one of many. Requests are taken concurrently; the handler keeps its own order.
 * Stopping waits for the answers under way, for as long as anybody waits for them.
 */
export const answerOn = (
  bus: Bus,
  options: { subject: string; queue?: string; template?: string },
  handle: (body: unknown, message: Msg) => Promise<unknown>,
): Subscription => {
  const answered = answerMeter(options.template ?? options.subject);
  const reply = async (message: Msg) => {
    const startedAtMs = performance.now();
    const answer = await Promise.resolve()
      .then(() => handle(message.json(), message))
      .then(
        (ok): Reply<unknown> => ({ ok }),
        (error: unknown): Reply<unknown> => ({ fault: refusalOf(bus, message.subject, error) }),
      );
    const payload = JSON.stringify(answer);
    const tooLarge: Reply<unknown> = { fault: { code: "too_large", detail: "the answer; ask for less" } };
    const isOver = isTooLarge(bus, payload);
    message.respond(isOver ? JSON.stringify(tooLarge) : payload);
    answered(isOver ? tooLarge : answer, startedAtMs);
  };
  const replying = new Set<Promise<void>>();
  const subscription = bus.connection.subscribe(options.subject, {
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    callback: (error, message) => {
      if (error !== null)
        return bus.log.error({ err: error, subject: options.subject }, "subscription refused");
      const one = reply(message)
        .catch((err: unknown) => bus.log.error({ err }, "reply not sent"))
        .finally(() => replying.delete(one));
      replying.add(one);
    },
  });
  return {
    stop: async () => {
      await subscription.drain();
      await within(defaultRequestTimeoutMs, Promise.all(replying));
    },
  };
};

/** Answers a declared question; the body is checked against its schema before the handler sees it. */
export const answer = <Q extends TSchema, A extends TSchema>(
  bus: Bus,
  question: Question<Q, A>,
  handle: (body: Static<Q>) => Promise<Static<A>>,
): Subscription => {
  const check = Compile(question.question);
  return answerOn(
    bus,
    { subject: askSubject(question), queue: question.service, template: question.name },
    async (body) => {
      if (!check.Check(body)) throw new Fault("malformed", askSubject(question));
      return handle(body as Static<Q>);
    },
  );
};
