import { answer, type Bus, hear, openBus } from "@tagwire/bus";
import {
  type Alert,
  type AlertChange,
  AskReaders,
  AskSites,
  type CreateAlertRule,
  type LiveDelta,
  type LoggedEvent,
  liveSubject,
  newId,
  type Reader,
} from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, type TestDatabase, testDatabase, testNats } from "@tagwire/testing";
import type { AlertDesk } from "./answers/alert-rules.ts";
import { createAlertRule } from "./answers/alert-rules.ts";
import { answerAlert, answerAlerts } from "./answers/alerts.ts";
import type { CommittedTurns } from "./noticing/commit-turns.ts";
import { type Looked, lookAt } from "./noticing/look.ts";
import { sayAlerts } from "./noticing/say-alerts.ts";
import { applyBatch } from "./projecting/batch.ts";
import { migrations, schema } from "./store/migrations.ts";
import { noticesMigrations, noticesSchema } from "./store/notices-migrations.ts";
import type { SampleLog } from "./test-log.ts";

export type SampleAlerts = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly bus: Bus;
  readonly projection: Sql;
  readonly notices: Sql;
  readonly desk: AlertDesk;
  /** What was said on the live view of the site. */
  readonly heard: LiveDelta[];
  /** How readers are, as their gateway tells; undefined while it says nothing. */
  readonly readers: { now: readonly Partial<Reader>[] | undefined };
  /** Puts what is new in the log into the projection. */
  readonly project: () => Promise<void>;
  readonly look: (nowMs: number, options?: { isLevel?: boolean }) => Promise<Looked>;
  /** Deletes the rules that every site begins with, and adds one. */
  readonly onlyRule: (rule: CreateAlertRule) => Promise<string>;
  readonly alerts: () => Promise<Alert[]>;
  /** What happened to an alert, oldest first. */
  readonly historyOf: (id: string) => Promise<AlertChange["what"][]>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** What tests that follow each other may share: a nats-server, and a migrated database that each has a copy of. */
export type AlertsGround = {
  readonly natsUrl: string;
  readonly migrated: TestDatabase;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

const migrateAlerts = async (url: string): Promise<void> => {
  await migrate(url, schema, migrations);
  await migrate(url, noticesSchema, noticesMigrations);
};

export const alertsGround = async (): Promise<AlertsGround> => {
  const stack = new AsyncDisposableStack();
  const [nats, migrated] = await Promise.all([testNats(), testDatabase(migrateAlerts)]);
  stack.use(nats);
  stack.use(migrated);
  return { natsUrl: nats.url, migrated, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

/**
 * Alerts of one site on a real Postgres and NATS, looked at when a test says so and at the time that it says: nothing runs by
 * itself. On the ground of others only while none of them is there.
 */
export const sampleAlerts = async (
  log: SampleLog,
  timeZone = "Europe/Berlin",
  ground?: AlertsGround,
): Promise<SampleAlerts> => {
  const stack = new AsyncDisposableStack();
  const database = stack.use(
    await (ground === undefined ? testDatabase(migrateAlerts) : testDatabase(undefined, ground.migrated)),
  );
  const natsUrl = ground?.natsUrl ?? stack.use(await testNats()).url;
  const opened = { url: database.url, log: quietLog() };
  const projection = await openStore({ ...opened, schema, name: "test projection" });
  stack.defer(projection.close);
  const notices = await openStore({ ...opened, schema: noticesSchema, name: "test notices" });
  stack.defer(notices.close);
  const bus = await openBus({ url: natsUrl, name: "test", log: quietLog() });
  stack.defer(bus.close);

  const heard: LiveDelta[] = [];
  hear(bus, liveSubject(log.site, "alerts"), (message) => heard.push(message.json<LiveDelta>()));
  const readers: SampleAlerts["readers"] = { now: undefined };
  answer(bus, AskReaders, async () => {
    if (readers.now === undefined) return new Promise<never>(() => {});
    return { epoch: 1, pos: 1, readers: readers.now as Reader[] };
  });
  const site = {
    id: log.site,
    name: `The ${log.site} depot`,
    timeZone,
    epoch: log.epoch,
    pos: 0,
    stage: "parallel" as const,
  };
  answer(bus, AskSites, async () => ({ sites: [{ ...site, createdAt: new Date().toISOString() }] }));
  await bus.connection.flush();

  const committed = (turns: CommittedTurns) => sayAlerts(bus, turns, Date.now());
  const desk: AlertDesk = { bus, sql: notices.sql, committed, isMailSet: true };
  let projected = 0;
  const page = { site: log.site, limit: 200, cursor: null };
  return {
    ...{ databaseUrl: database.url, natsUrl, bus, desk, heard, readers },
    ...{ projection: projection.sql, notices: notices.sql },
    project: async () => {
      const events: LoggedEvent[] = log.events.slice(projected);
      projected = log.events.length;
      await projection.sql.begin(async (transaction) => {
        await applyBatch(transaction, events, Date.now());
        await transaction`insert into site_generation (site) values (${log.site}) on conflict (site) do nothing`;
        await transaction`
          insert into site_position (site, epoch, pos, hash) values (${log.site}, ${log.epoch}, ${projected}, '')
          on conflict (site) do update set epoch = excluded.epoch, pos = excluded.pos`;
      });
    },
    look: (nowMs, { isLevel = true } = {}) =>
      lookAt(
        {
          ...{ bus, projection: projection.sql, notices: notices.sql, committed },
          lease: { hold: async () => {} },
          isLevel: () => isLevel,
          headOf: () => ({ epoch: log.epoch, pos: log.events.length }),
        },
        { site: log.site, nowMs, isDue: () => true },
      ),
    onlyRule: async (rule) => {
      const id = newId();
      await createAlertRule(desk, { site: log.site, id, by: { person: "ann" }, rule });
      await notices.sql`delete from alert_rule where id <> ${id}`;
      return id;
    },
    alerts: async () => (await answerAlerts(desk, page)).alerts,
    historyOf: async (id) => {
      const { alert } = await answerAlert(desk, { site: log.site, id });
      return (alert?.history ?? []).map(({ what }) => what).reverse();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};
