import { ask } from "@tagwire/bus";
import {
  AskCreateWebhook,
  AskDeleteWebhook,
  AskEnableWebhook,
  AskPatchWebhook,
  AskReplayWebhook,
  AskRotateWebhook,
  AskTestWebhook,
  AskWebhook,
  AskWebhookDeliveries,
  AskWebhooks,
  Webhook,
  WebhookDelivery,
  type WebhookDeliveryState,
} from "@tagwire/messages";
import { eventually, testDatabase, testNats } from "@tagwire/testing";
import { Webhook as Verifier } from "standardwebhooks";
import Type from "typebox";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { waitingRowsMax } from "../store/webhooks.ts";
import { type Floor, openFloor } from "../test-floor.ts";
import { busyDays, type SampleLog, sampleLog } from "../test-log.ts";
import { openReceiver, type Receiver } from "../test-receiver.ts";
import { expectInOrder, hasAll, sampleDeliveries } from "../test-webhooks.ts";
import { concurrentMax } from "./endpoint.ts";
import { pageEventsMax } from "./read-more.ts";

type Place = { readonly floor: Floor; readonly log: SampleLog; readonly receiver: Receiver };

const openPlace = async (events = 0): Promise<Place & AsyncDisposable> => {
  const log = busyDays(sampleLog({ site: "north" }), events);
  // Something has to have happened for the site to have a log.
  if (events === 0) log.happen({ kind: "novelty" });
  const stack = new AsyncDisposableStack();
  const receiver = stack.use(await openReceiver());
  const floor = stack.use(await openFloor({ database: await testDatabase(), nats: await testNats() }, log));
  return { floor, log, receiver, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

const create = async ({ floor, receiver }: Place, more: { types?: string[] } = {}) => {
  const { webhook } = await ask(floor.bus, AskCreateWebhook, {
    webhook: { site: "north", url: receiver.url, ...more },
  });
  return webhook;
};
const look = async ({ floor }: Place, id: string): Promise<Webhook> =>
  (await ask(floor.bus, AskWebhook, { id })).webhook;
const deliveries = async ({ floor }: Place, id: string, state?: WebhookDeliveryState) =>
  (
    await ask(floor.bus, AskWebhookDeliveries, {
      ...{ id, limit: 200, cursor: null },
      ...(state === undefined ? {} : { state }),
    })
  ).deliveries;
const isCanary = ({ type }: { readonly type: string }) => type === "webhook.canary";
/** What is of the log in the ledger. */
const ledger = async (place: Place, id: string, state?: WebhookDeliveryState) =>
  (await deliveries(place, id, state)).filter((delivery) => !isCanary(delivery));
const canaries = async (place: Place, id: string) => (await deliveries(place, id)).filter(isCanary);
/** The canary of a new endpoint is in its ledger before anything that happens from now on. */
const isProven = (place: Place, id: string) =>
  eventually("the canary has arrived", async () => (await look(place, id)).provenAt ?? false);

const happens = ({ floor, log }: Place, count: number): void => {
  busyDays(log, count);
  floor.operations.sayHeads();
};
const arrives = (place: Place, after = 0) =>
  eventually("everything is delivered", () => hasAll(place.receiver, place.log, after));
const settles = (place: Place, id: string) =>
  eventually("nothing waits", async () => {
    const { waiting, position } = await look(place, id);
    return waiting.deliveries === 0 && position === `${place.log.epoch}:${place.log.events.length}`;
  });

test("what happens from now on is delivered, signed, in order; a replay brings what was before", async () => {
  await using place = await openPlace(40);
  await using _deliveries = await sampleDeliveries(place.floor);
  const { secret, ...webhook } = await create(place);
  expect(Value.Errors(Webhook, webhook)).toEqual([]);
  expect(webhook).toMatchObject({ state: "enabled", position: "1:40", types: null, lastAttempt: null });
  await isProven(place, webhook.id);
  happens(place, 60);
  await arrives(place, 40);
  await settles(place, webhook.id);
  expectInOrder(place.receiver, place.log, 40);
  const verifier = new Verifier(secret);
  for (const { text, headers } of place.receiver.posted) verifier.verify(text, headers);
  const [first] = place.receiver.taken();
  expect(first?.message.data.data).toEqual(place.log.events[(first?.message.data.pos ?? 0) - 1]?.data);

  const sent = await look(place, webhook.id);
  expect(sent).toMatchObject({
    counts: { attempts: 61, delivered: 61, failed: 0, expired: 0, skipped: 0 },
    waiting: { deliveries: 0, keys: 0, full: false },
    lastAttempt: { ok: true, status: 200, error: null },
  });
  const pages: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: { deliveries: { position: string; state: string; attempts: number }[]; next: string | null } =
      await ask(place.floor.bus, AskWebhookDeliveries, { id: webhook.id, limit: 25, cursor });
    pages.push(...page.deliveries.map(({ position }) => position));
    expect(page.deliveries.every(({ state, attempts }) => state === "delivered" && attempts === 1)).toBe(
      true,
    );
    cursor = page.next;
    if (cursor === null) break;
  }
  expect(pages).toEqual([...Array.from({ length: 60 }, (_, index) => `1:${100 - index}`), "0:1"]);

  const ids = new Map(
    place.receiver.taken().map(({ message, headers }) => [message.data.pos, headers["webhook-id"]]),
  );
  await ask(place.floor.bus, AskReplayWebhook, { id: webhook.id, replay: { from: "0:0" } });
  await arrives(place);
  await settles(place, webhook.id);
  const again = place.receiver.taken().slice(60);
  expect(again).toHaveLength(100);
  for (const { message, headers } of again)
    expect(ids.get(message.data.pos) ?? headers["webhook-id"]).toBe(headers["webhook-id"]);
  expect(new Set(place.receiver.taken().map(({ headers }) => headers["webhook-id"])).size).toBe(100);
});

test("through a receiver that fails, and whoever delivers being stopped and started, nothing is lost and order stays", async () => {
  await using place = await openPlace();
  let posts = 0;
  place.receiver.behave(() => {
    posts += 1;
    if (posts % 11 === 0) return "silence";
    return posts % 3 === 0 ? 500 : 200;
  });
  const pace = { answerTimeoutMs: 250, retryDelaysMs: Array.from({ length: 200 }, () => 10) };
  let deliveries = await sampleDeliveries(place.floor, pace);
  const webhook = await create(place);
  for (let life = 1; life <= 4; life += 1) {
    happens(place, 120);
    const seen = place.receiver.posted.length;
    await eventually("it is under way", () => place.receiver.posted.length > seen + 30);
    await deliveries[Symbol.asyncDispose]();
    deliveries = await sampleDeliveries(place.floor, pace);
  }
  place.floor.operations.sayHeads();
  await arrives(place, 1);
  await settles(place, webhook.id);
  expectInOrder(place.receiver, place.log, 1);
  // Every event but the one from before, and the canary.
  expect((await look(place, webhook.id)).counts).toMatchObject({
    ...{ delivered: place.log.events.length - 1 + 1, failed: 0 },
  });
  await deliveries[Symbol.asyncDispose]();
}, 120_000);

test("nothing of a thing is told under its new tag before what it went through under the old one", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor, {
    retryDelaysMs: Array.from({ length: 1_000 }, () => 50),
  });
  const webhook = await create(place);
  await isProven(place, webhook.id);
  let isBroken = true;
  place.receiver.behave(({ data }) => (isBroken && data.tag === "old" ? 500 : 200));
  const { log, floor } = place;
  log.write("item.sighted.v1", "old", { set: {} });
  log.write("item.retagged.v1", "old", { set: { status: "retired", replacedBy: "new" } });
  log.write("item.created.v1", "new", { item: { tag: "new", replaces: "old" } });
  log.write("item.sighted.v1", "new", { set: {} });
  log.write("item.sighted.v1", "another", { set: {} });
  floor.operations.sayHeads();
  const taken = () =>
    place.receiver.taken().flatMap(({ message }) => (isCanary(message) ? [] : [message.data.tag]));
  await eventually("the others are told", () => taken().includes("another"));
  isBroken = false;
  await arrives(place, 1);
  expect(taken()).toEqual(["another", "old", "old", "new", "new"]);
});

test("an event that fails keeps back those of its own item and no others", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor, {
    retryDelaysMs: Array.from({ length: 1_000 }, () => 50),
    answerTimeoutMs: 200,
  });
  const webhook = await create(place);
  let isBroken = true;
  place.receiver.behave(({ data }) => {
    if (!isBroken) return 200;
    if (data.tag === "TAG-0") return 500;
    return data.tag === "TAG-19" ? "silence" : 200;
  });
  happens(place, 300);
  const isStuck = ({ tag }: { tag?: string }) => tag === "TAG-0" || tag === "TAG-19";
  const stuck = place.log.events.filter(isStuck);
  expect(new Set(stuck.map(({ tag }) => tag)).size).toBe(2);
  await eventually("all others are delivered", () => {
    const taken = new Set(place.receiver.taken().map(({ message }) => message.data.pos));
    return place.log.events.slice(1).every((event) => isStuck(event) || taken.has(event.pos));
  });
  await eventually("the ledger says why", async () => {
    const pending = await ledger(place, webhook.id, "pending");
    const errors = new Set(pending.map(({ lastError }) => lastError));
    return pending.length === stuck.length && errors.has("no answer in time") && errors.has("answered 500");
  });
  expect(await look(place, webhook.id)).toMatchObject({
    waiting: { deliveries: stuck.length, keys: 2, full: false },
  });
  await eventually(
    "the endpoint shows it",
    async () => (await look(place, webhook.id)).failingSince !== null,
  );
  isBroken = false;
  await arrives(place, 1);
  expectInOrder(place.receiver, place.log, 1);
  await eventually("it does well again", async () => (await look(place, webhook.id)).failingSince === null);
});

test("a receiver that is away costs a bounded number of rows, and afterwards gets everything in order", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor, {
    retryDelaysMs: Array.from({ length: 100_000 }, () => 300),
  });
  const webhook = await create(place);
  place.receiver.behave(() => 500);
  happens(place, 2_000);
  const full = await eventually("it waits as a whole", async () => {
    const seen = await look(place, webhook.id);
    return seen.waiting.full && seen;
  });
  expect(full.waiting.deliveries).toBeLessThan(waitingRowsMax + pageEventsMax);
  place.receiver.behave(() => 200);
  await eventually("everything is delivered", () => hasAll(place.receiver, place.log, 1), 120_000);
  expectInOrder(place.receiver, place.log, 1);
}, 150_000);

test("410 ends an endpoint at once; enabled again it goes on where it stopped", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor);
  const webhook = await create(place);
  await isProven(place, webhook.id);
  place.receiver.behave(() => 410);
  happens(place, 30);
  const ended = await eventually("it is disabled", async () => {
    const seen = await look(place, webhook.id);
    return seen.state === "disabled" && seen;
  });
  expect(ended).toMatchObject({ disabledReason: "gone", lastAttempt: { ok: false, status: 410 } });
  expect(place.receiver.taken()).toEqual([]);
  place.receiver.behave(() => 200);
  const { webhook: enabled } = await ask(place.floor.bus, AskEnableWebhook, { id: webhook.id, enable: {} });
  expect(enabled).toMatchObject({ state: "enabled", disabledReason: null });
  await arrives(place, 1);
  expectInOrder(place.receiver, place.log, 1);
});

test.each(["retry", "skip"] as const)(
  "an event that is given up ends its endpoint; people say: %s",
  async (failed) => {
    await using place = await openPlace();
    await using _deliveries = await sampleDeliveries(place.floor, { retryDelaysMs: [10, 10] });
    const webhook = await create(place);
    place.receiver.behave(({ type }) => (type.startsWith("item.polished") ? 400 : 200));
    place.log.happen({ kind: "novelty" });
    place.floor.operations.sayHeads();
    await eventually(
      "it is disabled",
      async () => (await look(place, webhook.id)).disabledReason === "exhausted",
    );
    expect(await ledger(place, webhook.id)).toMatchObject([
      { position: "1:2", state: "failed", attempts: 3, lastStatus: 400, nextAttemptAt: null },
    ]);
    place.receiver.behave(() => 200);
    place.log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
    await ask(place.floor.bus, AskEnableWebhook, { id: webhook.id, enable: { failed } });
    await settles(place, webhook.id);
    const taken = place.receiver.taken().map(({ message }) => message.data.pos);
    expect(taken.toSorted()).toEqual(failed === "retry" ? [2, 3] : [3]);
    const [newest, oldest] = await ledger(place, webhook.id);
    expect([newest?.state, oldest?.state]).toEqual([
      "delivered",
      failed === "retry" ? "delivered" : "skipped",
    ]);
    expect((await look(place, webhook.id)).counts.skipped).toBe(failed === "skip" ? 1 : 0);
  },
);

test("a receiver that asks for time gets it, the whole endpoint along", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor);
  const webhook = await create(place);
  await isProven(place, webhook.id);
  let isBusy = true;
  place.receiver.behave(() => {
    if (!isBusy) return 200;
    return { status: 429, headers: { "retry-after": "2" } };
  });
  happens(place, 40);
  const throttled = await eventually("it is throttled", async () => {
    const seen = await look(place, webhook.id);
    return seen.throttledUntil !== null && seen;
  });
  expect(throttled.lastAttempt).toMatchObject({ status: 429 });
  isBusy = false;
  await arrives(place, 1);
  const busy = place.receiver.posted.filter(({ status }) => status === 429);
  const [firstBusy] = busy;
  const [firstTaken] = place.receiver.taken();
  // No more than were on their way when the first one was told to wait, and nothing before the time was over.
  expect(busy.length).toBeLessThanOrEqual(concurrentMax);
  expect((firstTaken?.atMs ?? 0) - (firstBusy?.atMs ?? 0)).toBeGreaterThan(1_900);
  expectInOrder(place.receiver, place.log, 1);
});

test("a new secret signs at once, the old one along until its day is over", async () => {
  await using place = await openPlace();
  await using deliveries = await sampleDeliveries(place.floor);
  const { id, secret: old } = await create(place);
  const { webhook: rotated } = await ask(place.floor.bus, AskRotateWebhook, { id });
  expect(rotated.secret).not.toBe(old);
  expect(rotated.oldSecretsUntil).toHaveLength(1);
  const hours = (Date.parse(rotated.oldSecretsUntil[0] ?? "") - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23.9);
  expect(hours).toBeLessThan(24.1);
  const verifies = (secret: string, { text, headers }: Receiver["posted"][number]): boolean => {
    try {
      new Verifier(secret).verify(text, headers);
      return true;
    } catch {
      return false;
    }
  };
  const nextTaken = async () => {
    const { length } = place.receiver.taken();
    happens(place, 1);
    return eventually("another one is delivered", () => place.receiver.taken()[length]);
  };
  const both = await nextTaken();
  expect([verifies(rotated.secret, both), verifies(old, both)]).toEqual([true, true]);
  // A day later.
  await deliveries.sql`
    update webhook set old_secrets = (select jsonb_agg(jsonb_set(one, '{until}', to_jsonb(clock_timestamp() - interval '1 s')))
      from jsonb_array_elements(old_secrets) as one)`;
  const later = await nextTaken();
  expect([verifies(rotated.secret, later), verifies(old, later)]).toEqual([true, false]);
  for (let turn = 1; turn <= 4; turn += 1) await ask(place.floor.bus, AskRotateWebhook, { id });
  await expect(ask(place.floor.bus, AskRotateWebhook, { id })).rejects.toMatchObject({
    code: "webhook_secrets_full",
  });
});

test("one delivery is replayed as it is, and only that one", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor);
  const { id } = await create(place);
  happens(place, 12);
  await arrives(place, 1);
  await settles(place, id);
  const before = place.receiver.taken();
  const wanted = before[4];
  const delivery = wanted?.headers["webhook-id"] ?? "";
  await ask(place.floor.bus, AskReplayWebhook, { id, replay: { delivery } });
  const repeat = await eventually("it comes again", () => place.receiver.taken()[before.length]);
  expect(repeat.text).toBe(wanted?.text);
  expect(repeat.headers["webhook-id"]).toBe(delivery);
  await settles(place, id);
  expect(place.receiver.taken()).toHaveLength(before.length + 1);
  const rows = await ledger(place, id);
  expect(rows.find((row) => row.id === delivery)).toMatchObject({ state: "delivered", attempts: 2 });
});

test("while a replay goes on, what waited stays behind what is sent again", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor, {
    retryDelaysMs: Array.from({ length: 1_000 }, () => 20),
  });
  const { id } = await create(place);
  happens(place, 100);
  await arrives(place, 1);
  place.receiver.behave(() => 500);
  happens(place, 50);
  await eventually("they wait", async () => (await look(place, id)).waiting.deliveries === 50);
  const { length } = place.receiver.posted;
  await ask(place.floor.bus, AskReplayWebhook, { id, replay: { from: "1:0" } });
  place.receiver.behave(() => 200);
  await settles(place, id);
  const byKey = Map.groupBy(
    place.receiver.posted.slice(length).filter(({ status }) => status === 200),
    ({ message }) => message.data.tag ?? message.type,
  );
  // At most the few that were on their way at that moment may have come before.
  const late = [...byKey.values()].flatMap((posts) => {
    const order = posts.map(({ message }) => message.data.pos);
    const first = order.indexOf(Math.min(...order));
    return order.slice(first).filter((pos, index, rest) => index > 0 && pos < (rest[index - 1] ?? 0));
  });
  expect(late).toEqual([]);
  expect(hasAll(place.receiver, place.log)).toBe(true);
});

test("a contract's own events and a session's come after what was before on them, and before what follows, whatever fails", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor);
  const webhook = await create(place);
  const { log, receiver } = place;
  // Every third one is refused the first time, so that whatever may overtake it does.
  const seen = new Map<number, number>();
  receiver.behave(({ data: { pos } }) => {
    seen.set(pos, (seen.get(pos) ?? 0) + 1);
    return pos % 3 === 0 && seen.get(pos) === 1 ? 500 : 200;
  });
  for (let round = 0; round < 12; round += 1) {
    const [contract, session] = [`C-${round % 3}`, `S-${round}`];
    log.write("contract.opened.v1", undefined, {}, { contract });
    log.write("session.begun.v1", undefined, {}, { contract, session });
    for (let item = 0; item < 6; item += 1)
      log.write(
        "item.rented.v1",
        `TAG-${(round * 5 + item) % 20}`,
        {},
        { contract, session, scanId: `${round}-${item}` },
      );
    log.write("session.closed.v1", undefined, {}, { session });
    log.write("contract.closed.v1", undefined, {}, { contract });
  }
  place.floor.operations.sayHeads();
  await arrives(place, 1);
  await settles(place, webhook.id);
  expectInOrder(receiver, log, 1);
});

test("an endpoint hears what it wants; what waits and is not wanted any more is skipped", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor, {
    retryDelaysMs: Array.from({ length: 1_000 }, () => 50),
  });
  const { id } = await create(place, { types: ["item.created.v1", "scan.*"] });
  await isProven(place, id);
  place.receiver.behave(() => 500);
  happens(place, 200);
  const wanted = place.log.events.slice(1).filter(({ type }) => /^item\.created\.v1$|^scan\./.test(type));
  const scans = wanted.filter(({ type }) => type.startsWith("scan."));
  expect(wanted.length).toBeGreaterThan(scans.length);
  expect(scans.length).toBeGreaterThan(0);
  await eventually("they wait", async () => {
    const { waiting, position } = await look(place, id);
    return position === `1:${place.log.events.length}` && waiting.deliveries === wanted.length;
  });
  await ask(place.floor.bus, AskPatchWebhook, { id, patch: { types: ["item.*"], description: "mine" } });
  await eventually("they are skipped", async () => (await look(place, id)).counts.skipped === scans.length);
  place.receiver.behave(() => 200);
  await settles(place, id);
  const types = new Set(place.receiver.taken().map(({ message }) => message.type));
  expect([...types]).toEqual(["item.created.v1"]);
  expect(await look(place, id)).toMatchObject({
    description: "mine",
    counts: { delivered: wanted.length - scans.length + 1, skipped: scans.length },
  });
});

test("a canary proves the endpoint again and again, each a delivery of the ledger like any other", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor, { canaryEveryMs: 30 });
  const { id, secret } = await create(place, { types: ["item.rented.v1"] });
  const posted = () => place.receiver.posted.filter(({ message }) => isCanary(message));
  await eventually("three have come", () => posted().length >= 3);
  await ask(place.floor.bus, AskPatchWebhook, { id, patch: { enabled: false } });
  const seen = await eventually("nothing is on its way", async () => {
    const webhook = await look(place, id);
    return webhook.counts.attempts === posted().length && webhook;
  });
  for (const { text, headers } of posted()) new Verifier(secret).verify(text, headers);
  const told = await canaries(place, id);
  expect(Value.Errors(Type.Array(WebhookDelivery), told)).toEqual([]);
  const taken = told.filter(({ state }) => state === "delivered").reverse();
  expect(taken.map(({ id: message }) => message)).toEqual(
    posted().map(({ headers }) => headers["webhook-id"]),
  );
  for (const [index, canary] of taken.entries())
    expect(canary).toMatchObject({
      ...{ position: `0:${index + 1}`, key: "type:webhook.canary", attempts: 1, lastStatus: 200 },
      createdAt: posted()[index]?.message.timestamp,
    });
  expect(seen.lastCanary).toMatchObject({ ok: true, status: 200, error: null, failures: 0 });
  // The instant of the last proof is that of the last one that was taken.
  expect(seen.provenAt).toBe(seen.lastCanary?.at);
  expect(Date.parse(seen.provenAt ?? "")).toBeGreaterThanOrEqual(Date.parse(taken.at(-1)?.createdAt ?? ""));
  expect(seen.counts).toMatchObject({ attempts: taken.length, delivered: taken.length, failed: 0 });
});

test("a canary that is not taken is tried again under its id by the schedule, and no other is made meanwhile", async () => {
  await using place = await openPlace();
  const retryDelaysMs = Array.from({ length: 5_000 }, () => 20);
  await using _deliveries = await sampleDeliveries(place.floor, { retryDelaysMs, canaryEveryMs: 30 });
  place.receiver.behave(() => 503);
  const { id } = await create(place);
  await eventually("four attempts have failed", () => place.receiver.posted.length >= 4);
  const failing = await look(place, id);
  expect(failing.lastCanary).toMatchObject({ ok: false, status: 503, error: "answered 503" });
  expect(failing.lastCanary?.failures).toBeGreaterThan(1);
  expect(failing).toMatchObject({ provenAt: null, state: "enabled", failingSince: expect.any(String) });
  expect(new Set(place.receiver.posted.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(await canaries(place, id)).toMatchObject([{ position: "0:1", state: "pending", lastStatus: 503 }]);
  // Other keys flow meanwhile, and a test is what a person asks for now.
  place.receiver.behave(({ type }) => (type === "webhook.canary" ? 503 : 200));
  happens(place, 5);
  await arrives(place, 1);
  expect((await ask(place.floor.bus, AskTestWebhook, { id })).test).toMatchObject({ ok: true, status: 200 });
  place.receiver.behave(() => 503);
  const { test: tried } = await ask(place.floor.bus, AskTestWebhook, { id });
  expect(tried).toMatchObject({ ok: false, status: 503 });
  place.receiver.behave(() => 200);
  await isProven(place, id);
  expect((await look(place, id)).lastCanary?.failures).toBe(0);
});

test("a canary that is never taken ends the endpoint; enabled again it comes under its id, and one that was taken can be replayed", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor, { retryDelaysMs: [10, 10] });
  place.receiver.behave(() => 500);
  const { id } = await create(place);
  await eventually("it is disabled", async () => (await look(place, id)).disabledReason === "exhausted");
  const [given] = await canaries(place, id);
  expect(given).toMatchObject({ state: "failed", attempts: 3, lastStatus: 500, nextAttemptAt: null });
  expect((await look(place, id)).counts).toMatchObject({ attempts: 3, delivered: 0, failed: 1 });
  place.receiver.behave(() => 200);
  await ask(place.floor.bus, AskEnableWebhook, { id, enable: {} });
  await isProven(place, id);
  // It is the proof that was lacking: no second one is made beside it.
  expect(await canaries(place, id)).toMatchObject([{ id: given?.id, state: "delivered", attempts: 4 }]);

  const before = place.receiver.posted.at(-1);
  await ask(place.floor.bus, AskReplayWebhook, { id, replay: { delivery: given?.id ?? "" } });
  const again = await eventually("it came again", () => place.receiver.posted[4]);
  expect([again.text, again.headers["webhook-id"]]).toEqual([before?.text, given?.id]);
});

test("a log of another epoch is read from its beginning, and what is known of it is not sent again", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor);
  const { id } = await create(place);
  happens(place, 30);
  await arrives(place, 1);
  await settles(place, id);
  // The history was restored as it was, and went on.
  const restored: SampleLog = { ...sampleLog({ site: "north", epoch: 2 }) };
  restored.events.push(...place.log.events.map((event) => ({ ...event, epoch: 2 })));
  busyDays(restored, 10);
  place.floor.logs.set("north", restored);
  place.floor.operations.sayHeads();
  await settles({ ...place, log: restored }, id);
  const came = place.receiver.taken().map(({ message }) => `${message.data.epoch}:${message.data.pos}`);
  const wanted = [
    ...Array.from({ length: 30 }, (_, index) => `1:${index + 2}`),
    // What came before the endpoint was made was never sent to it.
    ...["2:1", ...Array.from({ length: 10 }, (_, index) => `2:${index + 32}`)],
  ];
  expect(came.toSorted()).toEqual(wanted.toSorted());
});

test("an endpoint that is disabled or deleted gets nothing more", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor);
  const [kept, ended] = [await create(place), await create(place)];
  await ask(place.floor.bus, AskPatchWebhook, { id: ended.id, patch: { enabled: false } });
  expect(await look(place, ended.id)).toMatchObject({ state: "disabled", disabledReason: "person" });
  happens(place, 20);
  await settles(place, kept.id);
  expect(place.receiver.taken()).toHaveLength(20);
  expect(await ask(place.floor.bus, AskDeleteWebhook, { id: ended.id })).toEqual({ deleted: true });
  expect(await ask(place.floor.bus, AskDeleteWebhook, { id: ended.id })).toEqual({ deleted: false });
  await expect(look(place, ended.id)).rejects.toMatchObject({ code: "webhook_unknown" });
  const { webhooks } = await ask(place.floor.bus, AskWebhooks, { site: "north" });
  expect(webhooks.map(({ id }) => id)).toEqual([kept.id]);
  expect((await ask(place.floor.bus, AskWebhooks, { site: "south" })).webhooks).toEqual([]);
});

test("what cannot be is refused and changes nothing", async () => {
  await using place = await openPlace();
  await using _deliveries = await sampleDeliveries(place.floor);
  const { id } = await create(place);
  const { bus } = place.floor;
  const given = { site: "north", url: place.receiver.url };
  for (const host of ["10.0.0.1", "169.254.169.254", "[::1]"]) {
    const url = `http://${host}/`;
    await expect(ask(bus, AskCreateWebhook, { webhook: { ...given, url } })).rejects.toMatchObject({
      code: "webhook_url_refused",
    });
    await expect(ask(bus, AskPatchWebhook, { id, patch: { url } })).rejects.toMatchObject({
      code: "webhook_url_refused",
    });
  }
  for (const types of [["item.rentd.v1"], ["item.*", "items.*"], ["item.rented.v2"]]) {
    const refusal = { code: "webhook_types_unknown", detail: expect.stringContaining("item.rented.v1") };
    await expect(ask(bus, AskCreateWebhook, { webhook: { ...given, types } })).rejects.toMatchObject(refusal);
    await expect(ask(bus, AskPatchWebhook, { id, patch: { types } })).rejects.toMatchObject(refusal);
  }
  for (const types of [["item.rented.v1", "scan.*"], ["alert.*"], ["audit.*"], ["webhook.canary"], null])
    expect((await ask(bus, AskPatchWebhook, { id, patch: { types } })).webhook).toMatchObject({ types });
  const positions = {
    "1:2": "position_unknown",
    "1:99": "position_unknown",
    "7:0": "epoch_unknown",
    "0:1": "epoch_unknown",
  };
  for (const [from, code] of Object.entries(positions))
    await expect(ask(bus, AskReplayWebhook, { id, replay: { from } })).rejects.toMatchObject({ code });
  const delivery = `msg_${"0".repeat(32)}`;
  await expect(ask(bus, AskReplayWebhook, { id, replay: { delivery } })).rejects.toMatchObject({
    code: "webhook_delivery_unknown",
  });
  await expect(ask(bus, AskCreateWebhook, { webhook: { ...given, site: "south" } })).rejects.toMatchObject({
    code: "site_unknown",
  });
  expect(await look(place, id)).toMatchObject({ position: "1:1", url: place.receiver.url });
  expect((await ask(bus, AskWebhooks, {})).webhooks).toHaveLength(1);
});
