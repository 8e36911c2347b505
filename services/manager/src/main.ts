import { answer, ensureStream, openBus } from "@tagwire/bus";
import { AskDashboard, AskManagerDigest, AskSnapshot, Parked } from "@tagwire/messages";
import { runService } from "@tagwire/service";
import { faultOfStore, migrate, openStore } from "@tagwire/store";
import { answerDashboard } from "./answers/dashboard.ts";
import { answerItemDigest } from "./answers/item-digest.ts";
import { answerSnapshot } from "./answers/snapshot.ts";
import { readConfig } from "./config.ts";
import { leadWhenOurs } from "./projecting/lead.ts";
import { observeGauges, openMeters } from "./projecting/meters.ts";
import { watchSchema } from "./projecting/schema-watch.ts";
import { writeTimeoutMs } from "./projecting/write-timeout.ts";
import { migrations, schema } from "./store/migrations.ts";
import { countParked } from "./store/sites.ts";

const writeConnectionsMax = 3;

await runService("manager", async ({ env, log, use, ready }) => {
  const { databaseUrl, natsUrl } = readConfig(env);
  await migrate(databaseUrl, schema, migrations);
  const store = use(await openStore({ url: databaseUrl, schema, name: "manager", log }));
  const rows = use(
    await openStore({
      url: databaseUrl,
      schema,
      name: "manager projection",
      log,
      connectionsMax: writeConnectionsMax,
      transactionTimeoutMs: writeTimeoutMs,
    }),
  );
  const bus = use(await openBus({ url: natsUrl, name: "manager", log, faultOf: faultOfStore }));
  await ensureStream(bus, Parked);
  use(watchSchema({ sql: store.sql, databaseUrl, log }));

  const leading = use(await leadWhenOurs({ bus, sql: rows.sql, databaseUrl, meters: openMeters(), log }));
  use(
    observeGauges({
      lagEvents: leading.lagEvents,
      lagSeconds: leading.lagSeconds,
      isLeading: leading.isLeading,
      parked: () => countParked(store.sql),
    }),
  );

  use(answer(bus, AskDashboard, ({ site }) => answerDashboard(store.sql, site, Date.now())));
  use(answer(bus, AskSnapshot, (question) => answerSnapshot(store.sql, question, Date.now())));
  use(answer(bus, AskManagerDigest, ({ site }) => answerItemDigest(store.sql, site)));

  ready("store", store.isAnswering);
  ready("bus", bus.isConnected);
  ready("projection", leading.isReady);
});
