import type { Receipt, UndoneEvent } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { KeptReceipt } from "../actors/known.ts";

export const findReceipt = async (sql: Sql, site: string, id: string): Promise<Receipt | undefined> => {
  const [row] = await sql<
    { receipt: Receipt }[]
  >`select receipt from receipt where site = ${site} and id = ${id}`;
  return row?.receipt;
};

export const findReceipts = async (
  sql: Sql,
  site: string,
  ids: readonly string[],
): Promise<Map<string, KeptReceipt>> => {
  const rows = await sql<
    { id: string; body_hash: string; receipt: Receipt; undone: readonly UndoneEvent[] | null }[]
  >`
    select id::text, body_hash, receipt, undone from receipt
    where site = ${site} and id = any(${ids as string[]}::uuid[])`;
  return new Map(
    rows.map(({ id, body_hash, receipt, undone }) => [
      id,
      { bodyHash: body_hash, receipt, ...(undone === null ? {} : { undone }) },
    ]),
  );
};

/** The tags that scans were of, by their ids, as their receipts tell: of one that waits or waited, as quarantine does. */
export const findScanTags = async (
  sql: Sql,
  site: string,
  ids: readonly string[],
): Promise<Map<string, string>> => {
  const rows = await sql<{ id: string; tag: string }[]>`
    select receipt.id::text as id, coalesce(receipt.receipt #>> '{item,tag}', quarantine.tag) as tag
    from receipt left join quarantine on quarantine.site = receipt.site and quarantine.scan_id = receipt.id
    where receipt.site = ${site} and receipt.id = any(${ids as string[]}::uuid[])
      and (receipt.receipt #> '{item,tag}' is not null or quarantine.tag is not null)`;
  return new Map(rows.map(({ id, tag }) => [id, tag]));
};
