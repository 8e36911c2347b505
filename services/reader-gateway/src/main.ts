import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { claimLeases } from "@tagwire/actor";
import { ensureStream, openBus } from "@tagwire/bus";
import { Observations } from "@tagwire/messages";
import { runService } from "@tagwire/service";
import { migrate, openStore } from "@tagwire/store";
import { openFloor } from "./actors/floor.ts";
import { openAnswers } from "./answers/answers.ts";
import { readConfig } from "./config.ts";
import { drivers } from "./drivers/catalogue.ts";
import { openMetrics } from "./metrics.ts";
import { migrations, schema } from "./store/migrations.ts";

/** Shorter than a lease, so that a frozen process cannot hold a row that the next owner needs. */
const transactionTimeoutMs = 2_500;

await runService("reader-gateway", async ({ env, log, use, ready }) => {
  const { databaseUrl, natsUrl, smoothing } = readConfig(env);
  await migrate(databaseUrl, schema, migrations);
  const store = use(
    await openStore({ url: databaseUrl, schema, name: "reader-gateway", log, transactionTimeoutMs }),
  );
  const bus = use(await openBus({ url: natsUrl, name: "reader-gateway", log }));
  await ensureStream(bus, Observations);

  const floor = use(openFloor({ bus, sql: store.sql, log, drivers, smoothing }));
  const answers = use(openAnswers(bus, floor));
  use(
    await claimLeases({
      sql: store.sql,
      owner: `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`,
      log,
      // Leases are renewed in the same loop, so loading readers must not hold it up.
      gained: (partition, epoch) => {
        void floor.take(partition, epoch);
        answers.own(partition);
      },
      lost: async (partition) => {
        answers.disown(partition);
        await floor.leave(partition);
      },
    }),
  );
  // Closed first: all readers stop at once, and the leases are given back when nothing runs any more.
  use({ stop: floor.leaveAll });
  openMetrics(floor);

  ready("store", store.isAnswering);
  ready("bus", bus.isConnected);
  ready("readers", floor.isLoaded);
});
