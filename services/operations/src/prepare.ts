import { ensureStream, openBus } from "@tagwire/bus";
import { Events } from "@tagwire/messages";
import { runOnce } from "@tagwire/service";
import { faultOfStore, migrate } from "@tagwire/store";
import { readConfig } from "./config.ts";
import { migrations, schema } from "./store/migrations.ts";

/** Brings what operations owns up to date, so that no replica has to: its schema, and the stream of its events. Safe to repeat, also while replicas run. */
await runOnce("operations", async ({ env, log, use }) => {
  const { databaseUrl, natsUrl, streamReplicas } = readConfig(env);
  await migrate(databaseUrl, schema, migrations);
  const bus = use(
    await openBus({ url: natsUrl, streamReplicas, name: "operations", log, faultOf: faultOfStore }),
  );
  await ensureStream(bus, Events);
  return 0;
});
