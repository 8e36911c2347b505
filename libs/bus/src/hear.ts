import {
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  type OrderedConsumerOptions,
} from "@nats-io/jetstream";
import { headers, type Msg } from "@nats-io/transport-node";
import type { Subscription } from "./ask.ts";
import type { Bus } from "./bus.ts";

/** Says something to whoever listens now: core NATS, at most once. */
export const say = (bus: Bus, subject: string, body: unknown, traceparent?: string): void => {
  if (traceparent === undefined) return bus.connection.publish(subject, JSON.stringify(body));
  const carried = headers();
  carried.set("traceparent", traceparent);
  bus.connection.publish(subject, JSON.stringify(body), { headers: carried });
};

/** Hears what is said on a core subject. The listener is called in order and must not throw or wait. */
export const hear = (bus: Bus, subject: string, listen: (message: Msg) => void): Subscription => {
  const subscription = bus.connection.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null) return bus.log.error({ err: error, subject }, "subscription refused");
      try {
        listen(message);
      } catch (err) {
        bus.log.error({ err, subject: message.subject }, "could not read what was said");
      }
    },
  });
  return { stop: () => subscription.drain() };
};

export type Heard = {
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
  readonly traceparent: string | undefined;
  readonly pending: number;
};

export type From = { readonly sequence: number } | { readonly sinceMs: number } | "beginning" | "now";

const startOf = (from: From): Partial<OrderedConsumerOptions> => {
  if (from === "beginning") return { deliver_policy: DeliverPolicy.All };
  if (from === "now") return { deliver_policy: DeliverPolicy.New };
  if ("sequence" in from)
    return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.sequence };
  return {
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(Date.now() - from.sinceMs).toISOString(),
  };
};

const heard = (message: JsMsg): Heard => ({
  subject: message.subject,
  sequence: message.seq,
  data: message.data,
  traceparent: message.headers?.get("traceparent") || undefined,
  pending: message.info.pending,
});

/** At most this many messages are buffered in memory ahead of the reader. */
const bufferedMessagesMax = 2_000;

/**
 * Reads a stream in order, without acknowledgements: an ordered consumer that heals itself after reconnects.
 * A slow reader is natural back-pressure. Ends when stopped, or throws when the stream is gone.
 */
export const follow = async (
  bus: Bus,
  options: { stream: string; subjects: readonly string[]; from: From },
): Promise<{ messages: AsyncIterable<Heard>; stop: () => Promise<void> }> => {
  const consumer = await bus.jetStream.consumers.get(options.stream, {
    filter_subjects: [...options.subjects],
    ...startOf(options.from),
  });
  const source: ConsumerMessages = await consumer.consume({ max_messages: bufferedMessagesMax });
  const read = async function* (): AsyncGenerator<Heard> {
    for await (const message of source) yield heard(message);
  };
  return {
    messages: read(),
    stop: async () => {
      await source.close();
    },
  };
};
