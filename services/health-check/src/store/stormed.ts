import type { FindingCode } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";

/** Of one code so many are remembered: where more are wrong nobody asks which of them is new. */
const rememberedMax = 20_000;

/** What was one of many at an audit before, by fingerprint, whether it became a finding or not. */
export const findStormed = async (sql: Sql, site: string): Promise<ReadonlySet<string>> => {
  const rows = await sql<{ fingerprint: string }[]>`select fingerprint from stormed where site = ${site}`;
  return new Set(rows.map(({ fingerprint }) => fingerprint));
};

/** Remembers what was one of many, for as long as a finding stands for all of them. */
export const saveStormed = async (
  transaction: Transaction,
  site: string,
  storms: ReadonlyMap<FindingCode, readonly string[]>,
): Promise<void> => {
  for (const [code, fingerprints] of storms)
    await transaction`
      insert into stormed (site, code, fingerprint)
      select ${site}, ${code}, given from unnest(${[...fingerprints]}::text[]) as given
      where (select count(*) from stormed where site = ${site} and code = ${code}) < ${rememberedMax}
      on conflict do nothing`;
  await transaction`
    delete from stormed where site = ${site} and code not in (
      select finding->>'key' from finding
      where site = ${site} and code = 'systemic' and state in ('suspect', 'open', 'acknowledged', 'in_review')
    )`;
};
