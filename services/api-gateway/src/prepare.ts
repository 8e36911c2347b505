import { runOnce } from "@tagwire/service";
import { migrate } from "@tagwire/store";
import { readConfig } from "./config.ts";
import { migrations, schema } from "./store/tables.ts";

/** Brings what api-gateway owns up to date, so that no replica has to: its schema. Safe to repeat, also while replicas run. */
await runOnce("api-gateway", async ({ env }) => {
  await migrate(readConfig(env).databaseUrl, schema, migrations);
  return 0;
});
