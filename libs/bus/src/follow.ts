import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  type OrderedConsumerOptions,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { Fault } from "@tagwire/messages";
import type { Bus } from "./bus.ts";
import { isStreamMissing } from "./stream.ts";

export type Heard = {
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
  readonly traceparent: string | undefined;
  readonly pending: number;
};

export type From = { readonly sequence: number } | { readonly sinceMs: number } | "beginning" | "now";

/** A consumer that is only asked where it would begin is gone by itself after this, in ms, should deleting it fail. */
const askedConsumerMs = 5_000;

/** The sequence of the first message of a stream that is not older than so many ms: its end where none is. */
const sequenceSince = async (bus: Bus, stream: string, sinceMs: number): Promise<number> => {
  const { name, delivered } = await bus.manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(Date.now() - sinceMs).toISOString(),
    inactive_threshold: nanos(askedConsumerMs),
    mem_storage: true,
    num_replicas: 1,
  });
  await bus.manager.consumers.delete(stream, name);
  return delivered.stream_seq + 1;
};

/**
 * Where an ordered consumer begins: never at a time. When it heals itself, after the server was away, it asks for the sequence after the
 * last one read and keeps all else that it was made with; together with a time the server refuses that, and it would ask for ever.
 */
const startOf = async (bus: Bus, stream: string, from: From): Promise<Partial<OrderedConsumerOptions>> => {
  if (from === "beginning") return { deliver_policy: DeliverPolicy.All };
  if (from === "now") return { deliver_policy: DeliverPolicy.New };
  const sequence = "sequence" in from ? from.sequence : await sequenceSince(bus, stream, from.sinceMs);
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: sequence };
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
/** How often a follower looks whether the stream is still the one it reads, in ms. */
const lookIntervalMs = 1_000;

/**
 * Looks at a stream until it is no longer the one that was there, and then says why. Its reader would not notice: the consumer
 * heals itself at the sequence after the last one read, and waits there for however long the new numbers take to come that far.
 */
const watchStream = (
  bus: Bus,
  options: { stream: string; created: string; reached: () => number; lost: (why: string) => void },
): (() => void) => {
  const look = async () => {
    // Taken before the question: what is read while the answer is on its way may be newer than the answer.
    const reached = options.reached();
    try {
      const { created, state } = await bus.manager.streams.info(options.stream);
      if (created !== options.created) return "made anew";
      return state.last_seq < reached ? "gone back" : undefined;
    } catch (error) {
      // While the server is away nothing is known of the stream, and the consumer heals itself afterwards.
      return isStreamMissing(error) ? "gone" : undefined;
    }
  };
  let looking = false;
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    const why = await look();
    looking = false;
    if (why !== undefined) options.lost(why);
  }, lookIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
};

/**
 * Reads a stream in order, without acknowledgements: an ordered consumer that heals itself after reconnects.
 * A slow reader is natural back-pressure. Ends when stopped.
 *
 * @throws Fault `bus.stream_lost` from `messages` when the stream is gone, was made anew or went back: its numbers mean other
 * messages then, so whoever reads has to begin again from what it knows.
 */
export const follow = async (
  bus: Bus,
  options: { stream: string; subjects: readonly string[]; from: From },
): Promise<{ messages: AsyncIterable<Heard>; stop: () => Promise<void> }> => {
  const { created, state } = await bus.manager.streams.info(options.stream);
  const consumer = await bus.jetStream.consumers.get(options.stream, {
    filter_subjects: [...options.subjects],
    ...(await startOf(bus, options.stream, options.from)),
  });
  const source: ConsumerMessages = await consumer.consume({ max_messages: bufferedMessagesMax });
  let reached = state.last_seq;
  let lost: string | undefined;
  const close = async () => {
    unwatch();
    await source.close();
  };
  const unwatch = watchStream(bus, {
    stream: options.stream,
    created,
    reached: () => reached,
    lost: (why) => {
      lost ??= why;
      // Not waited for: messages that nobody reads at the moment never say that they have ended.
      void close();
    },
  });
  const read = async function* (): AsyncGenerator<Heard> {
    try {
      for await (const message of source) {
        reached = Math.max(reached, message.seq);
        yield heard(message);
      }
    } finally {
      unwatch();
    }
    if (lost !== undefined) throw new Fault("bus.stream_lost", `${options.stream} is ${lost}`);
  };
  return { messages: read(), stop: close };
};
