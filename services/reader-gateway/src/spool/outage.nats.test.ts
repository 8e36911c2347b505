import { openBus } from "@tagwire/bus";
import type { ReaderCounts } from "@tagwire/messages";
import { openStore } from "@tagwire/store";
import { eventually, quietLog } from "@tagwire/testing";
import { expect, test } from "vitest";
import { scriptedDrivers } from "../floor/scripted-driver.ts";
import { addsUp, type Ground, listen, testGround } from "../floor/test-floor.ts";
import { openGateway } from "../gateway.ts";
import { schema } from "../store/migrations.ts";
import { tester } from "../store/test-note.ts";
import { dock, epcs, frameOf, site } from "./test-spool.ts";

const replica = async (ground: Ground) => {
  const log = quietLog();
  const { drivers, connections } = scriptedDrivers();
  const store = await openStore<unknown>({ url: ground.database.url, schema, name: "replica", log });
  const bus = await openBus({ url: ground.nats.url, name: "replica", log });
  const options = { bus, sql: store.sql, log, drivers, owner: "replica", leaseTtlMs: 1_000 };
  const { floor, stop } = await openGateway(options);
  await eventually("loaded", () => floor.isLoaded());
  return {
    floor,
    connections,
    counts: (): ReaderCounts | undefined => floor.findSite(site)?.find("dock")?.counts,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await bus.close();
      await store.close();
    },
  };
};

test("an outage longer than the lease, under reads, loses nothing, counts nothing twice and blocks nothing", async () => {
  await using ground = await testGround();
  await using gateway = await replica(ground);
  const { floor, connections, counts } = gateway;
  const { sql } = ground.store;
  const listener = await listen(ground.bus, () => "accepted");
  await floor.openSite(site).create(dock, tester);
  const tags = epcs(1_300);
  const hear = (from: number, to: number) => connections.at(-1)?.host.frame(frameOf(tags.slice(from, to)));
  hear(0, 100);
  await eventually("the first are taken", () => counts()?.accepted === 100);

  await sql`
    create function away() returns trigger language plpgsql as
    $$ begin raise exception 'Postgres is away' using errcode = '57P03'; end $$`;
  await sql`create trigger away before insert on observation execute function away()`;
  await sql`alter table partition rename to partition_away`;
  hear(100, 800);
  await eventually("the lease has run out", () => connections[0]?.signal.aborted);
  // Leases come back first, so that a new life of the reader reads while the former one's observations still wait.
  await sql`alter table partition_away rename to partition`;
  await eventually("read by a new life", () => connections.length === 2);
  hear(800, 1_300);
  expect(counts()).toMatchObject({ frames: 3, reads: 1_300, held: 1_200, observed: 100 });
  await sql`drop trigger away on observation`;

  const settled = await eventually("all are taken", () => {
    const now = counts();
    expect(now !== undefined && addsUp(now)).toBe(true);
    return now?.accepted === 1_300 ? now : undefined;
  });
  const expected = { frames: 3, reads: 1_300, filtered: 0, observed: 1_300, observations: 1_300 };
  expect(settled).toMatchObject({ ...expected, held: 0, pending: 0 });
  expect(await sql`select frames, reads, filtered, observed, observations, accepted from reader`).toEqual([
    { ...expected, accepted: 1_300 },
  ]);
  const heard = listener.batches.flatMap(({ observations }) => observations);
  expect(new Set(heard.map(({ tag }) => tag))).toEqual(new Set(tags));
  expect(new Set(heard.map(({ id }) => id)).size).toBe(1_300);
  expect(await sql`select from parked`).toHaveLength(0);
  await listener.stop();
});
