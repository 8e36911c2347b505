import type { Transaction } from "@tagwire/actor";
import {
  type ThroughputRow,
  type ThroughputSpan,
  throughputKey,
  type WatchedWorker,
  type WorkerKind,
} from "@tagwire/messages";
import { calendarOf } from "../actors/day.ts";
import type { SiteRun } from "../actors/happening.ts";
import { type Kept, type Tallies, type ThroughputTurned, tallyKeys } from "../actors/throughput.ts";
import { type Reader, recordset } from "./rows.ts";

type Row = {
  site: string;
  span: ThroughputSpan;
  start: string;
  kind: WorkerKind;
  who: string;
  accepted: number;
  already_applied: number;
  rejected: number;
  quarantined: number;
};

const tallyOf = (row: Row): ThroughputRow => ({
  span: row.span,
  start: row.start,
  kind: row.kind,
  who: row.who,
  scans: row.accepted + row.already_applied + row.rejected + row.quarantined,
  accepted: row.accepted,
  alreadyApplied: row.already_applied,
  rejected: row.rejected,
  quarantined: row.quarantined,
});

/** What is counted already of those whose scans are about to be. */
export const findTallies = async (
  sql: Reader,
  runs: readonly SiteRun[],
): Promise<ReadonlyMap<string, Tallies>> => {
  const wanted = runs.flatMap(({ site, happenings, timeZone }) =>
    tallyKeys(happenings, calendarOf(timeZone)).map((key) => ({ site, ...key })),
  );
  const rows = await sql<Row[]>`
    select known.* from json_to_recordset(${recordset(wanted)}::text::json) as wanted (
      site text, span text, start text, kind text, who text)
    cross join lateral (
      select * from scan_tally
      where scan_tally.site = wanted.site and scan_tally.span = wanted.span and scan_tally.start = wanted.start
        and scan_tally.kind = wanted.kind and scan_tally.who = wanted.who
      limit 1
    ) known`;
  const bySite = Map.groupBy(rows, ({ site }) => site);
  return new Map(
    runs.map(({ site }) => {
      const own = (bySite.get(site) ?? []).map(tallyOf);
      return [site, new Map(own.map((tally) => [throughputKey(tally), tally]))];
    }),
  );
};

/** Writes counts as they are now, and forgets those that are long over. Safe to repeat: numbers are set, not added. */
export const saveTallies = (
  transaction: Transaction,
  turned: ReadonlyMap<string, ThroughputTurned>,
): Promise<unknown> => {
  const rows = [...turned].flatMap(([site, { changed }]) =>
    [...changed.values()].map(({ alreadyApplied, scans: _scans, ...rest }) => ({
      ...{ site, already_applied: alreadyApplied },
      ...rest,
    })),
  );
  const kept = [...turned].flatMap(([site, { kept: own }]) => (own === undefined ? [] : [{ site, ...own }]));
  return Promise.all([
    transaction`
      insert into scan_tally (site, span, start, kind, who, accepted, already_applied, rejected, quarantined)
      select site, span, start, kind, who, accepted, already_applied, rejected, quarantined
      from json_to_recordset(${recordset(rows)}::text::json) as given (
        site text, span text, start text, kind text, who text,
        accepted int, already_applied int, rejected int, quarantined int)
      on conflict (site, span, start, kind, who) do update set
        accepted = excluded.accepted, already_applied = excluded.already_applied, rejected = excluded.rejected,
        quarantined = excluded.quarantined`,
    kept.length > 0 &&
      transaction`
        delete from scan_tally
        using json_to_recordset(${recordset(kept)}::text::json) as kept (site text, hour text, day text)
        where scan_tally.site = kept.site
          and (scan_tally.span = 'hour' and scan_tally.start < kept.hour collate "C"
            or scan_tally.span = 'day' and scan_tally.start < kept.day collate "C")`,
  ]);
};

/** The hours and days of a site that are not older than they are kept, oldest first. */
export const readTallies = async (
  sql: Reader,
  site: string,
  { hour, day }: Kept,
): Promise<ThroughputRow[]> => {
  const rows = await sql<Row[]>`
    select * from scan_tally
    where site = ${site} and (span = 'hour' and start >= ${hour} or span = 'day' and start >= ${day})
    order by span, start, kind, who`;
  return rows.map(tallyOf);
};

export type TallyCursor = { readonly kind: WorkerKind; readonly who: string };

export type TallyQuery = {
  readonly site: string;
  readonly span: ThroughputSpan;
  readonly from: string;
  readonly to: string;
  readonly kind: WorkerKind | undefined;
  readonly who: string | undefined;
  readonly after: TallyCursor | undefined;
  /** How many of those who scanned; each comes with everything that it did within the window. */
  readonly limit: number;
};

/** What some of those who scanned did within a window, by who it was, and the oldest first. */
export const listTallies = async (sql: Reader, query: TallyQuery): Promise<ThroughputRow[]> => {
  const { site, span, from, to, kind, who, after, limit } = query;
  const rows = await sql<Row[]>`
    with mine as (
      select * from scan_tally
      where site = ${site} and span = ${span} and start >= ${from} and start <= ${to}
      ${kind === undefined ? sql`` : sql`and kind = ${kind}`}
      ${who === undefined ? sql`` : sql`and who = ${who}`}
      ${after === undefined ? sql`` : sql`and (kind, who) > (${after.kind}, ${after.who})`}
    ), page as (select distinct kind, who from mine order by kind, who limit ${limit})
    select mine.* from mine join page using (kind, who) order by kind, who, start`;
  return rows.map(tallyOf);
};

type WatchedRow = Pick<Row, "kind" | "who"> & { readonly tallies: readonly number[] };

/**
 * What everybody scanned in an hour, and in all hours from an earlier one on. Whoever scanned on one of the days that are kept is among
 * them, also with nothing since.
 */
export const readWorkers = async (
  sql: Reader,
  site: string,
  { hour, since, kept }: { readonly hour: string; readonly since: string; readonly kept: Kept },
): Promise<WatchedWorker[]> => {
  const isOfHour = sql`span = 'hour' and start = ${hour}`;
  const isSince = sql`span = 'hour' and start >= ${since}`;
  const sums = (is: typeof isOfHour) => sql`
    coalesce(sum(accepted) filter (where ${is}), 0)::int, coalesce(sum(already_applied) filter (where ${is}), 0)::int,
    coalesce(sum(rejected) filter (where ${is}), 0)::int, coalesce(sum(quarantined) filter (where ${is}), 0)::int`;
  const rows = await sql<WatchedRow[]>`
    select kind, who, array[${sums(isOfHour)}, ${sums(isSince)}] as tallies from scan_tally
    where site = ${site} and (span = 'hour' and start >= ${since} or span = 'day' and start >= ${kept.day})
    group by kind, who order by kind, who`;
  return rows.map(({ kind, who, tallies }) => ({
    ...{ kind, who },
    lastHour: tallyOfCounts(tallies.slice(0, tallies.length / 2)),
    lastDay: tallyOfCounts(tallies.slice(tallies.length / 2)),
  }));
};

const tallyOfCounts = ([
  accepted = 0,
  alreadyApplied = 0,
  rejected = 0,
  quarantined = 0,
]: readonly number[]) => ({
  scans: accepted + alreadyApplied + rejected + quarantined,
  ...{ accepted, alreadyApplied, rejected, quarantined },
});
