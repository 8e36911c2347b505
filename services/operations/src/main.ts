import { everyPartitionHasAnOwner } from "@tagwire/actor";
import { keepFolding } from "@tagwire/audit";
import { openBus } from "@tagwire/bus";
import { runService } from "@tagwire/service";
import { faultOfStore, migrate, openStore } from "@tagwire/store";
import { answerAudits } from "./answers/audits.ts";
import { answerEpcis } from "./answers/epcis.ts";
import { answerQueries } from "./answers/queries.ts";
import { readConfig } from "./config.ts";
import { startOwner } from "./owner.ts";
import { startRetention } from "./retention.ts";
import { migrations, schema } from "./store/migrations.ts";
import { nameThings } from "./store/thing-names.ts";

/** One renews while the other gives back. */
const leaseConnectionsMax = 2;
/** So many tags of two sites are named in the log; their count says how many more there are. */
const tagsToldMax = 20;

await runService("operations", async ({ env, log, use, ready }) => {
  const { databaseUrl, natsUrl, streamReplicas, leaseTtlMs, owner } = readConfig(env);
  await migrate(databaseUrl, schema, migrations);
  const store = use(await openStore({ url: databaseUrl, schema, name: "operations", log }));
  // Turns have their own connections with a limit below the lease: a frozen turn cannot outlive the right to commit it.
  const turnStore = use(
    await openStore({
      url: databaseUrl,
      schema,
      name: "operations turns",
      log,
      transactionTimeoutMs: Math.floor(leaseTtlMs * 0.8),
      plansOnce: true,
    }),
  );
  // A renewal that waited behind turns would come too late just when there is most to do.
  const leaseStore = use(
    await openStore({
      url: databaseUrl,
      schema,
      name: "operations leases",
      log,
      connectionsMax: leaseConnectionsMax,
      transactionTimeoutMs: Math.floor(leaseTtlMs * 0.8),
    }),
  );
  const ofTwo = await nameThings(store.sql);
  if (ofTwo.length > 0)
    log.warn(
      { count: ofTwo.length, tags: ofTwo.slice(0, tagsToldMax) },
      "tags that are on things of two sites: each keeps its own, until one of the two gets another tag or is retired",
    );
  const bus = use(
    await openBus({ url: natsUrl, streamReplicas, name: "operations", log, faultOf: faultOfStore }),
  );

  const owning = use(
    await startOwner({
      ...{ sql: turnStore.sql, besideSql: store.sql, leaseSql: leaseStore.sql },
      ...{ bus, owner, log, leaseTtlMs },
    }),
  );
  use(startRetention({ sql: store.sql, leases: owning.leases, log }));
  use(keepFolding(store.sql, log));
  for (const answering of [
    ...answerQueries(bus, store.sql),
    ...answerEpcis(bus, store.sql),
    ...answerAudits(bus, store.sql),
  ])
    use(answering);

  ready("postgres", store.isAnswering);
  ready("nats", bus.isAnswering);
  ready("partitions", () => everyPartitionHasAnOwner(store.sql));
});
