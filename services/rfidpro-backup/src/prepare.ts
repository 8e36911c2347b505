import { runOnce } from "@tagwire/service";
import { migrate } from "@tagwire/store";
import { readConfig } from "./config.ts";
import { migrations, schema } from "./store/migrations.ts";

/** Brings what rfidpro-backup owns up to date, so that no replica has to: its schema. Safe to repeat, also while replicas run. */
await runOnce("rfidpro-backup", async ({ env }) => {
  await migrate(readConfig(env).databaseUrl, schema, migrations);
  return 0;
});
