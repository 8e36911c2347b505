import type { RfidproComparison, RfidproSignature } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

export const saveComparison = async (sql: Sql, comparison: RfidproComparison): Promise<void> => {
  await sql`
    insert into comparison (run, site, compared_at, comparison)
    values (${comparison.run}, ${comparison.site}, ${comparison.comparedAt}, ${JSON.stringify(comparison)}::text::jsonb)
    on conflict (run) do update set compared_at = excluded.compared_at, comparison = excluded.comparison`;
};

export const findComparison = async (sql: Sql, run: string): Promise<RfidproComparison | undefined> => {
  const [row] = await sql<
    { comparison: RfidproComparison }[]
  >`select comparison from comparison where run = ${run}`;
  return row?.comparison;
};

/** Whoever signs the same report again under the same name has signed it once. */
export const saveSignature = async (sql: Sql, signature: RfidproSignature): Promise<RfidproSignature> => {
  const { run, hash, by, name, at } = signature;
  await sql`
    insert into signature (run, hash, by, name, at, signature)
    values (${run}, ${hash}, ${by}, ${name}, ${at}, ${JSON.stringify(signature)}::text::jsonb) on conflict do nothing`;
  const [row] = await sql<{ signature: RfidproSignature }[]>`
    select signature from signature where run = ${run} and hash = ${hash} and by = ${by} and name = ${name}`;
  return row?.signature ?? signature;
};

export const findSignatures = async (sql: Sql, run: string): Promise<RfidproSignature[]> => {
  const rows = await sql<{ signature: RfidproSignature }[]>`
    select signature from signature where run = ${run} order by at, name limit 100`;
  return rows.map(({ signature }) => signature);
};
