import type { Receipt } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { KeptReceipt } from "../actors/known.ts";
import type { HeardScan } from "../actors/scan.ts";

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

/** The scans that wait for these tags, oldest first for each. */
export const findQuarantined = async (
  sql: Sql,
  site: string,
  tags: readonly string[],
): Promise<Map<string, readonly HeardScan[]>> => {
  const rows = await sql<{ tag: string; heard: HeardScan }[]>`
    select tag, heard from quarantine
    where site = ${site} and released_at is null and tag = any(${tags as string[]}::text[]) order by received_at, scan_id`;
  return byTag(rows);
};

const byTag = (rows: readonly { tag: string; heard: HeardScan }[]): Map<string, readonly HeardScan[]> => {
  const waiting = new Map<string, HeardScan[]>();
  for (const { tag, heard } of rows) waiting.set(tag, [...(waiting.get(tag) ?? []), heard]);
  return waiting;
};
