import { runOnce } from "@tagwire/service";
import { openStore } from "@tagwire/store";
import { readConfig } from "./config.ts";
import { schema } from "./store/migrations.ts";
import { listSites } from "./store/sites.ts";
import { verifyLog } from "./store/verify-log.ts";

/** What the process ends with where a log is not what was written. */
const broken = 3;
const stretchEvents = 1_000;
const connectionsMax = 1;

/**
 * Reads the log of every site from its beginning and checks that each event comes to its own hash and names the one
 * before. Ends with 0 where all are whole and 3 where one is not; each finding is a line of the log.
 */
await runOnce("operations-verify-log", async ({ env, log, use }) => {
  const { databaseUrl: url } = readConfig(env);
  const { sql } = use(await openStore({ url, schema, name: "operations verify-log", log, connectionsMax }));
  let code = 0;
  for (const { id: site, epoch } of await listSites(sql)) {
    let [after, events]: [number | null, number] = [0, 0];
    while (after !== null) {
      const stretch = await verifyLog(sql, { site, epoch, after, limit: stretchEvents });
      for (const link of stretch.broken) log.error({ site, epoch, ...link }, "the log is broken");
      if (stretch.broken.length > 0) code = broken;
      events += stretch.checked;
      after = stretch.next;
    }
    log.info({ site, epoch, events }, "read the log of a site");
  }
  return code;
});
