import type { Migration } from "@tagwire/store";
import { reached, type Sql } from "./database.ts";

/**
 * `whereabout` is where the tags of a site are, by what tells them from others, and by which reader: kept with each observation that says so, in
 * the statement that saves it, so whoever takes the site over knows neither more nor less of it than operations does. `said_at` is when this
 * was said, `until_at` how long it is believed unless it is said again.
 */
export const whereaboutsTable: Migration = {
  name: "whereabouts-1",
  sql: `
    create table whereabout (
      site text not null,
      name text not null,
      reader bigint not null references reader (number) on delete cascade,
      place text not null,
      mean_dbm real not null,
      since_at timestamptz not null,
      said_at timestamptz not null,
      until_at timestamptz not null,
      primary key (site, name)
    ) with (fillfactor = 70);
    create index whereabout_of_reader on whereabout (reader);
  `,
};

/** Where a tag is. Times are Unix ms by the clock of whoever said it; `saidAtMs` only tells the order in which it was said. */
export type KeptWhereabout = {
  readonly name: string;
  readonly place: string;
  /** How strongly it is heard there, in dBm. */
  readonly meanDbm: number;
  readonly sinceAtMs: number;
  readonly saidAtMs: number;
  readonly untilAtMs: number;
};

/** How often those are taken away that nobody believes any more, or that are too many, in ms. */
export const whereaboutsForgottenEveryMs = 600_000;

type Told = { readonly reader: number; readonly whereabout?: KeptWhereabout | undefined };

/**
 * Keeps where tags are, in the statement of a save, where its ledgers are `moved`: of each tag what was said last. A save that comes late takes
 * nothing back. In the order of their names, so that two saves never wait for each other.
 */
export const whereaboutsKept = (sql: Sql, told: readonly Told[]) => {
  const last = new Map(
    told.flatMap(({ reader, whereabout }) =>
      whereabout === undefined ? [] : [[`${reader} ${whereabout.name}`, { reader, ...whereabout }] as const],
    ),
  );
  if (last.size === 0) return sql``;
  return sql`, whereabouts as (
    insert into whereabout (site, name, reader, place, mean_dbm, since_at, said_at, until_at)
    select distinct on (m.site, w.name) m.site, w.name, w.reader, w.place, w."meanDbm", to_timestamp(w."sinceAtMs" / 1000.0), to_timestamp(w."saidAtMs" / 1000.0),
      to_timestamp(w."untilAtMs" / 1000.0)
    from json_to_recordset(${JSON.stringify([...last.values()])}::text::json) as w(reader bigint, name text, place text, "meanDbm" real,
      "sinceAtMs" float8, "saidAtMs" float8, "untilAtMs" float8)
    join moved m on m.number = w.reader
    order by m.site, w.name, w."saidAtMs" desc
    on conflict (site, name) do update set reader = excluded.reader, place = excluded.place, mean_dbm = excluded.mean_dbm,
      since_at = excluded.since_at, said_at = excluded.said_at, until_at = excluded.until_at
    where excluded.said_at >= whereabout.said_at
  )`;
};

type Row = KeptWhereabout & { readonly reader: number };

/** Where the tags of a partition's sites are that are believed, by reader, the longest unheard of first; at most `eachMax` of a reader. */
export const findWhereabouts = async (
  sql: Sql,
  partition: number,
  eachMax: number,
): Promise<ReadonlyMap<number, readonly KeptWhereabout[]>> => {
  const rows = await reached(
    sql<Row[]>`
      select reader, name, place, "meanDbm", "sinceAtMs", "saidAtMs", "untilAtMs" from (
        select w.reader, w.name, w.place, w.mean_dbm as "meanDbm", w.said_at, extract(epoch from w.since_at)::float8 * 1000 as "sinceAtMs",
          extract(epoch from w.said_at)::float8 * 1000 as "saidAtMs", extract(epoch from w.until_at)::float8 * 1000 as "untilAtMs",
          row_number() over (partition by w.reader order by w.said_at desc) as nth
        from whereabout w join reader r on r.number = w.reader
        where r.partition = ${partition} and r.deleted_at is null and w.until_at > clock_timestamp()
      ) as believed where nth <= ${eachMax} order by said_at`,
  );
  return Map.groupBy(rows, ({ reader }) => reader);
};

/**
 * Takes away what is not believed any more, and of each reader what is beyond the newest `eachMax`. It waits for no save, so none that waits
 * for it can wait for ever: a row that one is writing is news, or goes the next time. Safe to repeat.
 */
export const forgetWhereabouts = async (sql: Sql, eachMax: number): Promise<void> => {
  await reached(
    sql`
      with ranked as (
        select site, name, until_at, row_number() over (partition by reader order by said_at desc) as nth from whereabout
      ), forgotten as (
        select w.site, w.name from whereabout w join ranked on ranked.site = w.site and ranked.name = w.name and ranked.until_at = w.until_at
        where ranked.until_at <= clock_timestamp() or ranked.nth > ${eachMax}
        order by w.site, w.name for update of w skip locked
      )
      delete from whereabout w using forgotten where w.site = forgotten.site and w.name = forgotten.name`,
  );
};
