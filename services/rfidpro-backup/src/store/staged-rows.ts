import type { RfidproDataset } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";
import type { NormalRow } from "../actors/normalise.ts";
import { storableJson } from "../actors/storable-json.ts";

export type RowsOf = { readonly run: string; readonly dataset: RfidproDataset };
export type StagedRow = { readonly seq: number; readonly row: NormalRow };

/** So many rows are read or deleted by one statement, which then is far from its time limit. */
const rowsAtOnceMax = 5_000;
const rowsPerPage = 1_000;

/** Which of these identities a data set of a run has already. */
export const findTaken = async (
  sql: Sql,
  { run, dataset }: RowsOf,
  identities: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await sql<{ identity: string }[]>`
    select identity from staged_row where run = ${run} and dataset = ${dataset}
      and identity in (select value from json_array_elements_text(${JSON.stringify(identities)}::text::json))`;
  return new Set(rows.map(({ identity }) => identity));
};

/** Keeps rows of a run; repeating it changes nothing. */
export const stageRows = async (
  sql: Sql | Transaction,
  { site, run, dataset }: RowsOf & { readonly site: string },
  rows: readonly StagedRow[],
): Promise<void> => {
  const given = rows.map(({ seq, row }) => ({
    ...{ seq, row, identity: row.identity },
    tag: "tag" in row ? row.tag : null,
  }));
  await sql`
    insert into staged_row (site, run, dataset, seq, identity, tag, row)
    select ${site}, ${run}::uuid, ${dataset}, seq, identity, tag, row
    from json_to_recordset(${storableJson(given)}::text::json)
      as given (seq int, identity text, tag text, row jsonb)
    on conflict do nothing`;
};

/** Forgets some of what an earlier pass brought. @returns how many rows that were; 0 when there are none any more */
export const forgetSomeRows = async (transaction: Transaction, { run, dataset }: RowsOf): Promise<number> => {
  const { count } = await transaction`
    delete from staged_row where ctid = any(array(
      select ctid from staged_row where run = ${run} and dataset = ${dataset} limit ${rowsAtOnceMax}))`;
  return count;
};

/** How many rows of a data set are staged. */
export const countRows = async (sql: Sql, { run, dataset }: RowsOf): Promise<number> => {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from staged_row where run = ${run} and dataset = ${dataset}`;
  return row.count;
};

/** Forgets the rows of a run a part at a time. */
const forgetRun = async (sql: Sql, run: string): Promise<void> => {
  for (;;) {
    const { count } = await sql`
      delete from staged_row where ctid = any(array(select ctid from staged_row where run = ${run} limit ${rowsAtOnceMax}))`;
    if (count < rowsAtOnceMax) return;
  }
};

/** What was made of the rows of a data set, each as JSON, in the order in which they came. */
export async function* readNormalised(sql: Sql, { run, dataset }: RowsOf): AsyncIterable<string> {
  for (let after = -1; ; ) {
    const rows = await sql<{ seq: number; row: string }[]>`
      select seq, row::text as row from staged_row
      where run = ${run} and dataset = ${dataset} and seq > ${after} order by seq limit ${rowsPerPage}`;
    for (const { row } of rows) yield row;
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsPerPage) return;
    after = last.seq;
  }
}

/**
 * Forgets the rows of runs that began longer ago than so many days; those of each site's newest complete run stay, unless it brought
 * only what was new, and those of which an import goes on, or ended early and can be gone on with.
 */
export const forgetOldRows = async (sql: Sql, days: number): Promise<void> => {
  const old = await sql<{ id: string }[]>`
    select id from run where staged and state <> 'running' and started_at < now() - ${days} * interval '1 day'
      and id not in (
        select distinct on (site) id from run where verdict = 'complete' and state = 'done' and run->'incremental' is distinct from 'true'
        order by site, started_at desc)
      and id not in (select run from import where state in ('running', 'failed'))`;
  for (const { id } of old) {
    await forgetRun(sql, id);
    await sql`update run set staged = false where id = ${id}`;
  }
};
