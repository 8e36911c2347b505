import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBus } from "@tagwire/bus";
import { type RfidproOptions, startRfidpro } from "@tagwire/emulators";
import { newId, type RfidproRun, rfidproDatasets } from "@tagwire/messages";
import { migrate, openStore } from "@tagwire/store";
import { quietLog, testDatabase, testNats } from "@tagwire/testing";
import { readConfig } from "../config.ts";
import { ownTurns } from "../drivers/pace.ts";
import type { RfidproLimits } from "../drivers/settings.ts";
import { openContext } from "../open-context.ts";
import { listHeads } from "../store/manifests.ts";
import { migrations, schema } from "../store/migrations.ts";
import { findRun } from "../store/runs.ts";
import type { Asked } from "./begin-run.ts";
import { keepRuns } from "./runs.ts";

/** A RFIDpro on this machine is asked as fast as it answers, and nobody waits long for it. */
const limits: Partial<RfidproLimits> = {
  ...{ requestsPerSecond: 1_000, retryDelayMs: 5, retryDelayMsMax: 10, answerTimeoutMs: 2_000 },
};

/** The service around a real Postgres, a real nats-server and a stand-in for RFIDpro, all of one test. */
export const openTestService = async (options: RfidproOptions & { readonly isConfigured?: boolean } = {}) => {
  const stack = new AsyncDisposableStack();
  const log = quietLog();
  const [database, nats] = await Promise.all([testDatabase(), testNats()]);
  stack.use(database);
  stack.use(nats);
  const fake = stack.adopt(await startRfidpro({ scale: 0.02, ...options }), (one) => one.stop());
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), "tagwire-rfidpro-")), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  await migrate(database.url, schema, migrations);
  const env = {
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    RFIDPRO_ARCHIVE_DIR: join(folder, "archive"),
    ...(options.isConfigured === false
      ? {}
      : {
          RFIDPRO_LOGIN_URL: fake.loginUrl,
          RFIDPRO_DATA_URL: fake.dataUrl,
          RFIDPRO_USERNAME: fake.username,
          RFIDPRO_PASSWORD: fake.password,
          RFIDPRO_DATASET_CLASSES: fake.datasets.classes,
          RFIDPRO_DATASET_ITEMS: fake.datasets.items,
          RFIDPRO_DATASET_TRANSACTIONS: fake.datasets.transactions,
          RFIDPRO_TIME_ZONE: fake.timeZone,
          RFIDPRO_REQUESTS_PER_SECOND: "50",
        }),
  };

  /** A process of the service: another store, another bus, another owner. Each has a pace of its own, unless all share the account's. */
  const open = async (more: Partial<RfidproLimits> = {}, goesOn = true, sharesTurns = false) => {
    const store = await openStore<unknown>({ url: database.url, schema, name: "test", log });
    const bus = await openBus({ url: nats.url, name: "test", log });
    const { sql } = store;
    const context = await openContext(readConfig(env), {
      sql,
      bus,
      log,
      limits: { ...limits, ...more },
      goesOn,
      ...(sharesTurns ? {} : { takeTurn: ownTurns() }),
    });
    const runs = keepRuns(context);
    stack.defer(async () => {
      await runs.stop();
      await bus.close();
      await store.close();
    });
    return { ...{ sql, bus, runs }, options: context };
  };
  return {
    ...{ fake, env, open, archiveDir: env.RFIDPRO_ARCHIVE_DIR },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

/** What a person asks for at a site. */
export const wish = (more: Partial<Asked> = {}): Asked => ({
  ...{ site: "north", id: newId(), by: "ann", how: "manual", compare: false, import: false },
  datasets: rfidproDatasets,
  ...more,
});

export type TestProcess = Awaited<ReturnType<Awaited<ReturnType<typeof openTestService>>["open"]>>;

/** Carries out a run to its end. */
export const runWhole = async (
  { runs }: TestProcess,
  more: Parameters<typeof wish>[0] = {},
): Promise<RfidproRun> => {
  const { id } = await runs.begin(wish(more));
  const run = await runs.ended(id);
  if (run === undefined) throw new Error("the run is not of this process");
  return run;
};

export const runOf = async ({ sql }: TestProcess, id: string) => (await findRun(sql, id))?.run;

/** What the archive is verified against. */
export const proofOf = async ({ sql, options }: TestProcess) => ({
  publicKey: options.archive?.key.publicKey,
  expectedHeads: await listHeads(sql),
});

/** As it looks to others when the process of a run died some time ago: it is not its owner's any more. */
export const die = ({ sql }: TestProcess, id: string) =>
  sql`update run set owner = 'a process that died', owned_until = now() - interval '1 s' where id = ${id}`;
