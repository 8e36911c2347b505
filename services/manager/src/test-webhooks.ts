import { openBus } from "@tagwire/bus";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog } from "@tagwire/testing";
import { expect } from "vitest";
import { answerWebhooks } from "./answers/webhooks.ts";
import { deliverWebhooks } from "./delivering/deliveries.ts";
import { type Pace, realPace } from "./delivering/pace.ts";
import { readNetworks } from "./drivers/receiver-address.ts";
import { leadNotices } from "./noticing/lead.ts";
import { noticesMigrations, noticesSchema } from "./store/notices-migrations.ts";
import type { Floor } from "./test-floor.ts";
import type { SampleLog } from "./test-log.ts";
import type { Receiver } from "./test-receiver.ts";

export type SampleDeliveries = {
  readonly sql: Sql;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Days in a blink: what fails is tried again at once, eight times. */
export const quickPace: Pace = {
  ...realPace,
  retryDelaysMs: Array.from({ length: 8 }, () => 20),
  napMsMax: 100,
};

/** The part of the manager that delivers webhooks, and answers for them, on real servers. */
export const sampleDeliveries = async (
  floor: Pick<Floor, "databaseUrl" | "natsUrl">,
  pace: Partial<Pace> = {},
): Promise<SampleDeliveries> => {
  await using stack = new AsyncDisposableStack();
  const log = quietLog();
  await migrate(floor.databaseUrl, noticesSchema, noticesMigrations);
  const store = await openStore({ url: floor.databaseUrl, schema: noticesSchema, name: "notices", log });
  stack.defer(() => store.close());
  const bus = await openBus({ url: floor.natsUrl, name: "manager", log });
  stack.defer(() => bus.close());
  const { sql } = store;
  const receiver = { networks: readNetworks("127.0.0.1/32") };
  const meters = { attempted: () => {}, canary: () => {}, disabled: () => {} };
  const work = deliverWebhooks({ bus, sql, receiver, meters, pace: { ...quickPace, ...pace }, log });
  const leading = await leadNotices({ sql, works: [work], log });
  stack.defer(() => leading.stop());
  const answers = answerWebhooks({ bus, sql, receiver });
  stack.defer(() => answers.stop());
  // Known to the server, so that whoever asks next finds it.
  await bus.connection.flush();
  const opened = stack.move();
  return { sql, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};

/** Whether every event of the log behind a position was taken at least once. */
export const hasAll = (receiver: Receiver, log: SampleLog, after = 0): boolean => {
  const taken = new Set(receiver.taken().map(({ message }) => message.data.pos));
  return log.events.slice(after).every(({ pos }) => taken.has(pos));
};

/** The first time each event was taken, by key: each key's events in the order of the log, and none left out. */
export const expectInOrder = (receiver: Receiver, log: SampleLog, after = 0): void => {
  const keyOf = ({ tag, type }: { tag?: string; type: string }) => tag ?? type;
  const came = new Map<string, number[]>();
  for (const { message } of receiver.taken()) {
    const key = keyOf(message.data);
    const known = came.get(key) ?? [];
    if (!known.includes(message.data.pos)) came.set(key, [...known, message.data.pos]);
  }
  const wanted = Map.groupBy(log.events.slice(after), keyOf);
  expect(came).toEqual(new Map([...wanted].map(([key, events]) => [key, events.map(({ pos }) => pos)])));
};
