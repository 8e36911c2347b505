import { Fault, type RfidproDataset, type RfidproOldScanner } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";
import type { ClassRow, ItemRow, TransactionRow } from "../actors/rows.ts";

/* What a pull brought, page by page: in the order of tags, so that both sides of a tag come together and only a page is held. */

/** Rows that are read at once of rows without a tag, and of classes. */
const rowsPerPage = 500;

type Normalised = {
  readonly classes: ClassRow;
  readonly items: ItemRow;
  readonly transactions: TransactionRow;
};

/**
 * The next tags that either side has, in the order in which the database sorts them.
 *
 * @param site whose items and scans count besides; null for those of the pull alone
 */
export const nextTags = async (
  sql: Sql,
  run: string,
  {
    site,
    after,
    limit,
  }: { readonly site: string | null; readonly after: string | null; readonly limit: number },
): Promise<string[]> => {
  const past = after === null ? sql`` : sql`and tag > ${after}`;
  const staged = (dataset: RfidproDataset) =>
    sql`(select distinct tag from staged_row where run = ${run} and dataset = ${dataset} and tag is not null ${past}
      order by tag limit ${limit})`;
  const rows = await sql<{ tag: string }[]>`
    select tag from (
      ${staged("items")} union ${staged("transactions")}
      ${
        site === null
          ? sql``
          : sql`union (select tag from operations_item where site = ${site} ${past} order by tag limit ${limit})
            union (select distinct tag from operations_scan where site = ${site} ${past} order by tag limit ${limit})`
      }
    ) tags order by tag limit ${limit}`;
  return rows.map(({ tag }) => tag);
};

/** Rows of the tags of one page at most; 250 real tags have some 500 scans. */
const rowsOfTagsMax = 20_000;

/** Which of some tags has most rows, in words. */
const crowdOf = async (
  sql: Sql,
  { run, dataset }: { readonly run: string; readonly dataset: string },
  tags: readonly string[],
): Promise<string> => {
  const [most] = await sql<{ tag: string; count: number }[]>`
    select tag, count(*)::int as count from staged_row where run = ${run} and dataset = ${dataset} and tag = any(${[...tags]}::text[])
    group by tag order by count desc, tag limit 1`;
  return `${most?.tag} has ${most?.count} rows of ${dataset}, and ${tags.length} tags together may have ${rowsOfTagsMax}`;
};

/**
 * The rows of some tags, by tag, in the order in which they were pulled.
 *
 * @throws Fault `rfidpro.tag_crowded` where a stranger has so many of them that they cannot be held
 */
export const stagedOf = async <D extends "items" | "transactions">(
  sql: Sql,
  run: string,
  dataset: D,
  tags: readonly string[],
): Promise<Map<string, Normalised[D][]>> => {
  const rows = await sql<{ tag: string; row: Normalised[D] }[]>`
    select tag, row from staged_row where run = ${run} and dataset = ${dataset} and tag = any(${[...tags]}::text[]) order by seq
    limit ${rowsOfTagsMax + 1}`;
  if (rows.length > rowsOfTagsMax)
    throw new Fault("rfidpro.tag_crowded", await crowdOf(sql, { run, dataset }, tags));
  const byTag = new Map<string, Normalised[D][]>();
  for (const { tag, row } of rows) {
    const ofTag = byTag.get(tag) ?? [];
    ofTag.push(row);
    byTag.set(tag, ofTag);
  }
  return byTag;
};

/** Rows of a data set in the order in which they were pulled: all of them, or those alone that name no tag. */
export async function* stagedPages<D extends RfidproDataset>(
  sql: Sql,
  run: string,
  dataset: D,
  which: "all" | "tagless",
): AsyncGenerator<readonly Normalised[D][]> {
  for (let after = -1; ; ) {
    const rows = await sql<{ seq: number; row: Normalised[D] }[]>`
      select seq, row from staged_row where run = ${run} and dataset = ${dataset} and seq > ${after}
      ${which === "tagless" ? sql`and tag is null` : sql``} order by seq limit ${rowsPerPage}`;
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ row }) => row);
    after = last.seq;
  }
}

/** When RFIDpro took its newest scan of those that are staged, in ms; null where it took none. */
export const findQuietSince = async (sql: Sql, run: string): Promise<number | null> => {
  const [row] = await sql<{ newest: number | null }[]>`
    select max((row->>'createdAtMs')::float8) as newest from staged_row where run = ${run} and dataset = 'transactions'`;
  return row?.newest ?? null;
};

/** Names that are told; a house has a handful. */
const oldScannersMax = 200;

/**
 * Whose scans RFIDpro took since an instant, by what is staged of a run: each was made with an old scanner, whether operations has it besides
 * or not. A row that does not say when it was taken counts by its own time.
 */
export const findOldScanners = async (
  sql: Sql,
  run: string,
  sinceMs: number,
): Promise<RfidproOldScanner[]> => {
  const rows = await sql<{ name: string; scans: number; last_ms: number }[]>`
    with scan as (
      select coalesce(row->>'scannedBy', 'unnamed') as name, coalesce(row->>'createdAtMs', row->>'scannedAtMs')::float8 as at_ms
      from staged_row where run = ${run} and dataset = 'transactions'
    )
    select name, count(*)::int as scans, max(at_ms) as last_ms from scan where at_ms >= ${sinceMs}
    group by name order by last_ms desc, name limit ${oldScannersMax}`;
  return rows.map(({ name, scans, last_ms: lastMs }) => ({
    name,
    scans,
    lastAt: new Date(lastMs).toISOString(),
  }));
};

/** How many rows of each data set are staged. */
export const countStaged = async (
  sql: Sql | Transaction,
  run: string,
): Promise<Readonly<Record<string, number>>> => {
  const rows = await sql<{ dataset: string; count: number }[]>`
    select dataset, count(*) as count from staged_row where run = ${run} group by dataset`;
  return Object.fromEntries(rows.map(({ dataset, count }) => [dataset, count]));
};
