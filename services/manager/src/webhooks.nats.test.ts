import { ask } from "@tagwire/bus";
import { AskCreateWebhook, AskWebhook } from "@tagwire/messages";
import { openStore } from "@tagwire/store";
import { eventually, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { Webhook as Verifier } from "standardwebhooks";
import { expect, test } from "vitest";
import { schema } from "./store/migrations.ts";
import { openFloor } from "./test-floor.ts";
import { busyDays, sampleLog } from "./test-log.ts";
import { crash, runManager } from "./test-process.ts";
import { openReceiver } from "./test-receiver.ts";
import { expectInOrder, hasAll } from "./test-webhooks.ts";

/* The whole service, run and killed as a process. */

const env = { WEBHOOK_PRIVATE_NETWORKS: "127.0.0.1/32" };

test("through crashes, a hand-over and the loss of the projection every event is delivered, in order of its item", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 50);
  await using receiver = await openReceiver();
  await using floor = await openFloor({ database: await testDatabase(), nats: await testNats() }, log);
  await using first = await runManager(floor, env);
  const endpoint = await eventually("an endpoint", async () => {
    const webhook = { site: "north", url: receiver.url };
    return (await ask(floor.bus, AskCreateWebhook, { webhook })).webhook;
  });
  const happens = async () => {
    busyDays(log, 150);
    const seen = receiver.posted.length;
    await eventually("it is under way", () => {
      floor.operations.sayHeads();
      return receiver.posted.length > seen + 20;
    });
  };
  await happens();
  await crash(first);
  await using leader = await runManager(floor, env);
  await using standing = await runManager(floor, env);
  await happens();
  await crash(leader);
  await happens();
  const store = await openStore({ url: floor.databaseUrl, schema, name: "test", log: quietLog() });
  await store.sql`drop schema manager cascade`;
  await store.close();
  await happens();
  await eventually("everything is delivered", () => hasAll(receiver, log, 50), 60_000);
  expectInOrder(receiver, log, 50);
  for (const { text, headers } of receiver.posted) new Verifier(endpoint.secret).verify(text, headers);

  // Besides the canary.
  const delivered = log.events.length - 50 + 1;
  await eventually("the ledger says so", async () => {
    const { webhook } = await ask(floor.bus, AskWebhook, { id: endpoint.id });
    return webhook.counts.delivered === delivered && webhook.waiting.deliveries === 0;
  });
  const metrics = await (await fetch(`${standing.http}/metrics`)).text();
  expect(metrics).toMatch(/^tagwire_webhook_endpoints\{[^}]*state="enabled"[^}]*\} 1( \d+)?$/m);
  expect(metrics).toMatch(/^tagwire_webhook_pending_deliveries(\{.*\})? 0( \d+)?$/m);
  const attempts = /^tagwire_webhook_attempts_total\{[^}]*outcome="delivered"[^}]*\} (\d+)/m.exec(metrics);
  expect(Number(attempts?.[1])).toBeGreaterThan(0);
}, 120_000);
