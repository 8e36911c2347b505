import { type Bus, ensureStream, follow, openBus, say } from "@tagwire/bus";
import {
  brokenSums,
  type Observation,
  type ObservationBatch,
  Observations,
  type Outcome,
  partitionOf,
  type ReaderCounts,
  type SiteId,
  takenSubject,
} from "@tagwire/messages";
import { migrate, openStore, type Store } from "@tagwire/store";
import { quietLog, type TestDatabase, type TestNats, testDatabase, testNats } from "@tagwire/testing";
import { migrations, schema } from "../store/migrations.ts";
import { type Floor, type FloorOptions, openFloor } from "./floor.ts";

/** A floor for tests on a real Postgres and a real NATS of its own. */
export type Ground = {
  readonly database: TestDatabase;
  readonly nats: TestNats;
  readonly bus: Bus;
  readonly store: Store<unknown>;
  /** Opens a floor that owns the site, as a process would after claiming its partition. */
  readonly open: (site: SiteId, options: Omit<FloorOptions, "bus" | "sql" | "log">) => Promise<OpenFloor>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

export type OpenFloor = {
  readonly floor: Floor;
  /** Ends it as kill -9 would: connections are cut, nothing is said or saved any more. */
  readonly kill: () => Promise<void>;
};

export const testGround = async (): Promise<Ground> => {
  const [database, nats] = await Promise.all([testDatabase(), testNats()]);
  const log = quietLog();
  await migrate(database.url, schema, migrations);
  const open = () => openStore<unknown>({ url: database.url, schema, name: "test", log, connectionsMax: 3 });
  const store = await open();
  const bus = await openBus({ url: nats.url, name: "test", log });
  await ensureStream(bus, Observations);
  const endings: (() => Promise<void>)[] = [];
  let epoch = 0;
  return {
    database,
    nats,
    bus,
    store,
    open: async (site, options) => {
      const own = { store: await open(), bus: await openBus({ url: nats.url, name: "floor", log }) };
      const floor = openFloor({ bus: own.bus, sql: own.store.sql, log, ...options });
      epoch += 1;
      await floor.take(partitionOf(site), epoch);
      let ended = false;
      const kill = async () => {
        if (ended) return;
        ended = true;
        await own.bus.connection.close();
        await own.store.sql.end({ timeout: 0 });
      };
      endings.push(async () => {
        if (!ended) await floor.stop();
        await kill();
      });
      return { floor, kill };
    },
    [Symbol.asyncDispose]: async () => {
      for (const end of endings) await end();
      await bus.close();
      await store.close();
      await nats[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
};

export type HeardBatch = {
  readonly subject: string;
  readonly traceparent: string | undefined;
  readonly observations: readonly Observation[];
};

/** Hears the stream as operations does; `decide` gives an outcome for each observation that it takes, or none. */
export const listen = async (
  bus: Bus,
  decide: (observation: Observation) => Outcome | undefined,
): Promise<{ readonly batches: HeardBatch[]; readonly stop: () => Promise<void> }> => {
  const { messages, stop } = await follow(bus, {
    stream: Observations.name,
    subjects: ["observations.>"],
    from: "beginning",
  });
  const batches: HeardBatch[] = [];
  const read = async () => {
    for await (const message of messages) {
      const { observations } = JSON.parse(Buffer.from(message.data).toString()) as ObservationBatch;
      batches.push({ subject: message.subject, traceparent: message.traceparent, observations });
      const taken = observations.flatMap((observation) => {
        const outcome = decide(observation);
        return outcome === undefined ? [] : [{ id: observation.id, outcome }];
      });
      const [, , site = "", reader = ""] = message.subject.split(".");
      if (taken.length > 0) say(bus, takenSubject(site, reader), { taken });
    }
  };
  const reading = read().catch(() => undefined);
  return {
    batches,
    stop: async () => {
      await stop();
      await reading;
    },
  };
};

/** What must hold of every ledger at every moment. */
export const addsUp = (counts: ReaderCounts): boolean => brokenSums(counts).length === 0;
