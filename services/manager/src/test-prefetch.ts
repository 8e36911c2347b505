import { openBus } from "@tagwire/bus";
import {
  type AskPrefetch,
  ItemRented,
  ItemReturned,
  ItemSighted,
  type LoggedEvent,
  type PrefetchGuess,
  type PrefetchItem,
  prefetchDaysDefault,
} from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase, testNats } from "@tagwire/testing";
import type { Static } from "typebox";
import { answerPrefetch } from "./answers/prefetch.ts";
import { answerPrefetchFigures } from "./answers/prefetch-figures.ts";
import { followPage } from "./prefetching/follow.ts";
import { joinPairs, judgeSources, keepAccounts } from "./prefetching/keep.ts";
import { applyBatch } from "./projecting/batch.ts";
import { migrations, schema } from "./store/migrations.ts";
import { noticesMigrations, noticesSchema } from "./store/notices-migrations.ts";
import { listFollowed } from "./store/prefetch-accounts.ts";
import { openFloor } from "./test-floor.ts";
import type { SampleLog } from "./test-log.ts";

/** What is applied at once, as many events as the projection takes in one batch. */
const batchEventsMax = 2_000;

type Answer = Static<(typeof AskPrefetch)["answer"]>;
type Wish = Partial<Static<(typeof AskPrefetch)["question"]>>;

export type SamplePrefetch = {
  readonly projection: Sql;
  readonly notices: Sql;
  /** Puts what is new in the log into the projection. */
  readonly project: () => Promise<void>;
  /** A device asks for itself: what it has taken before is what it asks for changes since. */
  readonly pull: (device: string, nowMs: number, wish?: Wish) => Promise<Answer>;
  /** Somebody else looks at what a device is handed. */
  readonly look: (device: string, nowMs: number) => Promise<Answer>;
  /** Takes all of its set in one page and says so, as a device does. */
  readonly hold: (device: string, nowMs: number) => Promise<Answer>;
  /** Counts what is new in the log. */
  readonly follow: () => Promise<void>;
  readonly keep: (nowMs: number) => Promise<void>;
  readonly judge: (nowMs: number) => Promise<void>;
  readonly join: (nowMs: number) => Promise<void>;
  readonly figures: (nowMs: number, days?: number) => ReturnType<typeof answerPrefetchFigures>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Prefetching for one site on a real Postgres and NATS, done when a test says so and at the time that it says. */
export const samplePrefetch = async (
  log: SampleLog,
  off: ReadonlySet<PrefetchGuess> = new Set(),
): Promise<SamplePrefetch> => {
  const stack = new AsyncDisposableStack();
  const floor = stack.use(await openFloor({ database: await testDatabase(), nats: await testNats() }, log));
  await migrate(floor.databaseUrl, schema, migrations);
  await migrate(floor.databaseUrl, noticesSchema, noticesMigrations);
  const opened = { url: floor.databaseUrl, log: quietLog() };
  const projection = await openStore({ ...opened, schema, name: "test projection" });
  stack.defer(projection.close);
  const notices = await openStore({ ...opened, schema: noticesSchema, name: "test notices" });
  stack.defer(notices.close);
  const bus = await openBus({ url: floor.natsUrl, name: "test", log: quietLog() });
  stack.defer(bus.close);
  await floor.bus.connection.flush();
  await projection.sql`insert into site_generation (site) values (${log.site})`;

  const stores = { sql: projection.sql, notices: notices.sql, off };
  const lease = { hold: async () => {} };
  const counting = { bus, sql: notices.sql, lease, meters: { looked: () => {}, settled: () => {} } };
  const pull: SamplePrefetch["pull"] = (device, nowMs, wish = {}) => {
    const { since = null } = wish;
    return answerPrefetch(
      stores,
      { site: log.site, device, since, holds: since, limit: 2_000, cursor: null, ...wish },
      nowMs,
    );
  };
  let applied = 0;
  const next = () => log.events.slice(applied, applied + batchEventsMax);
  const apply = async (events: readonly LoggedEvent[]) => {
    const last = events.at(-1);
    if (last === undefined) return;
    await projection.sql.begin((transaction) => applyBatch(transaction, events, Date.parse(last.recordedAt)));
    await projection.sql`
      insert into site_position (site, epoch, pos, hash) values (${log.site}, ${log.epoch}, ${last.pos}, '')
      on conflict (site) do update set pos = excluded.pos`;
    applied += events.length;
  };
  const mine = async () => (await listFollowed(notices.sql)).find(({ site }) => site === log.site);
  const run = stack.move();
  return {
    projection: projection.sql,
    notices: notices.sql,
    project: async () => {
      for (let events = next(); events.length > 0; events = next()) await apply(events);
    },
    pull,
    look: (device, nowMs) =>
      answerPrefetch(stores, { site: log.site, device, since: null, limit: 2_000, cursor: null }, nowMs),
    hold: async (device, nowMs) => {
      const taken = await pull(device, nowMs);
      await pull(device, nowMs, { since: taken.revision });
      return taken;
    },
    follow: async () => {
      for (let site = await mine(); site !== undefined && (await followPage(site, counting)); )
        site = await mine();
    },
    keep: (nowMs) => keepAccounts(counting, nowMs),
    judge: (nowMs) => judgeSources({ ...counting, projection: projection.sql }, log.site, nowMs),
    join: async (nowMs) => {
      const site = await mine();
      if (site !== undefined)
        await joinPairs({ ...counting, projection: projection.sql }, { ...site, joinedAt: null }, nowMs);
    },
    figures: (nowMs, days = prefetchDaysDefault) =>
      answerPrefetchFigures(stores, { site: log.site, days }, nowMs),
    [Symbol.asyncDispose]: () => run.disposeAsync(),
  };
};

export type SampleScan = {
  readonly tag: string;
  readonly device: string;
  readonly atMs: number;
  /** When it reached us, at once unless told. */
  readonly receivedAtMs?: number;
  readonly session?: string;
  /** Where the scan says that it is. */
  readonly place?: string | null;
};

/** A scan of an item as operations would decide it: onto a contract, back from one, or only seen. Unknown tags are passed over. */
export const scanItem = (
  log: SampleLog,
  scan: SampleScan,
  what: { readonly onto: string } | "back" | "seen",
): void => {
  const { tag, device, atMs, receivedAtMs = atMs, session, place = null } = scan;
  const item = log.items.get(tag);
  if (item === undefined) return;
  const moved = place === null ? {} : { place };
  const at = new Date(atMs).toISOString();
  const about = {
    ...{ scanId: crypto.randomUUID(), recordedAtMs: receivedAtMs, scannedAtMs: atMs, by: { device } },
    ...(session === undefined ? {} : { session }),
  };
  const inSession = session === undefined ? {} : { class: item.class };
  if (what === "seen") log.change(item, ItemSighted.type, { set: moved, ...inSession }, about);
  else if (what === "back") {
    const { contract } = item;
    if (contract === null) return scanItem(log, scan, "seen");
    const moves = [{ contract, class: item.class, to: "returned" as const, at }];
    const set = { status: "ready" as const, contract: null, lastFactAt: at, ...moved };
    log.change(item, ItemReturned.type, { set, moves, ...inSession }, { ...about, contract });
  } else {
    const moves = [{ contract: what.onto, class: item.class, to: "out" as const, at }];
    const set = { status: "on_rent" as const, contract: what.onto, lastFactAt: at };
    log.change(item, ItemRented.type, { set, moves, ...inSession }, { ...about, contract: what.onto });
  }
};

/** What a device holds after it took an answer onto what it held. */
export const take = (
  held: ReadonlyMap<string, PrefetchItem>,
  { since, rows }: Pick<Answer, "since" | "rows">,
): Map<string, PrefetchItem> => {
  const now = since === null ? new Map<string, PrefetchItem>() : new Map(held);
  for (const row of rows) {
    if ("gone" in row) now.delete(row.tag);
    else now.set(row.tag, row);
  }
  return now;
};
