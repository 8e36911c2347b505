import type { Transaction } from "@tagwire/actor";
import {
  type FlaggedScan,
  flaggedDaysKept,
  type ScanMark,
  scanMarks,
  type WatchedFlagged,
} from "@tagwire/messages";
import { type Reader, recordset } from "./rows.ts";

/** Writes scans under their marks, and forgets those of long ago. Safe to repeat: a scan never changes. */
export const saveFlagged = (
  transaction: Transaction,
  bySite: ReadonlyMap<string, readonly FlaggedScan[]>,
): Promise<unknown> => {
  const all = [...bySite].flatMap(([site, scans]) => scans.map((scan) => ({ site, scan })));
  const marks = all.flatMap(({ site, scan }) => scan.marks.map((mark) => ({ site, mark, pos: scan.pos })));
  const newest = [...bySite].map(([site, scans]) => ({ site, recorded_at: scans.at(-1)?.recordedAt }));
  return Promise.all([
    transaction`
      insert into flagged_scan (site, pos, recorded_at, scan)
      select site, (scan->>'pos')::bigint, (scan->>'recordedAt')::timestamptz, scan
      from json_to_recordset(${recordset(all)}::text::json) as given (site text, scan jsonb)
      on conflict (site, pos) do nothing`,
    transaction`
      insert into flagged_mark (site, mark, pos)
      select site, mark, pos from json_to_recordset(${recordset(marks)}::text::json) as given (site text, mark text, pos bigint)
      on conflict (site, mark, pos) do nothing`,
    transaction`
      with gone as (
        delete from flagged_scan
        using json_to_recordset(${recordset(newest)}::text::json) as newest (site text, recorded_at timestamptz)
        where flagged_scan.site = newest.site
          and flagged_scan.recorded_at < newest.recorded_at - ${flaggedDaysKept} * interval '1 day'
        returning flagged_scan.site, flagged_scan.pos, flagged_scan.scan
      )
      delete from flagged_mark using gone, jsonb_array_elements_text(gone.scan->'marks') as mark
      where flagged_mark.site = gone.site and flagged_mark.mark = mark and flagged_mark.pos = gone.pos`,
  ]);
};

/** A page of a site's flagged scans, newest first, of one mark or of all. */
export const listFlagged = async (
  sql: Reader,
  {
    site,
    mark,
    before,
    limit,
  }: {
    readonly site: string;
    readonly mark: ScanMark | undefined;
    readonly before: number | undefined;
    readonly limit: number;
  },
): Promise<FlaggedScan[]> => {
  const behind = before === undefined ? sql`` : sql`and pos < ${before}`;
  const rows =
    mark === undefined
      ? await sql<{ scan: FlaggedScan }[]>`
          select scan from flagged_scan where site = ${site} ${behind} order by pos desc limit ${limit}`
      : await sql<{ scan: FlaggedScan }[]>`
          select scan from (
            select site, pos from flagged_mark where site = ${site} and mark = ${mark} ${behind} order by pos desc limit ${limit}
          ) page join flagged_scan using (site, pos) order by pos desc`;
  return rows.map(({ scan }) => scan);
};

type Counted = { readonly mark: string | null; readonly hour: number; readonly day: number };

/** How many scans of a site were recorded under each mark, and under any, since two instants. */
export const countFlagged = async (
  sql: Reader,
  site: string,
  { hour, day }: { readonly hour: string; readonly day: string },
): Promise<WatchedFlagged> => {
  const rows = await sql<Counted[]>`
    select mark, count(*) filter (where recorded_at > ${hour}::text::timestamptz)::int as hour, count(*)::int as day
    from flagged_scan cross join lateral (
      select null as mark union all select jsonb_array_elements_text(scan->'marks')) marks
    where site = ${site} and recorded_at > ${day}::text::timestamptz
    group by mark`;
  const counted = new Map(rows.map((row) => [row.mark, row]));
  const of = (window: "hour" | "day") => ({
    scans: counted.get(null)?.[window] ?? 0,
    marks: Object.fromEntries(scanMarks.map((mark) => [mark, counted.get(mark)?.[window] ?? 0])) as Record<
      ScanMark,
      number
    >,
  });
  return { lastHour: of("hour"), lastDay: of("day") };
};
