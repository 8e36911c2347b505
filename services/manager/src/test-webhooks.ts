import { openBus } from "@tagwire/bus";
import type { LoggedEvent } from "@tagwire/messages";
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

/** That each event was taken, and no two that are in order with one another the wrong way round the first time. */
export const expectInOrder = (receiver: Receiver, log: SampleLog, after = 0): void => {
  const taken = [...new Set(receiver.taken().map(({ message }) => message.data.pos))].filter(
    (pos) => pos > after,
  );
  const wanted = log.events.slice(after);
  expect(taken.toSorted((one, other) => one - other)).toEqual(wanted.map(({ pos }) => pos));
  const cameAt = new Map(taken.map((pos, at) => [pos, at]));
  const placeOf = ({ pos }: LoggedEvent) => cameAt.get(pos) ?? -1;
  // One of each pair that matters is of a key, so it is enough to compare events with those of each key that they have or belong to.
  const ofKey = Map.groupBy(wanted, orderKeyOf);
  const overtaken = wanted.flatMap((event) =>
    orderKeysOf(event)
      .flatMap((key) => ofKey.get(key) ?? [])
      .filter((other) => event.pos < other.pos !== placeOf(event) < placeOf(other) && event !== other)
      .map((other) => [event.pos, other.pos]),
  );
  expect(overtaken).toEqual([]);
};

/* Told apart by hand, from what is promised: an item's events, a contract's own and a session's own are in order, and the last two with
 * whatever names the contract or the session. */
const orderKeysOf = ({ type, tag, contract, session }: LoggedEvent): string[] => {
  const named = [
    ...(tag === undefined ? [] : [`tag ${tag}`]),
    ...(contract === undefined ? [] : [`contract ${contract}`]),
    ...(session === undefined ? [] : [`session ${session}`]),
  ];
  return named.length === 0 ? [`type ${type}`] : named;
};
const orderKeyOf = (event: LoggedEvent): string => {
  const [first = "", second] = orderKeysOf(event);
  const isOfSession = event.tag === undefined && event.type.startsWith("session.");
  return isOfSession && event.contract !== undefined && second !== undefined ? second : first;
};
