import type { PastFault } from "@tagwire/messages";
import type { Migration } from "@tagwire/store";
import type { Sql } from "./database.ts";

/** What is remembered of a reader through restarts, bounded as `pastFaultsMax` says; it counts nothing, so the ledger does not know it. */
export type ReaderPast = {
  readonly number: number;
  /** When a tag was read last, in ISO 8601; null when none ever was. */
  readonly lastReadAt: string | null;
  /** The newest first. */
  readonly faults: PastFault[];
};

export const readerPast: Migration = {
  name: "reader-past-1",
  sql: "alter table reader add column last_read_at timestamptz, add column past_faults jsonb not null default '[]';",
};

/**
 * Keeps the past of readers. Safe to repeat, and to come late: a former owner that was held up takes nothing back, since of two pasts the one
 * with the newer fault stays, and of two reads the later one. Rows are locked by rising number, as in `saves.ts`.
 */
export const updatePasts = async (sql: Sql, pasts: readonly ReaderPast[]): Promise<void> => {
  await sql`
    with past as (
      select * from json_to_recordset(${JSON.stringify(pasts)}::text::json) as p(number bigint, "lastReadAt" timestamptz, faults jsonb)
    ), locked as (
      select number from reader where number in (select number from past) order by number for no key update
    )
    update reader r set last_read_at = greatest(r.last_read_at, p."lastReadAt"),
      past_faults = case
        when (p.faults #>> '{0,at}')::timestamptz >= coalesce((r.past_faults #>> '{0,at}')::timestamptz, '-infinity') then p.faults
        else r.past_faults
      end
    from past p join locked l on l.number = p.number where r.number = p.number`;
};
