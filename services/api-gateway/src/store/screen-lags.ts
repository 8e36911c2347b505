import { type LagSum, lagMinutesMax, sumLags } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { ScreenMinute } from "../live/screen-lags.ts";
import { stored } from "./failing.ts";

/** Writes what screens said to one gateway. Safe to repeat: a minute is written as a whole, in the gateway's own row. */
export const saveScreenLags = async (
  sql: Sql,
  gateway: string,
  minutes: readonly ScreenMinute[],
): Promise<void> => {
  const rows = minutes.map(({ counts, maxMs, ...of }) => ({ ...of, lag_counts: counts, lag_ms_max: maxMs }));
  await stored(
    "screen_lag",
    sql`
      insert into screen_lag (site, minute, gateway, lag_counts, lag_ms_max, said_at)
      select site, minute, ${gateway}::uuid, lag_counts, lag_ms_max, clock_timestamp()
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (
        site text, minute timestamptz, lag_counts int[], lag_ms_max double precision)
      on conflict (site, minute, gateway) do update set
        lag_counts = excluded.lag_counts, lag_ms_max = excluded.lag_ms_max, said_at = excluded.said_at`,
  );
};

/** Forgets the minutes that nobody can ask for any more. */
export const forgetScreenLags = async (sql: Sql, newest: string): Promise<void> => {
  await stored(
    "screen_lag",
    sql`
      delete from screen_lag
      where minute < ${newest}::text::timestamptz - ${lagMinutesMax} * interval '1 minute'`,
  );
};

/** What screens of a site said from an instant on, and when the newest of it was kept; null when there is nothing. */
export const readScreenLags = async (
  sql: Sql,
  site: string,
  from: string,
): Promise<{ readonly lags: LagSum; readonly asOf: string | null }> => {
  const rows = await stored(
    "screen_lag",
    sql<{ lag_counts: number[]; lag_ms_max: number; said_at: Date }[]>`
      select lag_counts, lag_ms_max, said_at from screen_lag
      where site = ${site} and minute >= ${from}::text::timestamptz`,
  );
  const newest = Math.max(...rows.map((row) => row.said_at.getTime()));
  return {
    lags: sumLags(rows.map((row) => ({ counts: row.lag_counts, maxMs: row.lag_ms_max }))),
    asOf: rows.length === 0 ? null : new Date(newest).toISOString(),
  };
};
