import { headers, type MsgHdrs } from "@nats-io/transport-node";
import type { Bus } from "./bus.ts";

/** One message for a stream. `id` is its identity: the server drops repeats within the stream's window. */
export type Outgoing = {
  readonly subject: string;
  readonly id: string;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** Atomic batches cost two round trips whatever their size: below this, pipelined single messages arrive sooner. */
export const batchFrom = 24;
/** The server's bound is 1,000 messages a batch; half of it keeps a slow server within its 10 s idle limit. */
export const batchMax = 500;
const publishTimeoutMs = 5_000;

// nats.js writes its own entries into the headers it is given, so every message gets fresh ones.
const headersOf = (message: Outgoing, withId: boolean): MsgHdrs => {
  const made = headers();
  for (const [name, value] of Object.entries(message.headers)) made.set(name, value);
  if (withId) made.set("Nats-Msg-Id", message.id);
  return made;
};

const publishOne = (bus: Bus, message: Outgoing): Promise<unknown> =>
  bus.jetStream.publish(message.subject, message.payload, {
    msgID: message.id,
    headers: headersOf(message, false),
    timeout: publishTimeoutMs,
  });

const publishSingles = async (bus: Bus, messages: readonly Outgoing[]): Promise<void> => {
  const settled = await Promise.allSettled(messages.map((message) => publishOne(bus, message)));
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
};

const publishAtomically = async (bus: Bus, messages: readonly Outgoing[]): Promise<void> => {
  const [first, ...rest] = messages;
  const last = rest.pop();
  if (first === undefined || last === undefined) return publishSingles(bus, messages);
  const batch = await bus.jetStream.startBatch(first.subject, first.payload, {
    headers: headersOf(first, true),
    timeout: publishTimeoutMs,
  });
  for (const message of rest)
    batch.add(message.subject, message.payload, { headers: headersOf(message, true), ack: false });
  await batch.commit(last.subject, last.payload, {
    headers: headersOf(last, true),
    timeout: publishTimeoutMs,
  });
};

/**
 * Publishes messages in their order and resolves when the stream holds them all.
 *
 * A batch that contains an already stored id is refused as a whole, so a repeat after a crash falls back to single
 * messages, where the server answers "duplicate" one by one. At least once: on an error anything may have been stored.
 */
export const publishInOrder = async (bus: Bus, messages: readonly Outgoing[]): Promise<void> => {
  for (let start = 0; start < messages.length; start += batchMax) {
    const slice = messages.slice(start, start + batchMax);
    if (slice.length < batchFrom) {
      await publishSingles(bus, slice);
      continue;
    }
    await publishAtomically(bus, slice).catch((err: unknown) => {
      bus.log.debug({ err, messages: slice.length }, "atomic batch refused, publishing one by one");
      return publishSingles(bus, slice);
    });
  }
};
