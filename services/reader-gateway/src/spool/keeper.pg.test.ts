import { newId, type Observation } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { eventually, quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openLedger } from "../actors/ledger.ts";
import { migrations, schema } from "../store/migrations.ts";
import { findAfter, saveObservations } from "../store/observations.ts";
import { findReader, insertReader } from "../store/readers.ts";
import { createKeeper, type KeptReader } from "./keeper.ts";

const site = "north";
const observation = (tag: string, reads = 1): Observation => ({
  id: newId(),
  tag,
  place: "gate",
  antenna: 1,
  reads,
  peakRssiDbm: -51.5,
  firstHeardAt: "2026-03-01T10:00:00.123Z",
  lastHeardAt: "2026-03-01T10:00:01.456Z",
  traceparent: "00-11111111111111111111111111111111-2222222222222222-01",
});

const ground = async () => {
  const database = await testDatabase((url) => migrate(url, schema, migrations));
  const store = await openStore<unknown>({ url: database.url, schema, name: "test", log: quietLog() });
  const settings = { driver: "llrp" as const, address: "127.0.0.1", antennas: [], station: null };
  const stored = await insertReader(store.sql, site, "dock", settings);
  if (stored === undefined) throw new Error("not made");
  const reader: KeptReader = {
    number: stored.number,
    site,
    id: "dock",
    ledger: openLedger(stored, stored.ledgerVersion),
  };
  return {
    sql: store.sql,
    reader,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
};

/** The real thing, but the answer of the nth statement is lost on the way back, after Postgres has done it. */
const losingAnswers = (sql: Sql, lost: readonly number[]): Sql => {
  let statements = 0;
  return new Proxy(sql, {
    apply: (target, self, args: unknown[]) => {
      const made: unknown = Reflect.apply(target, self, args);
      if (!Array.isArray(args[0]) || !Object.hasOwn(args[0], "raw")) return made;
      statements += 1;
      if (!lost.includes(statements)) return made;
      return Promise.resolve(made).then(() => {
        throw new Error("the connection was lost");
      });
    },
  });
};

test("what is kept comes back as it was, in the order in which it was added", async () => {
  await using at = await ground();
  const all = ["CC", "AA", "BB"].map((tag, index) => observation(tag, index + 1));
  const delta = { number: at.reader.number, version: 1, frames: 2, malformed: 1, filtered: 4, observed: 6 };
  const saved = await saveObservations(
    at.sql,
    [{ ...delta, observations: 3 }],
    all.map((one) => ({ reader: at.reader.number, observation: one })),
  );
  expect([...saved.moved]).toEqual([at.reader.number]);
  const rows = await findAfter(at.sql, site, { afterSeq: 0, limit: 10 });
  expect(rows.map((row) => row.observation)).toEqual(all);
  expect(rows.map(({ seq }) => seq)).toEqual(all.map(({ id }) => saved.seqs.get(id)));
  expect(await findReader(at.sql, site, "dock")).toMatchObject({
    reads: 10,
    filtered: 4,
    observed: 6,
    frames: 2,
  });
});

test("the same save a second time does nothing", async () => {
  await using at = await ground();
  const one = observation("AA");
  const delta = { number: at.reader.number, version: 1, frames: 1, malformed: 0, filtered: 0 };
  const save = () =>
    saveObservations(
      at.sql,
      [{ ...delta, observed: 1, observations: 1 }],
      [{ reader: at.reader.number, observation: one }],
    );
  await save();
  const again = await save();
  expect(again).toEqual({ moved: new Set(), seqs: new Map() });
  expect(await findReader(at.sql, site, "dock")).toMatchObject({
    reads: 1,
    observations: 1,
    ledgerVersion: 1,
  });
});

test("a save whose answer was lost counts once, and is looked up in Postgres to be sent", async () => {
  await using at = await ground();
  const unseen: string[] = [];
  const seen: string[] = [];
  const keeper = createKeeper({
    sql: losingAnswers(at.sql, [1]),
    log: quietLog(),
    kept: (_site, observations) => seen.push(...observations.map((one) => one.observation.tag)),
    keptUnseen: (where) => unseen.push(where),
    changed: () => {},
  });
  const { ledger } = at.reader;
  ledger.unsaved.reads = 3;
  keeper.add(at.reader, [observation("AA"), observation("BB", 2)]);
  await eventually("kept", () => ledger.waitingReads === 0);
  expect({ unseen, seen }).toEqual({ unseen: [site], seen: [] });
  expect(ledger.saved).toMatchObject({ reads: 3, observed: 3, observations: 2 });
  expect(await findReader(at.sql, site, "dock")).toMatchObject({ reads: 3, observed: 3, observations: 2 });
  await keeper.close();
});

test("a ledger that somebody else moved on is read again, and the save is made on top of it", async () => {
  await using at = await ground();
  await at.sql`update reader set ledger_version = 7, reads = 5, observed = 5, observations = 5, accepted = 5`;
  const keeper = createKeeper({
    sql: at.sql,
    log: quietLog(),
    kept: () => {},
    keptUnseen: () => {},
    changed: () => {},
  });
  const { ledger } = at.reader;
  ledger.unsaved.reads = 1;
  keeper.add(at.reader, [observation("AA")]);
  await eventually("kept", () => ledger.waitingReads === 0);
  expect(ledger).toMatchObject({
    version: 8,
    saved: { reads: 6, observed: 6, observations: 6, accepted: 5 },
  });
  expect(await findReader(at.sql, site, "dock")).toMatchObject({ reads: 6, ledgerVersion: 8 });
  await keeper.close();
});

test("counters that no observation carries are saved at the end", async () => {
  await using at = await ground();
  const keeper = createKeeper({
    sql: at.sql,
    log: quietLog(),
    kept: () => {},
    keptUnseen: () => {},
    changed: () => {},
  });
  Object.assign(at.reader.ledger.unsaved, { frames: 4, malformed: 2, reads: 3, filtered: 3 });
  keeper.touch(at.reader);
  await keeper.close();
  expect(await findReader(at.sql, site, "dock")).toMatchObject({
    frames: 4,
    malformed: 2,
    reads: 3,
    filtered: 3,
  });
});
