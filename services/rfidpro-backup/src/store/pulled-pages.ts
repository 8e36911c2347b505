import type { Sql, Transaction } from "@tagwire/store";
import type { PulledPage } from "../actors/rows.ts";
import type { RowsOf } from "./staged-rows.ts";

/** An answer as it is kept: its rows are in its text. */
export type KeptPage = Omit<PulledPage, "rows">;

/** An answer may have some megabytes, so that few of them are held at once. */
const pagesAtOnce = 4;
const pagesForgottenAtOnce = 200;

/** Keeps an answer; repeating it changes nothing. */
export const addPage = async (
  transaction: Transaction,
  { run, dataset }: RowsOf,
  seq: number,
  page: PulledPage,
): Promise<void> => {
  await transaction`
    insert into pulled_page (run, dataset, seq, pass, from_row, total, rows, received_at, body)
    values (${run}, ${dataset}, ${seq}, ${page.pass}, ${page.offset}, ${page.total}, ${page.rows.length}, ${page.receivedAt},
      ${page.body}) on conflict do nothing`;
};

type Row = { seq: number; pass: number; from_row: number; total: number; received_at: string; body: string };

/** Every answer of a data set in the order in which they came: those of all passes, or of one. */
export async function* readPages(
  sql: Sql,
  { run, dataset }: RowsOf,
  pass: number | "all" = "all",
): AsyncGenerator<KeptPage> {
  for (let after = -1; ; ) {
    const rows = await sql<Row[]>`
      select seq, pass, from_row, total, received_at, body from pulled_page
      where run = ${run} and dataset = ${dataset} and seq > ${after} ${pass === "all" ? sql`` : sql`and pass = ${pass}`}
      order by seq limit ${pagesAtOnce}`;
    for (const { from_row: offset, received_at: receivedAt, seq: _seq, ...page } of rows)
      yield { dataset, offset, receivedAt, ...page };
    const last = rows.at(-1);
    if (last === undefined || rows.length < pagesAtOnce) return;
    after = last.seq;
  }
}

/** How far a data set has come: its newest pass. */
export type Standing = {
  /** Answers of all passes. */
  readonly pages: number;
  readonly pass: number;
  readonly total: number;
  /** Without those that were asked for once more. */
  readonly rows: number;
};

/** Where a data set stands; undefined before its first page. */
export const findStanding = async (sql: Sql, { run, dataset }: RowsOf): Promise<Standing | undefined> => {
  const [row] = await sql<Standing[]>`
    with pages as (select seq, pass, total, rows from pulled_page where run = ${run} and dataset = ${dataset})
    select (select count(*)::int from pages) as pages, pass, (array_agg(total order by seq desc))[1] as total,
      sum(rows)::int as rows
    from pages group by pass order by pass desc limit 1`;
  return row;
};

/** Forgets the answers of a run a part at a time: they are in the archive. */
export const forgetPages = async (sql: Sql, run: string): Promise<void> => {
  for (;;) {
    const { count } = await sql`
      delete from pulled_page where ctid = any(array(select ctid from pulled_page where run = ${run} limit ${pagesForgottenAtOnce}))`;
    if (count < pagesForgottenAtOnce) return;
  }
};

/** Runs that have ended and whose answers are here still: whoever carried them out died before it forgot them. */
export const findLeftPages = (sql: Sql): Promise<{ id: string }[]> => sql`
  select id from run where state <> 'running' and exists (select from pulled_page where run = run.id)`;
