import { type LagSum, lagMinutesMax, type Position, sumLags } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { ScreenMinute } from "../live/screen-lags.ts";
import { stored } from "./failing.ts";

/** What screens of a site said in one minute, to all gateways. */
export type ScreenMinuteSum = LagSum & { readonly minute: string };

/** The minutes of a site that were written, as they are now, and the position that the site has by that, in the build that it counts in. */
export type WrittenScreens = {
  readonly site: string;
  readonly generation: string;
  readonly pos: number;
  readonly minutes: readonly ScreenMinuteSum[];
};

type MinuteRow = Pick<Row, "lag_counts" | "lag_ms_max"> & { readonly site: string; readonly minute: Date };

const inMinutes = (rows: readonly MinuteRow[]): ScreenMinuteSum[] =>
  [...Map.groupBy(rows, ({ minute }) => minute.toISOString())].map(([minute, own]) => ({
    minute,
    ...sumLags(own.map(({ lag_counts: counts, lag_ms_max: maxMs }) => ({ counts, maxMs }))),
  }));

/**
 * Writes what screens said to one gateway. Safe to repeat: a minute is written as a whole, in the gateway's own row. Sites are moved on
 * first and in their order, so that gateways wait for each other, and each sees what the one before it wrote.
 */
export const saveScreenLags = async (
  sql: Sql,
  gateway: string,
  minutes: readonly ScreenMinute[],
): Promise<WrittenScreens[]> => {
  const given = JSON.stringify(
    minutes.map(({ site, minute, counts, maxMs, newest }) => ({
      ...{ site, minute, ...newest },
      ...{ lag_counts: counts, lag_ms_max: maxMs },
    })),
  );
  const write = inTransaction(sql, async (transaction) => {
    const moved = await transaction<Omit<WrittenScreens, "minutes">[]>`
      insert into screen_head (site, pos)
      select distinct site, 1 from json_to_recordset(${given}::text::json) as given (site text) order by site
      on conflict (site) do update set pos = screen_head.pos + 1
      returning site, pos::int, (select generation from screen_build) as generation`;
    await transaction`
      insert into screen_lag (site, minute, gateway, lag_counts, lag_ms_max, epoch, pos, said_at)
      select site, minute, ${gateway}::uuid, lag_counts, lag_ms_max, epoch, pos, clock_timestamp()
      from json_to_recordset(${given}::text::json) as given (
        site text, minute timestamptz, lag_counts int[], lag_ms_max double precision, epoch bigint, pos bigint)
      on conflict (site, minute, gateway) do update set
        lag_counts = excluded.lag_counts, lag_ms_max = excluded.lag_ms_max, said_at = excluded.said_at,
        epoch = excluded.epoch, pos = excluded.pos`;
    const rows = await transaction<MinuteRow[]>`
      select site, minute, lag_counts, lag_ms_max from screen_lag
      where (site, minute) in (
        select site, minute from json_to_recordset(${given}::text::json) as given (site text, minute timestamptz)
      )`;
    const bySite = Map.groupBy(rows, ({ site }) => site);
    return moved.map((at) => ({ ...at, minutes: inMinutes(bySite.get(at.site) ?? []) }));
  });
  return stored("screen_lag", write);
};

/** What is told live of the screens of a site: its last minutes, the position that they are of, and the build that it counts in. */
export type ScreenRows = {
  readonly generation: string;
  readonly pos: number;
  readonly minutes: readonly ScreenMinuteSum[];
};

/** Reads the minutes from an instant on; position 0 is that of a site of which no screen has said anything. */
export const readScreenRows = async (sql: Sql, site: string, from: string): Promise<ScreenRows> => {
  // One statement, so that rows and position belong together.
  const rows = await stored(
    "screen_lag",
    sql<(Partial<MinuteRow> & { readonly generation: string; readonly head: number | null })[]>`
      select build.generation, head.pos::int as head, lag.site, lag.minute, lag.lag_counts, lag.lag_ms_max
      from screen_build build
      left join screen_head head on head.site = ${site}
      left join screen_lag lag on lag.site = head.site and lag.minute >= ${from}::text::timestamptz
      order by lag.minute`,
  );
  const [first] = rows;
  return {
    generation: first?.generation ?? "",
    pos: first?.head ?? 0,
    minutes: inMinutes(rows.filter((row): row is MinuteRow & (typeof rows)[number] => row.minute != null)),
  };
};

/** Forgets the minutes that nobody can ask for any more. A gateway whose clock is ahead does not decide what is old for all. */
export const forgetScreenLags = async (sql: Sql, newest: string): Promise<void> => {
  await stored(
    "screen_lag",
    sql`
      delete from screen_lag
      where minute < least(${newest}::text::timestamptz, clock_timestamp()) - ${lagMinutesMax} * interval '1 minute'`,
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
