import { answer, answerOn, openBus } from "@tagwire/bus";
import { AskEvents, AskSites, commandSubject, newId } from "@tagwire/messages";
import { eventually, quietLog } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openLive } from "./live/test-live.ts";
import { adminKey, askOf, startService, testGateway } from "./test-gateway.ts";

/* How the process ends while people are in the middle of something. The answerers here stand for the services behind it. */

const headers = { authorization: `Bearer ${adminKey}` };
const site = {
  id: "north",
  name: "North",
  timeZone: "UTC",
  createdAt: "2026-03-02T07:00:00.000Z",
  epoch: 1,
  pos: 0,
  stage: "parallel" as const,
};
const scanOf = (id: string) => ({ id, tag: "tag", type: "touch", scannedAt: "2026-03-02T07:15:00Z" });

/** A gateway's process, and an owner of the site that keeps every command until it is let go. */
const openScene = async () => {
  const stack = new AsyncDisposableStack();
  const servers = stack.use(await testGateway());
  const bus = await openBus({ url: servers.natsUrl, name: "owner", log: quietLog() });
  stack.defer(() => bus.close());
  answer(bus, AskSites, async () => ({ sites: [site] }));
  const reads: unknown[] = [];
  answer(bus, AskEvents, async (body) => {
    reads.push(body);
    return { epoch: 1, events: [], head: 0 };
  });
  const letGo = Promise.withResolvers<void>();
  const heard: string[] = [];
  answerOn(bus, { subject: commandSubject("north") }, async (body) => {
    const { scans } = (body as { body: { scans: { id: string }[] } }).body;
    heard.push(...scans.map(({ id }) => id));
    await letGo.promise;
    return { receipts: scans.map(({ id }) => ({ id, outcome: "accepted", replayed: false })) };
  });
  await bus.connection.flush();
  const env = { PUBLIC_PORT: "0", TAGWIRE_ADMIN_KEY: adminKey };
  const gateway = stack.use(await startService("api-gateway", { ...servers, env }));
  const url = String(gateway.endpoint.public);
  return {
    url,
    ask: askOf(url),
    http: String(gateway.endpoint.http),
    reads,
    heard,
    letGo: letGo.resolve,
    end: () => process.kill(Number(gateway.endpoint.pid), "SIGTERM"),
    exitCode: gateway.exitCode,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

test("whoever is in the middle of something gets an answer, and is told that the connection ends", async () => {
  await using scene = await openScene();
  const { ask, url } = scene;
  const ids = Array.from({ length: 8 }, () => newId());
  const posts = ids.map((id) => ask("POST", "/api/v1/sites/north/scans", { scans: [scanOf(id)] }));
  const polls = [1, 2, 3].map(() => ask("GET", "/api/v1/sites/north/events?after=1:0&wait=30"));
  const live = await openLive(url);
  const stream = await fetch(`${url}/api/v1/live/events?site=north&view=events`, { headers });
  await eventually("all scans wait for the owner", () => scene.heard.length === ids.length);
  // Each poll reads before it waits and once more while it does.
  await eventually("all polls are held open", () => scene.reads.length >= 2 * polls.length);

  scene.end();
  for (const answered of await Promise.all(polls)) {
    expect(answered).toMatchObject({ status: 200, body: { epoch: 1, events: [], next: "1:0" } });
    expect(answered.headers.get("connection")).toBe("close");
  }
  expect(await live.closed).toEqual({ code: 1001 });
  expect(await stream.text()).toContain("retry: ");
  // The bus is still there: the owner's late word reaches who waits for it.
  scene.letGo();
  for (const [index, answered] of (await Promise.all(posts)).entries()) {
    expect(answered).toMatchObject({ status: 200, body: { receipts: [{ id: ids[index] }] } });
    expect(answered.headers.get("connection")).toBe("close");
  }
  await eventually("the process ended", async () => (await scene.exitCode()) !== null);
  expect(await scene.exitCode()).toBe(0);
});

test("while it ends it says that it is not ready, for as long as somebody waits", async () => {
  await using scene = await openScene();
  const post = scene.ask("POST", "/api/v1/sites/north/scans", { scans: [scanOf(newId())] });
  await eventually("the scan waits for the owner", () => scene.heard.length === 1);
  scene.end();
  await eventually("it says that it ends", async () => {
    const response = await fetch(`${scene.http}/readyz`);
    return response.status === 503 && (await response.json()).stopping === true;
  });
  scene.letGo();
  expect((await post).status).toBe(200);
});

test("who never gets an answer is cut off in the end, and the process ends cleanly all the same", async () => {
  await using scene = await openScene();
  const post = scene.ask("POST", "/api/v1/sites/north/scans", { scans: [scanOf(newId())] });
  const cut = expect(post).rejects.toThrow("fetch failed");
  await eventually("the scan waits for the owner", () => scene.heard.length === 1);
  scene.end();
  await cut;
  await eventually("the process ended", async () => (await scene.exitCode()) !== null);
  expect(await scene.exitCode()).toBe(0);
});
