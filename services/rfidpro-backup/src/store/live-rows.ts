import type { RfidproRun, RfidproRunRow } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";

/** So many runs of a site are told to whoever watches; those before them are asked for page by page. */
const rowsMax = 100;

export const rowOf = (run: RfidproRun, version: number): RfidproRunRow => ({ ...run, key: run.id, version });

/** The newest runs of a site, and the position that they are as of. */
export const readRows = (
  sql: Sql,
  site: string,
): Promise<{ readonly pos: number; readonly rows: RfidproRunRow[] }> =>
  inTransaction(
    sql,
    async (transaction) => {
      const [at] = await transaction<{ pos: number }[]>`select pos from pulled_site where site = ${site}`;
      const rows = await transaction<{ run: RfidproRun; version: number }[]>`
        select run, version from run where site = ${site} order by started_at desc, id desc limit ${rowsMax}`;
      return { pos: at?.pos ?? 0, rows: rows.map(({ run, version }) => rowOf(run, version)) };
    },
    "isolation level repeatable read read only",
  );
