import { ensureStream, openBus } from "@tagwire/bus";
import { Observations, ReaderPosts } from "@tagwire/messages";
import { runOnce } from "@tagwire/service";
import { faultOfStore, migrate } from "@tagwire/store";
import { readConfig } from "./config.ts";
import { migrations, schema } from "./store/migrations.ts";

/** Brings what reader-gateway owns up to date, so that no replica has to: its schema, and the streams of what readers tell. Safe to repeat, also while replicas run. */
await runOnce("reader-gateway", async ({ env, log, use }) => {
  const { databaseUrl, natsUrl, streamReplicas } = readConfig(env);
  await migrate(databaseUrl, schema, migrations);
  const bus = use(
    await openBus({ url: natsUrl, streamReplicas, name: "reader-gateway", log, faultOf: faultOfStore }),
  );
  await ensureStream(bus, Observations);
  await ensureStream(bus, ReaderPosts);
  return 0;
});
