import { ask } from "@tagwire/bus";
import {
  Alert,
  AskCreateWebhook,
  AskDeleteWebhook,
  AskEnableWebhook,
  AskPatchWebhook,
  AskReplayWebhook,
  AskWebhook,
  AskWebhookDeliveries,
  type CreateAlertRule,
  newId,
  WebhookAlertMessage,
} from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { Webhook as Verifier } from "standardwebhooks";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { createAlertRule, deleteAlertRule, patchAlertRule } from "../answers/alert-rules.ts";
import { actOnAlert } from "../answers/alerts.ts";
import { sampleAlerts } from "../test-alerts.ts";
import { sampleLog } from "../test-log.ts";
import { sampleOperations } from "../test-operations.ts";
import { openReceiver, type Receiver } from "../test-receiver.ts";
import { sampleDeliveries } from "../test-webhooks.ts";
import type { Pace } from "./pace.ts";

/* Where alerts and webhooks meet: alerts about endpoints, and alerts that are told to endpoints. */

/** Alerts of a site that are looked at by hand, and its webhooks, which are delivered by themselves. */
const openBoth = async (pace: Partial<Pace> = {}) => {
  const stack = new AsyncDisposableStack();
  const log = sampleLog({ site: "north" });
  for (const tag of ["T1", "T2"]) log.happen({ kind: "create", tag, class: "tent", status: "ready" });
  const alerts = stack.use(await sampleAlerts(log));
  const operations = sampleOperations(alerts.bus, new Map([["north", log]]));
  stack.defer(operations.stop);
  await alerts.bus.connection.flush();
  stack.use(await sampleDeliveries(alerts, pace));
  const addEndpoint = async (url: string, types: string[] | null = null) =>
    (await ask(alerts.bus, AskCreateWebhook, { webhook: { site: "north", url, types } })).webhook;
  const ledgerOf = async (id: string, limit = 200) => {
    const page = { id, limit, cursor: null };
    return (await ask(alerts.bus, AskWebhookDeliveries, page)).deliveries;
  };
  const endpointIs = (id: string, is: (webhook: { state: string; failures: number }) => boolean) =>
    eventually("the endpoint is so", async () => {
      const { webhook } = await ask(alerts.bus, AskWebhook, { id });
      return is({ state: webhook.state, failures: webhook.lastCanary?.failures ?? 0 });
    });
  return {
    ...{ log, alerts, operations, addEndpoint, endpointIs, ledgerOf },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

test("an endpoint that disables itself is an alert, which ends when something arrives there again", async () => {
  await using both = await openBoth();
  const { alerts, log, operations } = both;
  await using receiver = await openReceiver();
  await using other = await openReceiver();
  await alerts.onlyRule({ kind: "webhook_failing", name: "Webhooks", params: {} });
  const { id } = await both.addEndpoint(receiver.url);
  await both.addEndpoint(other.url);
  await eventually("both canaries have come", () => receiver.posted.length * other.posted.length > 0);
  await alerts.look(Date.now());
  expect(await alerts.alerts()).toEqual([]);

  receiver.behave(() => 410);
  log.happen({ kind: "move", tag: "T1", status: "missing" });
  operations.sayHeads();
  await both.endpointIs(id, ({ state }) => state === "disabled");
  await alerts.look(Date.now());
  const [alert] = await alerts.alerts();
  expect(Value.Errors(Alert, alert)).toEqual([]);
  expect(alert).toMatchObject({ kind: "webhook_failing", group: id, state: "raised", count: 1 });
  expect(alert?.examples[0]?.detail).toBe(`${new URL(receiver.url).host}: it answered 410 and was disabled`);

  receiver.behave(() => "silence");
  await ask(alerts.bus, AskEnableWebhook, { id, enable: {} });
  expect(await alerts.look(Date.now())).toMatchObject({ turns: 0 });
  receiver.behave(() => 200);
  await ask(alerts.bus, AskPatchWebhook, { id, patch: { enabled: false } });
  await ask(alerts.bus, AskPatchWebhook, { id, patch: { enabled: true } });
  await eventually("what waited has arrived", () => receiver.taken().length > 0);
  await eventually("it is over", async () => {
    await alerts.look(Date.now());
    return (await alerts.alerts())[0]?.state === "resolved";
  });
  expect(await alerts.historyOf(alert?.id ?? "")).toEqual(["raised", "resolved"]);
  expect(other.taken()).toHaveLength(1);
});

test("an endpoint whose canary fails twice is an alert, which grows when the endpoint gives up", async () => {
  await using both = await openBoth({ retryDelaysMs: Array.from({ length: 5_000 }, () => 20) });
  const { alerts } = both;
  await using receiver = await openReceiver();
  receiver.behave(() => 500);
  await alerts.onlyRule({ kind: "webhook_failing", name: "Webhooks", params: {} });
  const { id } = await both.addEndpoint(receiver.url);
  await both.endpointIs(id, ({ failures }) => failures >= 2);
  await alerts.look(Date.now());
  expect(await alerts.alerts()).toMatchObject([{ group: id, state: "raised" }]);
  receiver.behave(() => 410);
  await both.endpointIs(id, ({ state }) => state === "disabled");
  await alerts.look(Date.now());
  const [alert] = await alerts.alerts();
  expect(await alerts.historyOf(alert?.id ?? "")).toEqual(["raised", "grew"]);
  receiver.behave(() => 200);
  await ask(alerts.bus, AskEnableWebhook, { id, enable: {} });
  await both.endpointIs(id, ({ state, failures }) => state === "enabled" && failures === 0);
  await eventually("it is over", async () => {
    await alerts.look(Date.now());
    return (await alerts.alerts())[0]?.state === "resolved";
  });
});

const missing = (webhooks: readonly string[]): CreateAlertRule => ({
  ...{ kind: "missing", name: "Missing", params: {} },
  channels: [{ kind: "webhook", webhooks: [...webhooks] }],
});
/** What was told of alerts and taken, in the order in which it came. */
const told = (receiver: Receiver): WebhookAlertMessage[] =>
  receiver
    .taken()
    .map(({ message }) => message as unknown as WebhookAlertMessage)
    .filter(({ type }) => type.startsWith("alert."));
const words = (receiver: Receiver): string[] => told(receiver).map(({ type }) => type);
const by = { person: "ann" };

test("an endpoint that a rule names is told every change of its alerts, signed and in order, whatever events it wants", async () => {
  // However slow the machine is, the schedule does not end before the receiver is well again.
  await using both = await openBoth({ retryDelaysMs: Array.from({ length: 5_000 }, () => 20) });
  const { alerts, log } = both;
  await using receiver = await openReceiver();
  const { id, secret } = await both.addEndpoint(receiver.url, ["item.rented.v1"]);
  const rule = await alerts.onlyRule(missing([id]));
  const lose = async (tag: string, status: "missing" | "ready") => {
    log.happen({ kind: "move", tag, status });
    await alerts.project();
    await alerts.look(Date.now());
  };
  await lose("T1", "missing");
  const [alert] = await alerts.alerts();
  await eventually("it is told", () => words(receiver).length === 1);
  // In the time of a failing receiver everything waits behind the first.
  receiver.behave(() => 500);
  await lose("T2", "missing");
  await eventually("it was tried", () => receiver.posted.some(({ status }) => status === 500));
  await actOnAlert(alerts.desk, { site: "north", id: alert?.id ?? "", by, act: "acknowledge", why: "on it" });
  await lose("T1", "ready");
  await deleteAlertRule(alerts.desk, { site: "north", id: rule, by });
  receiver.behave(() => 200);
  const history = ["raised", "grew", "acknowledged", "shrank", "resolved"];
  const types = history.map((what) => `alert.${what}.v1`);
  await eventually("all of it is told", () => words(receiver).length >= types.length);
  expect(words(receiver)).toEqual(types);
  expect(await alerts.historyOf(alert?.id ?? "")).toEqual(history);
  for (const message of told(receiver)) expect([...Value.Errors(WebhookAlertMessage, message)]).toEqual([]);
  const [first, grown, taken] = told(receiver);
  expect(first?.data).toMatchObject({ site: "north", change: { what: "raised", by: "tagwire", count: 1 } });
  expect(first?.data.alert).toEqual(alert);
  expect(grown?.data.alert).toMatchObject({ count: 2, state: "raised" });
  expect(taken?.data).toMatchObject({
    change: { what: "acknowledged", by: "ann", why: "on it" },
    alert: { acknowledgedBy: "ann" },
  });
  for (const { text, headers } of receiver.posted) new Verifier(secret).verify(text, headers);

  const ledger = await eventually("the ledger says so", async () => {
    const lines = (await both.ledgerOf(id)).filter(({ type }) => type !== "webhook.canary");
    return lines.every(({ state }) => state === "delivered") && lines;
  });
  expect(ledger.map(({ type }) => type).reverse()).toEqual(types);
  expect(new Set(ledger.map(({ key }) => key))).toEqual(new Set([`alert:${alert?.id}`]));
  const ids = receiver.taken().flatMap(({ message, headers }) => {
    return message.type.startsWith("alert.") ? [headers["webhook-id"]] : [];
  });
  expect(ledger.map((line) => line.id).reverse()).toEqual(ids);
  // Again as it was, and under the same id.
  await ask(alerts.bus, AskReplayWebhook, { id, replay: { delivery: ids[0] ?? "" } });
  await eventually("it is told again", () => words(receiver).length === types.length + 1);
  expect(told(receiver).at(-1)).toEqual(first);
  expect(receiver.taken().at(-1)?.headers["webhook-id"]).toBe(ids[0]);
});

test("a replay of the log leaves alone what was told of alerts, and the ledger shows both, what came last first", async () => {
  await using both = await openBoth();
  const { alerts, log, operations } = both;
  await using receiver = await openReceiver();
  const { id } = await both.addEndpoint(receiver.url);
  await eventually("it is proven", () => receiver.posted.length === 1);
  await alerts.onlyRule(missing([id]));
  log.happen({ kind: "move", tag: "T1", status: "missing" });
  operations.sayHeads();
  await eventually("the event is delivered", () => receiver.taken().length === 1);
  await alerts.project();
  await alerts.look(Date.now());
  await eventually("the alert is told", () => words(receiver).length === 1);
  await eventually("the ledger says so", async () =>
    (await both.ledgerOf(id)).every(({ state }) => state === "delivered"),
  );
  expect((await both.ledgerOf(id)).map(({ type, position }) => [type, position.split(":")[0]])).toEqual([
    ["alert.raised.v1", "0"],
    [log.events.at(-1)?.type, "1"],
    ["webhook.canary", "0"],
  ]);
  const bus = alerts.bus;
  const first = await ask(bus, AskWebhookDeliveries, { id, limit: 1, cursor: null });
  const second = await ask(bus, AskWebhookDeliveries, { id, limit: 1, cursor: first.next });
  const third = await ask(bus, AskWebhookDeliveries, { id, limit: 1, cursor: second.next });
  expect([first, second, third].flatMap(({ deliveries }) => deliveries)).toEqual(await both.ledgerOf(id));
  expect(third.next).toBeNull();
  await expect(ask(bus, AskWebhookDeliveries, { id, limit: 1, cursor: "1:2" })).rejects.toMatchObject({
    code: "malformed",
  });

  await ask(bus, AskReplayWebhook, { id, replay: { from: "0:0" } });
  await eventually("the log has come again", () => receiver.taken().length === 2 + log.events.length);
  await eventually("nothing waits", async () => {
    const { webhook } = await ask(bus, AskWebhook, { id });
    return webhook.waiting.deliveries === 0 && webhook.counts.skipped === 0;
  });
  expect(words(receiver)).toEqual(["alert.raised.v1"]);
});

test("an endpoint that was away is told what it missed; one that fails is not told of itself, and others are", async () => {
  await using both = await openBoth();
  const { alerts, log } = both;
  await using failing = await openReceiver();
  await using watching = await openReceiver();
  const { id } = await both.addEndpoint(failing.url);
  const watcher = await both.addEndpoint(watching.url);
  await eventually("both canaries have come", () => failing.posted.length * watching.posted.length > 0);
  const channels = missing([id, watcher.id]).channels;
  await alerts.onlyRule({ kind: "webhook_failing", name: "Webhooks", params: {}, channels: channels ?? [] });
  const create = { site: "north", id: newId(), by, rule: missing([id]) };
  const { rule } = await createAlertRule(alerts.desk, create);
  failing.behave(() => 410);
  log.happen({ kind: "move", tag: "T1", status: "missing" });
  await alerts.project();
  await alerts.look(Date.now());
  await both.endpointIs(id, ({ state }) => state === "disabled");
  await alerts.look(Date.now());
  await eventually("the other one is told", () => words(watching).length === 1);
  expect(told(watching)[0]?.data.alert).toMatchObject({ kind: "webhook_failing", group: id });
  log.happen({ kind: "move", tag: "T1", status: "ready" });
  await alerts.project();
  await alerts.look(Date.now());

  failing.behave(() => 200);
  await ask(alerts.bus, AskEnableWebhook, { id, enable: {} });
  await eventually("it is told what it missed", () => words(failing).length === 2);
  await eventually("it is over", async () => {
    await alerts.look(Date.now());
    return words(watching).length === 2;
  });
  expect(words(watching)).toEqual(["alert.raised.v1", "alert.resolved.v1"]);
  expect(told(failing).map(({ type, data }) => [type, data.alert.kind])).toEqual([
    ["alert.raised.v1", "missing"],
    ["alert.resolved.v1", "missing"],
  ]);

  // What is no endpoint of the site is refused; one that was deleted does not stand in the way of other changes.
  const site = "north";
  await ask(alerts.bus, AskDeleteWebhook, { id });
  const patched = await patchAlertRule(alerts.desk, { site, id: rule.id, by, patch: { name: "Lost" } });
  expect(patched.rule.channels).toEqual(rule.channels);
  const again = patchAlertRule(alerts.desk, {
    site,
    id: rule.id,
    by,
    patch: { channels: missing([id]).channels ?? [] },
  });
  await expect(again).rejects.toMatchObject({ code: "webhook_unknown" });
  const other = createAlertRule(alerts.desk, { ...create, id: newId(), rule: missing([newId()]) });
  await expect(other).rejects.toMatchObject({ code: "webhook_unknown" });
});
