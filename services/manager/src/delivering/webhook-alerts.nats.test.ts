import { ask } from "@tagwire/bus";
import { Alert, AskCreateWebhook, AskEnableWebhook, AskPatchWebhook, AskWebhook } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { sampleAlerts } from "../test-alerts.ts";
import { sampleLog } from "../test-log.ts";
import { sampleOperations } from "../test-operations.ts";
import { openReceiver } from "../test-receiver.ts";
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
  const addEndpoint = async (url: string) =>
    (await ask(alerts.bus, AskCreateWebhook, { webhook: { site: "north", url } })).webhook;
  const endpointIs = (id: string, is: (webhook: { state: string; failures: number }) => boolean) =>
    eventually("the endpoint is so", async () => {
      const { webhook } = await ask(alerts.bus, AskWebhook, { id });
      return is({ state: webhook.state, failures: webhook.lastCanary?.failures ?? 0 });
    });
  return {
    ...{ log, alerts, operations, addEndpoint, endpointIs },
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
  await using both = await openBoth({ canaryRetryMs: 20, canaryEveryMs: 20 });
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
