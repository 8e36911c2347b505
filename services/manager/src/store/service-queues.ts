import {
  type Crew,
  crewOf,
  crews,
  type QueueCount,
  type QueueFilter,
  queueBandsHours,
  type ServiceQueue,
  serviceQueues,
} from "@tagwire/messages";
import type { Classes } from "../actors/class-book.ts";
import type { SiteRun } from "../actors/happening.ts";
import { type KnownQueues, queueKeys, type Waiting } from "../actors/queue-book.ts";
import { findNamedClasses } from "./classes.ts";
import { type ItemRow, itemColumns, itemOf } from "./items.ts";
import { type Reader, recordset } from "./rows.ts";
import type { SinceCursor } from "./since-items.ts";

type WaitingRow = ItemRow & { site: string; status_at: Date };

const waitingOf = (row: WaitingRow): Waiting => ({ item: itemOf(row), since: row.status_at.toISOString() });

/** The classes of what waits, and everything that waits of a class that is described anew. */
export const findQueues = async (
  sql: Reader,
  runs: readonly SiteRun[],
): Promise<ReadonlyMap<string, KnownQueues>> => {
  const keys = runs.map(({ site, happenings }) => ({ site, ...queueKeys(happenings) }));
  const described = keys.flatMap(({ site, described: own }) =>
    [...own].map((name) => ({ site, class: name })),
  );
  const tags = keys.flatMap(({ site, tags: own }) => [...own].map((tag) => ({ site, tag })));
  const [classes, rows, times] = await Promise.all([
    findNamedClasses(
      sql,
      keys.flatMap(({ site, classes: own }) => [...own].map((name) => ({ site, class: name }))),
    ),
    described.length === 0
      ? []
      : sql<WaitingRow[]>`
          select item.site, item.status_at, ${itemColumns(sql)}
          from json_to_recordset(${recordset(described)}::text::json) as wanted (site text, class text)
          join item using (site, class) where item.status in ('inspect', 'repair', 'wash', 'wet')`,
    tags.length === 0
      ? []
      : sql<{ site: string; tag: string; status_at: Date }[]>`
          select known.site, known.tag, known.status_at
          from json_to_recordset(${recordset(tags)}::text::json) as wanted (site text, tag text)
          cross join lateral (
            select site, tag, status_at from item where item.site = wanted.site and item.tag = wanted.tag limit 1
          ) known`,
  ]);
  const waiting = Map.groupBy(rows, ({ site }) => site);
  const since = Map.groupBy(times, ({ site }) => site);
  return new Map(
    runs.map(({ site }) => [
      site,
      {
        classes: classes.get(site) ?? new Map(),
        waiting: (waiting.get(site) ?? []).map(waitingOf),
        since: new Map((since.get(site) ?? []).map(({ tag, status_at }) => [tag, status_at.toISOString()])),
      },
    ]),
  );
};

/** Who looks after which class, as far as it is not who looks after everything else: rows to join. */
const crewRows = (sql: Reader, classes: Classes) => {
  const rows = [...classes].map(([name, own]) => ({ class: name, crew: crewOf(own) }));
  return sql`json_to_recordset(${recordset(rows)}::text::json) as named (class text, crew text)`;
};
const crewElse = crewOf(undefined);

type CountRow = { queue: ServiceQueue; crew: Crew; band: number; items: number; oldest: Date };

/** How many items wait, by queue, crew and age; every queue of every crew, zeros included. */
export const countQueues = async (
  sql: Reader,
  site: string,
  { classes, nowMs }: { readonly classes: Classes; readonly nowMs: number },
): Promise<QueueCount[]> => {
  const rows = await sql<CountRow[]>`
    select status as queue, coalesce(named.crew, ${crewElse}) as crew,
      width_bucket(
        extract(epoch from ${new Date(nowMs).toISOString()}::text::timestamptz - status_at)::double precision / 3600,
        ${[...queueBandsHours]}::double precision[]) as band,
      count(*)::int as items, min(status_at) as oldest
    from item left join ${crewRows(sql, classes)} using (class)
    where site = ${site} and status in ('inspect', 'repair', 'wash', 'wet')
    group by 1, 2, 3`;
  const limits = [...queueBandsHours, null];
  return serviceQueues.flatMap((queue) =>
    crews.map((crew) => {
      const own = rows.filter((row) => row.queue === queue && row.crew === crew);
      const oldest = Math.min(...own.map((row) => row.oldest.getTime()));
      return {
        queue,
        crew,
        items: own.reduce((sum, { items }) => sum + items, 0),
        oldestSince: own.length === 0 ? null : new Date(oldest).toISOString(),
        bands: limits.map((underHours, index) => ({
          underHours,
          items: own.find(({ band }) => band === index)?.items ?? 0,
        })),
      };
    }),
  );
};

/** A page of what waits, that which waits longest first. */
export const listQueued = async (
  sql: Reader,
  {
    site,
    filter: { queue, crew, class: name },
    classes,
    after,
    limit,
  }: {
    readonly site: string;
    readonly filter: QueueFilter;
    readonly classes: Classes;
    readonly after: SinceCursor | undefined;
    readonly limit: number;
  },
): Promise<Waiting[]> => {
  const ofCrew = crew === undefined ? sql`` : sql`and coalesce(named.crew, ${crewElse}) = ${crew}`;
  const rows = await sql<WaitingRow[]>`
    select site, status_at, ${itemColumns(sql)}
    from item left join ${crewRows(sql, classes)} using (class)
    where site = ${site} and status in ('inspect', 'repair', 'wash', 'wet') ${ofCrew}
    ${queue === undefined ? sql`` : sql`and status = ${queue}`}
    ${name === undefined ? sql`` : sql`and class = ${name}`}
    ${after === undefined ? sql`` : sql`and (status_at, tag) > (${after.since}::text::timestamptz, ${after.tag})`}
    order by status_at, tag limit ${limit}`;
  return rows.map(waitingOf);
};

/** A page of what waits by its tags, for screens that follow it. */
export const listQueuedByTag = async (
  sql: Reader,
  {
    site,
    after,
    limit,
  }: { readonly site: string; readonly after: string | undefined; readonly limit: number },
): Promise<Waiting[]> => {
  const rows = await sql<WaitingRow[]>`
    select site, status_at, ${itemColumns(sql)} from item
    where site = ${site} and status in ('inspect', 'repair', 'wash', 'wet')
    ${after === undefined ? sql`` : sql`and tag > ${after}`}
    order by tag limit ${limit}`;
  return rows.map(waitingOf);
};
