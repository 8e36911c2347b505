import { randomBytes } from "node:crypto";
import { newId, type Observation } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import type { FrameTally } from "../actors/ledger.ts";
import type { TagRead } from "../drivers/driver.ts";
import { tagRead } from "../floor/scripted-driver.ts";
import type { HeardBatch } from "../floor/test-floor.ts";
import { migrations, schema } from "../store/migrations.ts";
import { insertReader, type StoredReader } from "../store/readers.ts";
import type { LedgerDelta } from "../store/saves.ts";
import { testNote } from "../store/test-note.ts";
import { createKeeper, type Keeper, type KeeperOptions } from "./keeper.ts";
import type { HeardObservation } from "./save.ts";

export const site = "north";
export const dock = {
  id: "dock",
  driver: "llrp" as const,
  address: "127.0.0.1",
  antennas: [{ port: 1, place: "gate" }],
};

export const epcs = (count: number): string[] =>
  Array.from({ length: count }, () => randomBytes(12).toString("hex").toUpperCase());
export const frameOf = (tags: readonly string[]): TagRead[] => tags.map((epc) => tagRead(epc));
export const tagsOf = (batches: readonly HeardBatch[]): string[] =>
  batches.flatMap((one) => one.observations.map(({ tag }) => tag));

export const observation = (tag: string, reads = 1): Observation => ({
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

/** An observation as hearing gives it to the keeper: all its reads are of the antenna that it names, unless told. */
export const heard = (tag: string, reads = 1, readsBy = new Map([[1, reads]])): HeardObservation => ({
  observation: observation(tag, reads),
  readsBy,
});

/** What a frame has of one antenna. */
export const tally = (reads: number, filtered: FrameTally["filtered"] = {}, antenna = 1): FrameTally => ({
  antenna,
  reads,
  filtered,
});

/** What a save of one reader adds when all of it is of antenna 1. */
export const deltaOf = (number: number, save: Partial<Omit<LedgerDelta, "antennas">>): LedgerDelta => {
  const all = { frames: 0, malformed: 0, filtered: 0, observed: 0, observations: 0, rejected: 0, ...save };
  const { filtered, observed, observations, rejected } = all;
  const reads = filtered + observed;
  const antenna = { reads, filtered, "filtered.impossible": filtered, observed, observations, rejected };
  return { number, ...all, antennas: { 1: antenna } };
};

export type SpoolGround = {
  readonly url: string;
  readonly sql: Sql;
  readonly stored: StoredReader;
  readonly insert: (id: string) => Promise<StoredReader>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** A Postgres of its own with one reader, `dock`, in it. */
export const spoolGround = async (): Promise<SpoolGround> => {
  const database = await testDatabase((url) => migrate(url, schema, migrations));
  const store = await openStore<unknown>({ url: database.url, schema, name: "test", log: quietLog() });
  const insert = async (id: string) => {
    const settings = { driver: "llrp" as const, address: "127.0.0.1", antennas: [], station: null };
    const stored = await insertReader(store.sql, { site, id: id }, settings, testNote(id));
    if (stored === undefined) throw new Error("not made");
    return stored;
  };
  return {
    url: database.url,
    sql: store.sql,
    stored: await insert("dock"),
    insert,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
};

export type TestKeeper = {
  readonly keeper: Keeper;
  /** The tags that were kept, in the order in which they were told. */
  readonly tags: readonly string[];
  readonly unseen: readonly string[];
};

export const testKeeper = (sql: Sql, more: Partial<KeeperOptions> = {}): TestKeeper => {
  const tags: string[] = [];
  const unseen: string[] = [];
  const keeper = createKeeper({
    sql,
    log: quietLog(),
    kept: (_site, observations) => tags.push(...observations.map((one) => one.observation.tag)),
    keptUnseen: (where) => unseen.push(where),
    changed: () => {},
    ...more,
  });
  return { keeper, tags, unseen };
};

/** Calls of the real thing, with `answered` in between for whole statements: `nth` counts them from 1. */
const between = (sql: Sql, answered: (made: Promise<unknown>, nth: number) => Promise<unknown>): Sql => {
  let statements = 0;
  return new Proxy(sql, {
    apply: (target, self, args: unknown[]) => {
      const made: unknown = Reflect.apply(target, self, args);
      const [template] = args as [{ raw?: readonly string[] }];
      // Parts of statements are made by the same function, and are no statements.
      if (!/^\s*(with|select)\b/.test(template.raw?.[0] ?? "")) return made;
      statements += 1;
      return answered(made as Promise<unknown>, statements);
    },
  });
};

/**
 * The real thing, but the answers of some statements are lost on the way back, after Postgres has done them: `isLost` says
 * which, counting from 1.
 */
export const losingAnswers = (sql: Sql, isLost: (nth: number) => boolean): Sql =>
  between(sql, (made, nth) =>
    isLost(nth)
      ? Promise.resolve(made).then(() => {
          throw new Error("the connection was lost");
        })
      : made,
  );

/** The real thing, but nobody ever hears the answer of one statement: `done` is told when Postgres has done it. */
export const withheldAnswers = (sql: Sql, which: number, done: () => void): Sql =>
  between(sql, (made, nth) =>
    nth === which
      ? Promise.resolve(made).then(() => {
          done();
          return new Promise(() => {});
        })
      : made,
  );
