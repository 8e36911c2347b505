import { type Bus, openBus } from "@tagwire/bus";
import { openLog } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { isLevel } from "./test-check.ts";
import type { SampleLog } from "./test-log.ts";
import { type SampleOperations, sampleOperations } from "./test-operations.ts";

export type Floor = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly bus: Bus;
  readonly logs: Map<string, SampleLog>;
  readonly operations: SampleOperations;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

type Server = AsyncDisposable & { readonly url: string };

/** The part of operations that answers for the log, on a real Postgres and NATS; they end with it. */
export const openFloor = async (
  servers: { readonly database: Server; readonly nats: Server },
  ...logs: readonly SampleLog[]
): Promise<Floor> => {
  const { database, nats } = servers;
  const bus = await openBus({ url: nats.url, name: "operations", log: openLog("test", "silent") });
  const known = new Map(logs.map((log) => [log.site, log]));
  const operations = sampleOperations(bus, known);
  return {
    databaseUrl: database.url,
    natsUrl: nats.url,
    bus,
    logs: known,
    operations,
    [Symbol.asyncDispose]: async () => {
      await operations.stop();
      await bus.close();
      await nats[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
};

/** Says the heads, as the sites' owner would, and looks whether the whole log is applied. */
export const looksLevel = (
  projected: { readonly store: { readonly sql: Sql } },
  floor: Floor,
  log: SampleLog,
): Promise<boolean> => {
  floor.operations.sayHeads();
  return isLevel(projected.store.sql, log);
};
