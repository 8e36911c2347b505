import type { FindingCode } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";
import type { Standing } from "../actors/storm.ts";

/** Of one code so many are remembered: where more are wrong nobody asks which of them is new. */
const rememberedMax = 20_000;

/** What was one of many, by fingerprint, whether it became a finding or not: at any audit before, and by code within the last day. */
export const findStormed = async (
  sql: Sql,
  site: string,
): Promise<Required<Pick<Standing, "stormed" | "lately">>> => {
  const rows = await sql<{ code: FindingCode; fingerprint: string; isLately: boolean }[]>`
    select code, fingerprint, seen_at > now() - interval '1 day' as "isLately" from stormed where site = ${site}`;
  const lately = Map.groupBy(
    rows.filter(({ isLately }) => isLately),
    ({ code }) => code,
  );
  return {
    stormed: new Set(rows.map(({ fingerprint }) => fingerprint)),
    lately: new Map([...lately].map(([code, own]) => [code, own.map(({ fingerprint }) => fingerprint)])),
  };
};

/** Remembers what was one of many, for as long as a finding stands for all of them. */
export const saveStormed = async (
  transaction: Transaction,
  site: string,
  storms: ReadonlyMap<FindingCode, readonly string[]>,
): Promise<void> => {
  for (const [code, fingerprints] of storms) {
    await transaction`
      update stormed set seen_at = now()
      where site = ${site} and code = ${code} and fingerprint = any(${[...fingerprints]}::text[])`;
    await transaction`
      insert into stormed (site, code, fingerprint)
      select ${site}, ${code}, given from unnest(${[...fingerprints]}::text[]) as given
      where (select count(*) from stormed where site = ${site} and code = ${code}) < ${rememberedMax}
      on conflict do nothing`;
  }
  await transaction`
    delete from stormed where site = ${site} and code not in (
      select finding->>'key' from finding
      where site = ${site} and code = 'systemic' and state in ('suspect', 'open', 'acknowledged', 'in_review')
    )`;
};
