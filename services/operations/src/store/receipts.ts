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
