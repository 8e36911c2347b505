import { ensureStream, openBus } from "@tagwire/bus";
import { Events, Parked } from "@tagwire/messages";
import { openLog } from "@tagwire/service";
import { migrate, openStore, type Sql, type Store } from "@tagwire/store";
import { type Leading, leadWhenOurs } from "./projecting/lead.ts";
import { watchSchema } from "./projecting/schema-watch.ts";
import { migrations, schema } from "./store/migrations.ts";

export type SampleManager = Leading & {
  readonly store: Store<unknown>;
  readonly applied: () => number;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

const connectionsMax = 4;

/** The projecting half of the service in this process, on a real Postgres and a real NATS. */
export const sampleManager = async (
  databaseUrl: string,
  natsUrl: string,
  /** What stands between the projection and Postgres. */
  through: (sql: Sql) => Sql = (sql) => sql,
): Promise<SampleManager> => {
  const log = openLog("test", "silent");
  await migrate(databaseUrl, schema, migrations);
  const store = await openStore({ url: databaseUrl, schema, name: "manager", log, connectionsMax });
  const bus = await openBus({ url: natsUrl, name: "manager", log });
  await ensureStream(bus, Events);
  await ensureStream(bus, Parked);
  let applied = 0;
  const meters = {
    applied: (events: number) => {
      applied += events;
    },
    said: () => {},
  };
  const watch = watchSchema({ sql: store.sql, databaseUrl, log });
  const leading = await leadWhenOurs({ bus, sql: through(store.sql), databaseUrl, meters, log });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= (async () => {
      await watch.stop();
      await leading.stop();
      await bus.close();
      await store.close();
    })();
    return stopped;
  };
  return { ...leading, store, applied: () => applied, stop, [Symbol.asyncDispose]: stop };
};
