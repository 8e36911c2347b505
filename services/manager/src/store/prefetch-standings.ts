import type { Transaction } from "@tagwire/actor";
import type { Day, PrefetchGuess, PrefetchReason, PrefetchState } from "@tagwire/messages";
import type { SourceDay, Standing } from "../actors/prefetch-standing.ts";
import { type SourceTally, sumTallies } from "../actors/prefetch-tally.ts";
import { type Reader, recordset } from "./rows.ts";

/* Which sources earn their place in the sets of a site, and by what that was judged. */

/** What became of what sources named at a site, day by day, of the arm that predicts. */
export const listSourceDays = async (sql: Reader, site: string, from: Day): Promise<SourceDay[]> => {
  type Row = { source: PrefetchGuess; day: Day } & SourceTally;
  const rows = await sql<Row[]>`
    select source, day::text,
      coalesce(sum((tally->>'lookups')::int), 0)::int as lookups, coalesce(sum((tally->>'hits')::int), 0)::int as hits,
      coalesce(sum((tally->>'beyond')::int), 0)::int as beyond,
      coalesce(sum((tally->>'prefetched')::int), 0)::int as prefetched,
      coalesce(sum((tally->>'used')::int), 0)::int as used
    from prefetch_day, jsonb_each(by_source) as named (source, tally)
    where site = ${site} and arm = 'predicted' and source <> 'recent' and day >= ${from}::text::date
    group by source, day`;
  return rows.map(({ source, day, ...tally }) => ({ source, day, tally }));
};

type Row = {
  source: PrefetchGuess;
  state: PrefetchState;
  reason: PrefetchReason;
  since: Date;
  judged_at: Date;
  from_day: Day;
  tally: Partial<SourceTally>;
};

/** How the sources of a site stand; none of a site that was never judged. */
export const listStandings = async (sql: Reader, site: string): Promise<Standing[]> => {
  const rows = await sql<Row[]>`
    select source, state, reason, since, judged_at, from_day::text, tally from prefetch_standing where site = ${site}`;
  return rows.map(({ source, state, reason, since, judged_at, from_day, tally }) => ({
    ...{ source, state, reason, from: from_day, tally: sumTallies([tally]) },
    ...{ sinceMs: since.getTime(), judgedAtMs: judged_at.getTime() },
  }));
};

/** Writes how sources stand now. Safe to repeat. */
export const saveStandings = (
  transaction: Transaction,
  site: string,
  standings: readonly Standing[],
): Promise<unknown> => {
  const rows = standings.map(({ sinceMs, judgedAtMs, from, ...standing }) => ({
    ...standing,
    ...{
      since: new Date(sinceMs).toISOString(),
      judged_at: new Date(judgedAtMs).toISOString(),
      from_day: from,
    },
  }));
  return transaction`
    insert into prefetch_standing (site, source, state, reason, since, judged_at, from_day, tally)
    select ${site}, source, state, reason, since, judged_at, from_day, tally
    from json_to_recordset(${recordset(rows)}::text::json) as given (
      source text, state text, reason text, since timestamptz, judged_at timestamptz, from_day date, tally jsonb)
    on conflict (site, source) do update set state = excluded.state, reason = excluded.reason, since = excluded.since,
      judged_at = excluded.judged_at, from_day = excluded.from_day, tally = excluded.tally`;
};
