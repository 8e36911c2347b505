import { type LagSum, lagMinutesMax, type Position, sumLags } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { ScreenMinute } from "../live/screen-lags.ts";
import { stored } from "./failing.ts";

/** Writes what screens said to one gateway. Safe to repeat: a minute is written as a whole, in the gateway's own row. */
export const saveScreenLags = async (
  sql: Sql,
  gateway: string,
  minutes: readonly ScreenMinute[],
): Promise<void> => {
  const rows = minutes.map(({ site, minute, counts, maxMs, newest }) => ({
    ...{ site, minute, ...newest },
    ...{ lag_counts: counts, lag_ms_max: maxMs },
  }));
  await stored(
    "screen_lag",
    sql`
      insert into screen_lag (site, minute, gateway, lag_counts, lag_ms_max, epoch, pos, said_at)
      select site, minute, ${gateway}::uuid, lag_counts, lag_ms_max, epoch, pos, clock_timestamp()
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (
        site text, minute timestamptz, lag_counts int[], lag_ms_max double precision, epoch bigint, pos bigint)
      on conflict (site, minute, gateway) do update set
        lag_counts = excluded.lag_counts, lag_ms_max = excluded.lag_ms_max, said_at = excluded.said_at,
        epoch = excluded.epoch, pos = excluded.pos`,
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

type Row = {
  readonly lag_counts: number[];
  readonly lag_ms_max: number;
  readonly said_at: Date;
  readonly epoch: number | null;
  readonly pos: number | null;
};

/** What screens of a site said, when the newest of it was kept, and the newest position that one of them showed; nulls where there is nothing. */
export type SaidByScreens = {
  readonly lags: LagSum;
  readonly asOf: string | null;
  readonly newest: Position | null;
};

/** What screens of a site said from an instant on. */
export const readScreenLags = async (sql: Sql, site: string, from: string): Promise<SaidByScreens> => {
  const rows = await stored(
    "screen_lag",
    sql<Row[]>`
      select lag_counts, lag_ms_max, said_at, epoch, pos from screen_lag
      where site = ${site} and minute >= ${from}::text::timestamptz
      order by epoch desc nulls last, pos desc`,
  );
  const [first] = rows;
  const newestMs = Math.max(...rows.map((row) => row.said_at.getTime()));
  return {
    lags: sumLags(rows.map((row) => ({ counts: row.lag_counts, maxMs: row.lag_ms_max }))),
    asOf: rows.length === 0 ? null : new Date(newestMs).toISOString(),
    newest:
      first === undefined || first.epoch === null || first.pos === null
        ? null
        : { epoch: first.epoch, pos: first.pos },
  };
};
