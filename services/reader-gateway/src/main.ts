import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { ensureStream, openBus } from "@tagwire/bus";
import { Observations, ReaderPosts } from "@tagwire/messages";
import { runService } from "@tagwire/service";
import { faultOfStore, migrate, openStore } from "@tagwire/store";
import { openMqttCredentials } from "./answers/mqtt-credentials.ts";
import { readConfig } from "./config.ts";
import { drivers } from "./drivers/catalogue.ts";
import { openGateway } from "./gateway.ts";
import { openMetrics } from "./metrics.ts";
import { openTallies } from "./spool/found-books.ts";
import { openRecordings } from "./spool/recordings.ts";
import { migrations, schema } from "./store/migrations.ts";
import { countParked } from "./store/saves.ts";

/** Shorter than a lease, so that a frozen process cannot hold a row that the next owner needs. */
const transactionTimeoutMs = 2_500;

await runService("reader-gateway", async ({ env, log, use, ready, lacks }) => {
  const {
    databaseUrl,
    natsUrl,
    streamReplicas,
    mqttIssuerSeedFile,
    recordingsDir,
    talliesDir,
    rule,
    windowsMax,
  } = readConfig(env);
  await migrate(databaseUrl, schema, migrations);
  const store = use(
    await openStore({ url: databaseUrl, schema, name: "reader-gateway", log, transactionTimeoutMs }),
  );
  const bus = use(
    await openBus({ url: natsUrl, streamReplicas, name: "reader-gateway", log, faultOf: faultOfStore }),
  );
  await ensureStream(bus, Observations);
  await ensureStream(bus, ReaderPosts);

  const owner = `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`;
  const recordings = openRecordings(recordingsDir, log);
  if (talliesDir === undefined)
    lacks("TALLIES_DIR is not set: if this process is killed, reads since its last save are in no ledger");
  const tallies = await openTallies(talliesDir, store.sql, log);
  const { floor } = use(
    await openGateway({ bus, sql: store.sql, log, drivers, rule, windowsMax, recordings, tallies, owner }),
  );
  if (mqttIssuerSeedFile !== undefined)
    use(openMqttCredentials(bus, (await readFile(mqttIssuerSeedFile, "utf8")).trim()));
  openMetrics(floor, () => countParked(store.sql));

  ready("store", store.isAnswering);
  ready("bus", bus.isAnswering);
  ready("readers", floor.isLoaded);
});
