import type { Contract, Session } from "@tagwire/messages";
import type { BoardFields } from "../actors/board-refold.ts";
import type { Reader } from "./rows.ts";

/** A thing may have had a few tags one after the other. */
const tagsBeforeMax = 20;

/** Which rows: the next after a key, or some by their keys. */
export type BoardRowsAsked = {
  readonly site: string;
  readonly after: string | null;
  readonly limit: number;
  readonly keys?: readonly string[] | undefined;
};

const chosen = (sql: Reader, name: string, { site, after, limit, keys }: BoardRowsAsked) => sql`
  site = ${site} ${
    keys === undefined
      ? sql`${after === null ? sql`` : sql`and ${sql(name)} > ${after}`} order by ${sql(name)} limit ${limit}`
      : sql`and ${sql(name)} = any(${keys as string[]}::text[])`
  }`;

const spelled = (at: Date | null): string | null => at?.toISOString() ?? null;

export type ItemBoardRow = {
  readonly key: string;
  readonly row: BoardFields;
  /** The tags that the thing had before, whose lives are a part of its own. */
  readonly before: readonly string[];
};

/** Since when items are what they are, as it is kept. */
export const findItemBoardRows = async (sql: Reader, asked: BoardRowsAsked): Promise<ItemBoardRow[]> => {
  type Row = {
    tag: string;
    changed_at: Date;
    status_at: Date | null;
    free_at: Date | null;
    seen_at: Date | null;
    steps: unknown;
    before: string[];
  };
  const rows = await sql<Row[]>`
    select tag, changed_at, status_at, free_at, seen_at, steps, case when replaces is null then '{}' else array(
      with recursive earlier (tag, depth) as (
        select picked.replaces, 1
        union all
        select item.replaces, depth + 1 from earlier join item on item.site = ${asked.site} and item.tag = earlier.tag
        where item.replaces is not null and depth < ${tagsBeforeMax}
      )
      select distinct tag from earlier where tag is not null
    ) end as before
    from (select * from item where ${chosen(sql, "tag", asked)}) picked order by tag`;
  return rows.map((row) => ({
    key: row.tag,
    before: row.before,
    row: {
      changedAt: spelled(row.changed_at),
      statusAt: spelled(row.status_at),
      freeAt: spelled(row.free_at),
      steps: row.steps,
      seenAt: spelled(row.seen_at),
    },
  }));
};

/** How many scans wait for tags, and since when, as it is kept. */
export const findWaitingBoardRows = async (
  sql: Reader,
  asked: BoardRowsAsked,
): Promise<{ key: string; row: BoardFields }[]> => {
  const rows = await sql<{ tag: string; scans: number; since: Date }[]>`
    select tag, scans, since from (select * from quarantine where ${chosen(sql, "tag", asked)}) picked order by tag`;
  return rows.map(({ tag, scans, since }) => ({ key: tag, row: { scans, since: spelled(since) } }));
};

/** What sessions are looked for by, as it is kept, beside the whole of each. */
export const findSessionBoardRows = async (
  sql: Reader,
  asked: BoardRowsAsked,
): Promise<{ key: string; row: BoardFields; session: Session }[]> => {
  type Row = {
    id: string;
    complete: boolean | null;
    late_scans: number;
    active_at: Date;
    session: Session;
  };
  const rows = await sql<Row[]>`
    select id, complete, late_scans, active_at, session from (select * from session where ${chosen(sql, "id", asked)}) picked order by id`;
  return rows.map(({ id, complete, late_scans: lateScans, active_at: activeAt, session }) => ({
    key: id,
    row: { complete, lateScans, activeAt: spelled(activeAt) },
    session,
  }));
};

/** The same of contracts. */
export const findContractBoardRows = async (
  sql: Reader,
  asked: BoardRowsAsked,
): Promise<{ key: string; row: BoardFields; contract: Contract }[]> => {
  type Row = {
    number: string;
    progress: string;
    still_out_items: number;
    due_out_day: string | null;
    due_in_day: string | null;
    contract: Contract;
  };
  const rows = await sql<Row[]>`
    select number, progress, still_out_items, due_out_day::text, due_in_day::text, contract
    from (select * from contract where ${chosen(sql, "number", asked)}) picked order by number`;
  return rows.map((row) => ({
    key: row.number,
    row: {
      progress: row.progress,
      stillOutItems: row.still_out_items,
      dueOutDay: row.due_out_day,
      dueInDay: row.due_in_day,
    },
    contract: row.contract,
  }));
};
