import { createAccount } from "@nats-io/nkeys";
import { ensureStream, openBus } from "@tagwire/bus";
import { startPushingReader, type TagSource } from "@tagwire/emulators";
import { Observations, partitionOf, ReaderPosts } from "@tagwire/messages";
import { migrate, openStore } from "@tagwire/store";
import { eventually, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { expect, test } from "vitest";
import { openMqttCredentials } from "./answers/mqtt-credentials.ts";
import { drivers } from "./drivers/catalogue.ts";
import { listen } from "./floor/test-floor.ts";
import { openGateway } from "./gateway.ts";
import { migrations, schema } from "./store/migrations.ts";
import { tester } from "./store/test-note.ts";

/* Readers that publish over MQTT: a client of others' making, and nats-server's own listener. */

const site = "north";
const epcs = Array.from({ length: 20 }, (_, index) => `3034257BF7194E40000${String(index).padStart(5, "0")}`);
const world: TagSource = { sees: () => epcs.map((epc) => ({ epc, rssiDbm: -50 })) };
const antennas = [{ port: 1, place: "gate" }];

const ground = async () => {
  const stack = new AsyncDisposableStack();
  const issuer = createAccount();
  const log = quietLog();
  const [database, nats] = await Promise.all([
    testDatabase(),
    testNats({ mqttIssuer: issuer.getPublicKey() }),
  ]);
  stack.use(database);
  stack.use(nats);
  await migrate(database.url, schema, migrations);
  const seed = new TextDecoder().decode(issuer.getSeed());

  /** The service, as main.ts puts it together. */
  const open = async () => {
    const store = await openStore<unknown>({ url: database.url, schema, name: "test", log });
    const bus = await openBus({ url: nats.url, name: "gateway", log });
    await ensureStream(bus, Observations);
    await ensureStream(bus, ReaderPosts);
    const { floor, stop } = await openGateway({
      bus,
      sql: store.sql,
      log,
      drivers,
      owner: `${Math.random()}`,
    });
    const credentials = openMqttCredentials(bus, seed);
    await eventually("loaded", () => floor.isLoaded() && floor.owns(site));
    let isClosed = false;
    const close = async () => {
      if (isClosed) return;
      isClosed = true;
      await credentials.stop();
      await stop();
      await bus.close();
      await store.close();
    };
    stack.defer(close);
    const counts = (id: string) => floor.findSite(site)?.find(id)?.counts;
    return { floor, bus, sql: store.sql, counts, close };
  };

  /** A client as a reader has it: it sends again by itself what was not acknowledged. */
  const connect = async (
    username: string,
    password: string,
    more: IClientOptions = {},
  ): Promise<MqttClient> => {
    const how = { username, password, reconnectPeriod: 50, reconnectOnConnackError: true, ...more };
    // A server that is not answered in time says no to whoever it does not know yet.
    const client = await connectAsync(nats.mqttUrl ?? "", how, how.reconnectPeriod > 0);
    // It is told of each time that it is not let in yet; it tries again all the same.
    client.on("error", () => {});
    stack.defer(() => client.endAsync(true));
    return client;
  };
  return { nats, open, connect, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

type Opened = Awaited<ReturnType<Awaited<ReturnType<typeof ground>>["open"]>>;

const makeReader = async ({ floor }: Opened, id: string, driver: "impinj" | "zebra") => {
  const there = floor.openSite(site);
  await there.create({ id, driver, antennas }, tester);
  return (await there.makeKey(id, tester)).key;
};

test.each([
  { make: "impinj", topic: "events" },
  { make: "zebra", topic: "data/1" },
] as const)("what readers of $make publish is acknowledged, kept and said", async ({ make, topic }) => {
  await using around = await ground();
  const gateway = await around.open();
  const key = await makeReader(gateway, "gate-1", make);
  const listener = await listen(gateway.bus, () => "accepted");
  const client = await around.connect(`${site}/gate-1`, key);
  const carry = async (body: string): Promise<void> => {
    await client.publishAsync(`readers/${site}/gate-1/${topic}`, body, { qos: 1 });
  };
  const reader = startPushingReader({ make, world, antennas: [1], carry, singly: true, roundMs: 5 });
  await eventually("each tag is taken", () => gateway.counts("gate-1")?.accepted === epcs.length);
  await reader.stop();
  await eventually(
    "all that was acknowledged is read",
    () => gateway.counts("gate-1")?.reads === reader.acknowledged(),
  );
  expect(gateway.counts("gate-1")).toMatchObject({ malformed: 0, rejected: 0, observations: epcs.length });
  const heard = listener.batches.flatMap(({ observations }) =>
    observations.map(({ tag, place }) => [tag, place]),
  );
  expect(new Set(heard.map(([tag]) => tag))).toEqual(new Set(epcs));
  expect(heard.every(([, place]) => place === "gate")).toBe(true);
  await listener.stop();
});

const read = (epc: string, second = 0) =>
  JSON.stringify({
    type: "SIMPLE",
    timestamp: new Date(Date.now() - second * 1_000).toISOString(),
    data: { idHex: epc },
  });

test("nobody comes in by MQTT but a reader with its own key", async () => {
  await using around = await ground();
  const gateway = await around.open();
  const key = await makeReader(gateway, "gate-1", "zebra");
  const others = await makeReader(gateway, "gate-2", "zebra");
  const refused = [
    ["", ""],
    ["services", ""],
    [`${site}/gate-1`, others],
    [`${site}/gate-1`, ""],
    [`${site}/nobody`, key],
    [`${site}/gate-1/more`, key],
    ["gate-1", key],
    ["*/>", key],
  ];
  for (const [user = "", password = ""] of refused)
    await expect(around.connect(user, password, { reconnectPeriod: 0 }), `${user} is let in`).rejects.toThrow(
      /Connection refused/,
    );
  await gateway.floor.findSite(site)?.endKey("gate-1", tester);
  await expect(around.connect(`${site}/gate-1`, key, { reconnectPeriod: 0 })).rejects.toThrow(
    /Connection refused/,
  );
});

test("a reader publishes what it reads, and can do nothing else", async () => {
  await using around = await ground();
  const gateway = await around.open();
  const key = await makeReader(gateway, "gate-1", "zebra");
  await makeReader(gateway, "gate-2", "zebra");
  const client = await around.connect(`${site}/gate-1`, key);
  const elsewhere = [
    `readers/${site}/gate-2/data`,
    `observations/${partitionOf(site)}/${site}/gate-1`,
    `commands/${partitionOf(site)}/${site}`,
    "$JS/API/STREAM/DELETE/OBSERVATIONS",
  ];
  for (const topic of elsewhere) await client.publishAsync(topic, read(epcs[0] ?? ""), { qos: 0 });
  await expect(client.subscribeAsync("#")).rejects.toThrow();
  await client.publishAsync(`readers/${site}/gate-1/data`, read(epcs[1] ?? ""), { qos: 1 });
  await eventually("its own is read", () => gateway.counts("gate-1")?.reads === 1);
  expect(gateway.counts("gate-2")).toMatchObject({ reads: 0, malformed: 0 });
  const { state } = await gateway.bus.manager.streams.info(ReaderPosts.name);
  expect(state.messages).toBe(1);
  expect((await gateway.bus.manager.streams.info(Observations.name)).config.name).toBe(Observations.name);
});

test("what is published twice counts once, and what cannot be read costs only itself", async () => {
  await using around = await ground();
  const gateway = await around.open();
  const key = await makeReader(gateway, "gate-1", "zebra");
  const beside = await makeReader(gateway, "gate-2", "impinj");
  const client = await around.connect(`${site}/gate-1`, key);
  const another = await around.connect(`${site}/gate-2`, beside);
  const topic = `readers/${site}/gate-1/data`;
  const said = read(epcs[0] ?? "");
  for (const body of [said, "{", said, "[1,", `[${read(epcs[1] ?? "")},7]`])
    await client.publishAsync(topic, body, { qos: 1 });
  await client.publishAsync(`readers/${site}/gate-1/status`, "connection lost", { qos: 1 });
  const event = {
    timestamp: new Date().toISOString(),
    eventType: "tagInventory",
    tagInventoryEvent: { epcHex: epcs[2] },
  };
  await another.publishAsync(`readers/${site}/gate-2/events`, JSON.stringify(event), { qos: 1 });
  await eventually(
    "all is read",
    () => gateway.counts("gate-1")?.malformed === 3 && gateway.counts("gate-1")?.reads === 2,
  );
  await eventually("and beside it", () => gateway.counts("gate-2")?.reads === 1);
  expect(gateway.counts("gate-2")).toMatchObject({ malformed: 0 });
});

test("what is published while nobody reads waits, and is read once", async () => {
  await using around = await ground();
  const first = await around.open();
  const key = await makeReader(first, "gate-1", "zebra");
  const client = await around.connect(`${site}/gate-1`, key);
  await first.close();
  const topic = `readers/${site}/gate-1/data`;
  const bodies = epcs.map((epc) => read(epc));
  for (const body of bodies) await client.publishAsync(topic, body, { qos: 1 });
  const second = await around.open();
  await eventually("all is read", () => second.counts("gate-1")?.reads === epcs.length);
  await second.close();
  // As a client does whose acknowledgement was lost; whoever takes over has heard none of it itself.
  for (const body of bodies) await client.publishAsync(topic, body, { qos: 1 });
  const third = await around.open();
  const last = read(epcs[0] ?? "", 1);
  await eventually("let in again", async () => {
    await client.publishAsync(topic, last, { qos: 1 });
    return third.counts("gate-1")?.reads === epcs.length + 1;
  });
  expect(third.counts("gate-1")).toMatchObject({ reads: epcs.length + 1 });
});

test("while Postgres takes nothing a message is not acknowledged, and comes again until it is kept", async () => {
  await using around = await ground();
  const gateway = await around.open();
  const key = await makeReader(gateway, "gate-1", "zebra");
  const client = await around.connect(`${site}/gate-1`, key);
  await gateway.sql`alter table observation rename to observation_away`;
  // One has no time in it, by which it could be known again, and one is none at all.
  const timeless = JSON.stringify({ type: "SIMPLE", data: { idHex: epcs[0] } });
  const bodies = [...epcs.map((epc) => read(epc)), timeless, "{"];
  for (const body of bodies) await client.publishAsync(`readers/${site}/gate-1/data`, body, { qos: 1 });
  const consumer = () => gateway.bus.manager.consumers.info(ReaderPosts.name, `${site}_gate-1`);
  await eventually("all came again", async () => (await consumer()).num_redelivered >= bodies.length);
  expect((await consumer()).ack_floor.stream_seq).toBe(0);
  await gateway.sql`alter table observation_away rename to observation`;
  await eventually("acknowledged", async () => (await consumer()).num_ack_pending === 0);
  expect(gateway.counts("gate-1")).toMatchObject({
    ...{ reads: epcs.length + 1, malformed: 1, held: 1 },
    ...{ observed: epcs.length, observations: epcs.length },
  });
});

test("a reader that is stopped is not read, and one that was deleted leaves nothing behind", async () => {
  await using around = await ground();
  const gateway = await around.open();
  const key = await makeReader(gateway, "gate-1", "zebra");
  const client = await around.connect(`${site}/gate-1`, key);
  const there = gateway.floor.openSite(site);
  const publish = (epc = "") => client.publishAsync(`readers/${site}/gate-1/data`, read(epc), { qos: 1 });
  await there.act("gate-1", "stop", tester);
  await publish(epcs[0]);
  const consumer = () => gateway.bus.manager.consumers.info(ReaderPosts.name, `${site}_gate-1`);
  await eventually("passed over", async () => (await consumer()).ack_floor.stream_seq === 1);
  await there.act("gate-1", "start", tester);
  await publish(epcs[1]);
  await eventually("read again", () => gateway.counts("gate-1")?.reads === 1);
  await there.remove("gate-1", tester);
  await expect(consumer()).rejects.toThrow(/not found/);
});

test("nats-server may go and come back: the reader sends again, and each read counts once", async () => {
  await using around = await ground();
  const gateway = await around.open();
  const key = await makeReader(gateway, "gate-1", "zebra");
  const client = await around.connect(`${site}/gate-1`, key);
  const publish = (epc = "") => client.publishAsync(`readers/${site}/gate-1/data`, read(epc), { qos: 1 });
  await publish(epcs[0]);
  await eventually("read", () => gateway.counts("gate-1")?.reads === 1);
  await around.nats.restart();
  await Promise.all(epcs.slice(1).map(publish));
  await eventually("all is read", () => gateway.counts("gate-1")?.reads === epcs.length);
});
