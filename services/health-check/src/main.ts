import { openBus } from "@tagwire/bus";
import { runService } from "@tagwire/service";
import { faultOfStore, migrate, openStore } from "@tagwire/store";
import { answerHealth } from "./answers/answers.ts";
import { leadAudits } from "./auditing/lead.ts";
import { sitesAtOnceMax } from "./auditing/schedule.ts";
import { readConfig } from "./config.ts";
import { observeHealth } from "./meters.ts";
import { migrations, schema } from "./store/migrations.ts";

/** Audits of the clock, and now and then somebody who asks. */
const connectionsMax = sitesAtOnceMax + 2;

await runService("health-check", async ({ env, log, use, ready }) => {
  const { databaseUrl, natsUrl, streamReplicas, auditEveryMs, ...bounds } = readConfig(env);
  await migrate(databaseUrl, schema, migrations);
  const store = use(await openStore({ url: databaseUrl, schema, name: "health-check", log, connectionsMax }));
  const bus = use(
    await openBus({ url: natsUrl, streamReplicas, name: "health-check", log, faultOf: faultOfStore }),
  );
  const { sql } = store;
  const auditing = use(await leadAudits({ bus, sql, log, ...bounds, everyMs: auditEveryMs }));
  use(observeHealth(sql));
  for (const answering of answerHealth(bus, { sql, everyMs: auditEveryMs, leading: auditing.leading }))
    use(answering);

  ready("store", store.isAnswering);
  ready("bus", bus.isAnswering);
});
