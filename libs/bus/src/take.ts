import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import type { Subscription } from "./ask.ts";
import type { Bus } from "./bus.ts";
import { openOutageLog } from "./outage-log.ts";

export type TakeOptions = {
  readonly stream: string;
  readonly subject: string;
  /** The consumer's name. It remembers what was taken, whoever takes on. */
  readonly name: string;
};

const limits = {
  /** Messages that may be under way at once: those that are handled, and as many that wait for them. */
  unacknowledgedMax: 200,
  /** Whoever took messages and fell silent has lost them after this, in ms. */
  ackWaitMs: 30_000,
  /** A consumer that nobody asks is forgotten after this, in ms. */
  forgottenMs: 24 * 3_600_000,
  /** Pauses after a failure, in ms. */
  retryMs: 1_000,
} as const;

const consumerOf = async ({ manager, jetStream }: Bus, options: TakeOptions): Promise<Consumer> => {
  await manager.consumers.add(options.stream, {
    durable_name: options.name,
    filter_subject: options.subject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(limits.ackWaitMs),
    max_ack_pending: limits.unacknowledgedMax,
    inactive_threshold: nanos(limits.forgottenMs),
  });
  return jetStream.consumers.get(options.stream, options.name);
};

/**
 * Takes messages of a stream in their order, many at once when many wait: `handle` gets what has come and says how many of the first it is
 * done with, which are acknowledged. The others, and all of them when it rejects, come again after a second, so it must know again what it
 * has done. Goes on by itself when the server, the stream or the consumer was away.
 */
export const take = (
  bus: Bus,
  options: TakeOptions,
  handle: (messages: readonly JsMsg[]) => Promise<number>,
): Subscription => {
  let isStopped = false;
  let wake = Promise.withResolvers<void>();
  let end: (() => Promise<unknown>) | undefined;
  const { promise: stopped, resolve: stopNow } = Promise.withResolvers<void>();
  const pause = (): Promise<unknown> =>
    Promise.race([new Promise((resolve) => setTimeout(resolve, limits.retryMs).unref()), stopped]);

  const log = bus.log.child({ consumer: options.name });
  const handling = openOutageLog(log, {
    failing: "messages not taken yet",
    over: "messages are taken again",
  });
  const consuming = openOutageLog(log, {
    failing: "a consumer is begun again",
    over: "the consumer is back",
  });

  const handleAll = async (messages: readonly JsMsg[]): Promise<void> => {
    const done = await handle(messages).then(
      (count) => {
        handling.worked();
        return count;
      },
      (error: unknown) => {
        handling.failed(error);
        return 0;
      },
    );
    for (const message of messages.slice(0, done)) message.ack();
    for (const message of messages.slice(done)) message.nak(limits.retryMs);
  };
  const takeOn = async (): Promise<void> => {
    const waiting: JsMsg[] = [];
    const consumer = await consumerOf(bus, options);
    consuming.worked();
    if (isStopped) return;
    const source = await consumer.consume({
      max_messages: limits.unacknowledgedMax,
      abort_on_missing_resource: true,
      callback: (message) => {
        waiting.push(message);
        wake.resolve();
      },
    });
    end = () => source.close();
    let isEnded = false;
    const ended = source.closed().then(() => {
      isEnded = true;
    });
    while (!isStopped && !isEnded) {
      await Promise.race([wake.promise, ended, stopped]);
      wake = Promise.withResolvers();
      const messages = waiting.splice(0);
      if (messages.length > 0 && !isStopped) await handleAll(messages);
    }
    await source.close();
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      await takeOn().catch((error: unknown) => {
        if (!isStopped) consuming.failed(error);
      });
      if (!isStopped) await pause();
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      stopNow();
      await end?.().catch(() => {});
      await running;
    },
  };
};

/** Forgets what a consumer had taken, and what waits for it. Either may be gone already. */
export const forgetTaken = async (bus: Bus, { stream, name, subject }: TakeOptions): Promise<void> => {
  await bus.manager.consumers.delete(stream, name).catch(() => {});
  await bus.manager.streams.purge(stream, { filter: subject }).catch(() => {});
};
