import { openBus } from "@tagwire/bus";
import { runService } from "@tagwire/service";
import { faultOfStore, migrate, openStore } from "@tagwire/store";
import { answerDifferences } from "./answers/differences.ts";
import { answerImports } from "./answers/imports.ts";
import { answerMigration } from "./answers/migration.ts";
import { answerReports } from "./answers/report.ts";
import { answerRuns } from "./answers/runs.ts";
import { readConfig } from "./config.ts";
import { keepImports } from "./importing/keep-imports.ts";
import { observeRuns } from "./meters.ts";
import { openContext } from "./open-context.ts";
import { keepRuns } from "./running/runs.ts";
import { keepDaily } from "./scheduling/daily.ts";
import { keepRechecks } from "./scheduling/rechecks.ts";
import { keepRetries } from "./scheduling/retries.ts";
import { migrations, schema } from "./store/migrations.ts";

/** One pull of a site at a time, and now and then somebody who asks. */
const connectionsMax = 3;

/** The service: carries out what people ask for, for as long as it runs. */
export const serve = (): Promise<void> =>
  runService("rfidpro-backup", async ({ env, log, use, ready }) => {
    const config = readConfig(env);
    const { databaseUrl: url, natsUrl, streamReplicas } = config;
    await migrate(url, schema, migrations);
    const store = use(await openStore({ url, schema, name: "rfidpro-backup", log, connectionsMax }));
    const bus = use(
      await openBus({ url: natsUrl, streamReplicas, name: "rfidpro-backup", log, faultOf: faultOfStore }),
    );
    const { sql } = store;
    const options = await openContext(config, { sql, bus, log, goesOn: true });
    const runs = use(keepRuns(options));
    use(observeRuns(sql));
    const key = options.archive?.key;
    const publicKey = key?.publicKey;
    for (const answering of answerRuns(bus, { sql, runs, publicKey })) use(answering);
    for (const answering of answerDifferences(bus, sql)) use(answering);
    for (const answering of answerReports(bus, sql, key)) use(answering);
    const imports = use(keepImports({ bus, sql, log }));
    for (const answering of answerImports(bus, { sql, imports })) use(answering);
    for (const answering of answerMigration(bus, sql)) use(answering);
    use(keepRechecks({ sql, log, runs }));
    if (config.retryAfterMs !== undefined) use(keepRetries({ sql, log, runs, afterMs: config.retryAfterMs }));
    if (config.dailyAt !== undefined) use(keepDaily({ bus, log, runs, at: config.dailyAt }));

    ready("store", store.isAnswering);
    ready("bus", bus.isAnswering);
  });
