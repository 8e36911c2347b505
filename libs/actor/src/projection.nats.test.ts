import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, openBus, publishInOrder, say } from "@tagwire/bus";
import { startNats } from "@tagwire/embedded";
import { Events, headSubject, type LoggedEvent, newId, Parked } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { eventually, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { expect, inject, test } from "vitest";
import { type Projection, type ProjectionOptions, projectionTables, runProjection } from "./projection.ts";
import { outgoing } from "./relay.ts";
import { type Chain, chainOf, extend } from "./test-chain.ts";

const schema = "test";
// No key: an event applied twice would stand there twice.
const migrations = [
  projectionTables,
  { name: "diary-1", sql: "create table diary (number bigserial, site text, epoch bigint, pos bigint)" },
];

type Floor = {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly chains: Map<string, Chain>;
  /** Pages of the log that were read, as `site:after`. */
  readonly pages: string[];
  readonly project: (overrides?: Partial<ProjectionOptions>) => Projection & AsyncDisposable;
  readonly publish: (events: readonly LoggedEvent[]) => Promise<void>;
  readonly sayHeads: () => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

const pageEvents = 50;

const openFloor = async (natsUrl: string, ...all: readonly Chain[]): Promise<Floor> => {
  const database = await testDatabase();
  const log = quietLog();
  await migrate(database.url, schema, migrations);
  const store = await openStore({ url: database.url, schema, name: "test", log });
  const bus = await openBus({ url: natsUrl, name: "test", log });
  const chains = new Map(all.map((chain) => [chain.site, chain]));
  const pages: string[] = [];
  const readLog: ProjectionOptions["readLog"] = async (site, after) => {
    pages.push(`${site}:${after.pos}`);
    const chain = chains.get(site) ?? chainOf(site, 0);
    const isOther = after.epoch !== 0 && after.epoch !== chain.epoch;
    const from = after.epoch === 0 ? 0 : after.pos;
    return {
      epoch: chain.epoch,
      head: chain.events.length,
      events: isOther ? [] : chain.events.slice(from, from + pageEvents),
    };
  };
  return {
    sql: store.sql,
    bus,
    chains,
    pages,
    project: (overrides = {}) => {
      const projection = runProjection({
        name: "diary",
        bus,
        sql: store.sql,
        stream: Events,
        subjects: ["events.>"],
        readLog,
        listSites: async () =>
          [...chains.values()].map(({ site, epoch, events }) => ({ id: site, epoch, pos: events.length })),
        apply: async (transaction, events) => {
          const rows = events.map(({ site, epoch, pos }) => ({ site, epoch, pos }));
          await transaction`
            insert into diary (site, epoch, pos) select site, epoch, pos
            from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (site text, epoch bigint, pos bigint)`;
        },
        begin: async () => {},
        reset: async (transaction, site) => {
          await transaction`delete from diary where site = ${site}`;
        },
        fence: async () => {},
        committed: () => {},
        migrate: () => migrate(database.url, schema, migrations),
        log,
        ...overrides,
      });
      return { ...projection, [Symbol.asyncDispose]: projection.stop };
    },
    publish: (events) => publishInOrder(bus, events.map(outgoing)),
    sayHeads: () => {
      for (const { site, epoch, events } of chains.values())
        say(bus, headSubject(site), { epoch, pos: events.length, hash: "", at: "2026-01-01T00:00:00Z" });
    },
    [Symbol.asyncDispose]: async () => {
      await bus.close();
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
};

/** Waits until the stream is being read, so that what is published now comes by it. */
const expectReader = (floor: Floor) =>
  eventually("a reader", async () => {
    const { state } = await floor.bus.manager.streams.info(Events.name);
    return state.consumer_count === 1;
  });

/**
 * Waits until a site's diary is exactly its log: every event once, in its order. With `heads` the owner says how far the log
 * is, so that what the stream lost is noticed.
 */
const expectDiary = async (floor: Floor, chain: Chain, { heads } = { heads: true }) => {
  const seen = () => floor.sql<{ epoch: number; pos: number }[]>`
    select epoch, pos from diary where site = ${chain.site} order by number`;
  const last = chain.events.at(-1)?.pos;
  await eventually(`${chain.site} applied`, async () => {
    if (heads) floor.sayHeads();
    const newest = (await seen()).at(-1);
    return newest?.pos === last && newest?.epoch === chain.epoch;
  });
  expect((await seen()).map(({ epoch, pos }) => `${epoch}:${pos}`)).toEqual(
    chain.events.map(({ epoch, pos }) => `${epoch}:${pos}`),
  );
};

test("at first the log is read, then the stream, and each event is applied once in its order", async () => {
  await using nats = await testNats();
  const chain = chainOf("a", 120);
  await using floor = await openFloor(nats.url, chain, chainOf("b", 3));
  await using projection = floor.project();
  await eventually("caught up", projection.isCaughtUp);
  await expectReader(floor);
  const pages = floor.pages.length;
  for (let turn = 0; turn < 5; turn += 1) await floor.publish(extend(chain, 30));
  await expectDiary(floor, chain, { heads: false });
  expect(floor.pages.length).toBe(pages);
  expect(projection.positions().get("a")?.pos).toBe(chain.events.length);
});

test("after a restart the stream is read from the checkpoint on, and the log is not asked again", async () => {
  await using nats = await testNats();
  const chain = chainOf("a", 10);
  await using floor = await openFloor(nats.url, chain);
  {
    await using first = floor.project();
    await eventually("caught up", first.isCaughtUp);
    await expectReader(floor);
    await floor.publish(extend(chain, 10));
    await expectDiary(floor, chain, { heads: false });
  }
  const behind = extend(chain, 25);
  const pages = floor.pages.length;
  // The log knows of the new events only later: so the stream alone brings them.
  await using _second = floor.project({ listSites: async () => [] });
  await floor.publish(behind);
  await expectDiary(floor, chain, { heads: false });
  expect(floor.pages.length).toBe(pages);
});

test("a page that cannot be read ends nothing: it is read again", async () => {
  await using nats = await testNats();
  const chain = chainOf("a", 200);
  await using floor = await openFloor(nats.url, chain);
  let failures = 0;
  let failed: () => void = () => {};
  const failure = new Promise<void>((resolve) => {
    failed = resolve;
  });
  await using _projection = floor.project({
    readLog: async (site, after) => {
      if (after.pos === 50 && failures < 1) {
        failures += 1;
        failed();
        throw new Error("no answer");
      }
      const events = chain.events.slice(after.pos, after.pos + pageEvents);
      return { epoch: 1, head: chain.events.length, events: site === "a" ? events : [] };
    },
    apply: async (transaction, events) => {
      // The page after this one fails while this one is still being applied.
      await failure;
      for (const { site, epoch, pos } of events)
        await transaction`insert into diary (site, epoch, pos) values (${site}, ${epoch}, ${pos})`;
    },
  });
  await expectDiary(floor, chain);
  expect(failures).toBe(1);
});

test("a log that contradicts itself holds up its own site and no other", async () => {
  await using nats = await testNats();
  const broken = chainOf("a", 80);
  const whole = chainOf("b", 30);
  const torn = broken.events[60];
  if (torn !== undefined) broken.events[60] = { ...torn, prevHash: "something else" };
  await using floor = await openFloor(nats.url, broken, whole);
  await using projection = floor.project();
  await expectDiary(floor, whole);
  await floor.publish(extend(whole, 10));
  await expectDiary(floor, whole);
  expect(projection.positions().get("a")?.pos).toBe(60);
  expect(floor.pages.filter((page) => page === "a:0").length).toBeLessThan(4);
  expect(projection.lag()).toBeGreaterThan(0);
});

test("a stream made anew is read again, after the log filled what was lost with the old one", async () => {
  await using nats = await testNats();
  const chain = chainOf("a", 20);
  await using floor = await openFloor(nats.url, chain);
  await using projection = floor.project();
  await eventually("caught up", projection.isCaughtUp);
  await floor.publish(extend(chain, 40));
  await expectDiary(floor, chain);

  await floor.bus.manager.streams.delete(Events.name);
  extend(chain, 5);
  await expectDiary(floor, chain);
  await eventually("events come by the stream alone", async () => {
    const pages = floor.pages.length;
    await floor.publish(extend(chain, 1)).catch(() => {});
    await expectDiary(floor, chain);
    return floor.pages.length === pages;
  });
});

test("a stream whose store went back, and which reuses its sequences, leads nobody astray", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-rollback-"));
  const dir = join(folder, "store");
  const bin = inject("natsServerBin");
  let nats = await startNats({ bin, dir });
  const port = Number(new URL(nats.url).port);
  const chain = chainOf("a", 1);
  await using floor = await openFloor(nats.url, chain);
  {
    await using projection = floor.project();
    await eventually("caught up", projection.isCaughtUp);
    await floor.publish(extend(chain, 30));
    await expectDiary(floor, chain);
    await nats.stop();
    await cp(dir, join(folder, "copy"), { recursive: true });
    nats = await startNats({ bin, dir, port });
    await eventually("connected", floor.bus.isConnected);
    await floor.publish(extend(chain, 30));
    await expectDiary(floor, chain);

    await nats.stop();
    await rm(dir, { recursive: true });
    await cp(join(folder, "copy"), dir, { recursive: true });
    nats = await startNats({ bin, dir, port });
    await eventually("connected again", floor.bus.isConnected);
    // Sequences 31 and up now carry events that the old ones never did; half of them never reach the stream.
    await floor.publish(extend(chain, 60).slice(20));
    await expectDiary(floor, chain);
    await floor.publish(extend(chain, 5));
    await expectDiary(floor, chain);
  }
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

test("what the stream lost of a site is read from the log while events of another never pause", async () => {
  await using nats = await testNats();
  const quiet = chainOf("a", 1);
  const busy = chainOf("b", 1);
  await using floor = await openFloor(nats.url, quiet, busy);
  let ended = false;
  const projection = floor.project({
    apply: async (transaction, events) => {
      for (const { site, epoch, pos } of events)
        await transaction`insert into diary (site, epoch, pos) values (${site}, ${epoch}, ${pos})`;
      if (ended || events.some(({ pos }) => pos === 1) || events.some(({ site }) => site === "a")) return;
      // As long as this site is applied, more of it waits: the inbox is never empty.
      const waiting = projection.lag();
      await floor.publish(extend(busy, 5));
      await eventually("more of it", () => projection.lag() >= waiting + 5);
    },
  });
  await using _projection = projection;
  await eventually("caught up", projection.isCaughtUp);
  await expectReader(floor);
  extend(quiet, 10);
  await floor.publish(extend(busy, 5));
  // Only of the one that is behind, so that nothing else adds to the lag.
  const head = { epoch: 1, pos: quiet.events.length, hash: "", at: "2026-01-01T00:00:00Z" };
  say(floor.bus, headSubject("a"), head);
  try {
    await eventually(
      "a was read from the log",
      () => projection.positions().get("a")?.pos === quiet.events.length,
    );
  } finally {
    ended = true;
  }
  await expectDiary(floor, busy);
});

test("without a stream for parked messages one is made, and unreadable ones hold nobody up", async () => {
  await using nats = await testNats();
  const chain = chainOf("a", 2);
  await using floor = await openFloor(nats.url, chain);
  await using projection = floor.project();
  await eventually("caught up", projection.isCaughtUp);
  await eventually("stream", () => floor.bus.manager.streams.info(Events.name));
  await floor.publish(extend(chain, 1));
  await expectDiary(floor, chain);
  for (const mess of ["", "{", '{"epoch":1}', "\u0000"])
    await floor.bus.jetStream.publish("events.0.a.mess", mess);
  await floor.publish(extend(chain, 3));
  await expectDiary(floor, chain);
  const info = await eventually("all parked", async () => {
    const { state } = await floor.bus.manager.streams.info(Parked.name);
    return state.messages === 4 && state;
  });
  expect(info.messages).toBe(4);
});

test("stopping ends a reader that waits for room", async () => {
  await using nats = await testNats();
  const chain = chainOf("a", 1);
  await using floor = await openFloor(nats.url, chain);
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let entered = 0;
  const projection = floor.project({
    apply: async (_transaction, events) => {
      entered += events.length;
      if (entered > 1) await gate;
    },
  });
  await eventually("caught up", projection.isCaughtUp);
  const messages = extend(chain, 6_000).map((event) => ({ ...outgoing(event), id: newId() }));
  await publishInOrder(floor.bus, messages);
  await eventually("the inbox is full", () => projection.lag() >= 4_000);
  const stopped = projection.stop();
  open();
  await stopped;
});

test("stopping ends a reader that has only just subscribed", async () => {
  await using nats = await testNats();
  await using floor = await openFloor(nats.url, chainOf("a", 1));
  let stopped: Promise<void> | undefined;
  const { consumers } = floor.bus.jetStream;
  const get = async (...given: Parameters<typeof consumers.get>) => {
    const consumer = await consumers.get(...given);
    await eventually("caught up", projection.isCaughtUp);
    stopped = projection.stop();
    // Stopping begins with a round trip to the server; behind the second one of ours it has reached the reader.
    await floor.bus.connection.flush();
    await floor.bus.connection.flush();
    return consumer;
  };
  const jetStream = { consumers: { get } } as unknown as Bus["jetStream"];
  const projection = floor.project({ bus: { ...floor.bus, jetStream } });
  await eventually("subscribed", () => stopped !== undefined);
  await stopped;
});

test("while the schema is gone it is made again, and filled from the log", async () => {
  await using nats = await testNats();
  const chain = chainOf("a", 70);
  await using floor = await openFloor(nats.url, chain);
  await using _projection = floor.project();
  await expectDiary(floor, chain);
  await expectReader(floor);
  await floor.sql`drop schema test cascade`;
  await floor.publish(extend(chain, 1));
  await eventually("there again", async () => (await floor.sql`select from diary`).length > 0);
  await expectDiary(floor, chain);
});
