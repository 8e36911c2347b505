import { ensureStream, openBus } from "@tagwire/bus";
import { Parked } from "@tagwire/messages";
import { runOnce } from "@tagwire/service";
import { faultOfStore, migrate } from "@tagwire/store";
import { readConfig } from "./config.ts";
import { migrations, schema } from "./store/migrations.ts";
import { noticesMigrations, noticesSchema } from "./store/notices-migrations.ts";

/** Brings what manager owns up to date, so that no replica has to: its schemas, and the stream of what could not be read. Safe to repeat, also while replicas run. */
await runOnce("manager", async ({ env, log, use }) => {
  const { databaseUrl, natsUrl, streamReplicas } = readConfig(env);
  await migrate(databaseUrl, schema, migrations);
  await migrate(databaseUrl, noticesSchema, noticesMigrations);
  const bus = use(
    await openBus({ url: natsUrl, streamReplicas, name: "manager", log, faultOf: faultOfStore }),
  );
  await ensureStream(bus, Parked);
  return 0;
});
