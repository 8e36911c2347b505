import type { Receipt } from "@tagwire/messages";
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
  const rows = await sql<{ id: string; body_hash: string; receipt: Receipt }[]>`
    select id::text, body_hash, receipt from receipt where site = ${site} and id = any(${ids as string[]}::uuid[])`;
  return new Map(rows.map((row) => [row.id, { bodyHash: row.body_hash, receipt: row.receipt }]));
};
