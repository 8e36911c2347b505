import { newId } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { storableJson } from "../actors/storable-json.ts";

/** A row that fell under a rule: in a few words, and by what the archive has it. */
export type RuledRow = { readonly rule: string; readonly identity: string; readonly row: string };

/** So many are written by one statement. */
const rowsAtOnceMax = 2_000;

/** Keeps the rows of a preview as it is made, page by page. */
export const openRuledRows = (sql: Sql, run: string) => {
  const made = newId();
  let seq = 0;
  let waiting: (RuledRow & { readonly seq: number })[] = [];
  const save = async (): Promise<void> => {
    for (let from = 0; from < waiting.length; from += rowsAtOnceMax)
      await sql`
        insert into import_row (run, made, seq, rule, identity, row)
        select ${run}, ${made}, seq, rule, identity, row
        from json_to_recordset(${storableJson(waiting.slice(from, from + rowsAtOnceMax))}::text::json)
          as given (seq int, rule text, identity text, row text)`;
    waiting = [];
  };
  return {
    add: (row: RuledRow): void => {
      waiting.push({ ...row, seq });
      seq += 1;
    },
    save,
    /** Keeps what is left, and gives by what the preview names its rows. */
    done: async (): Promise<string> => {
      await save();
      return made;
    },
  };
};

/** Keeps what operations refused; told again where an import goes on, each is kept once. */
export const saveRefusals = async (sql: Sql, run: string, rows: readonly string[]): Promise<void> => {
  for (let from = 0; from < rows.length; from += rowsAtOnceMax)
    await sql`
      insert into import_refusal (run, row)
      select ${run}, value from json_array_elements_text(${storableJson(rows.slice(from, from + rowsAtOnceMax))}::text::json)
      on conflict do nothing`;
};

/** Where a page of rows ended: those under rules come first, then the refused ones. */
export type RowsAfter = { readonly part: number; readonly seq: number };

/** The next rows of an import with their rules, one more than `limit` where there are more. */
export const listImportRows = async (
  sql: Sql,
  run: string,
  { after, limit }: { readonly after: RowsAfter; readonly limit: number },
): Promise<(RuledRow & RowsAfter)[]> =>
  sql<(RuledRow & RowsAfter)[]>`
    select part, seq, rule, identity, row from (
      select 1 as part, seq::bigint as seq, rule, identity, row from import_row
      where run = ${run} and made = (select rows from import_preview where run = ${run})
      union all
      select 2, seq, 'refused', '', row from import_refusal where run = ${run}
    ) all_rows where (part, seq) > (${after.part}::int, ${after.seq}::bigint) order by part, seq limit ${limit + 1}`;
