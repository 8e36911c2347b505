import type { Contract, ContractMember } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Changed } from "../actors/book.ts";
import type { KnownContract } from "../actors/known.ts";
import type { ContractColumns, KeptContract } from "../actors/refold.ts";

type MemberRow = {
  contract: string;
  tag: string;
  class: string;
  state: ContractMember["state"];
  out_at: Date | null;
  back_at: Date | null;
  pos: number;
};

const memberOf = (row: MemberRow): ContractMember => ({
  contract: row.contract,
  tag: row.tag,
  class: row.class,
  state: row.state,
  outAt: row.out_at?.toISOString() ?? null,
  backAt: row.back_at?.toISOString() ?? null,
  pos: row.pos,
});

export const findContract = async (sql: Sql, site: string, number: string): Promise<Contract | undefined> => {
  const [row] = await sql<{ doc: Contract }[]>`
    select doc from contract where site = ${site} and number = ${number}`;
  return row?.doc;
};

/** Some contracts as their rows have them, with what is kept beside the whole. */
export const keptContracts = async (
  sql: Sql,
  site: string,
  numbers: readonly string[],
): Promise<Map<string, KeptContract>> => {
  const rows = await sql<(ContractColumns & { doc: Contract })[]>`
    select number, kind, state, client, version, pos, doc from contract
    where site = ${site} and number = any(${numbers as string[]}::text[])`;
  return new Map(rows.map(({ doc, ...columns }) => [columns.number, { contract: doc, columns }]));
};

/** Contracts with everything on them; of one that was merged also the one it was merged into. */
export const findContracts = async (
  sql: Sql,
  site: string,
  numbers: readonly string[],
): Promise<Map<string, KnownContract>> => {
  if (numbers.length === 0) return new Map();
  const wanted = sql`
    with recursive wanted (number) as (
      select number from unnest(${numbers as string[]}::text[]) as given (number)
      union
      select contract.doc->>'mergedInto' from wanted join contract on contract.site = ${site} and contract.number = wanted.number
      where contract.doc->>'mergedInto' is not null
    )`;
  const [contracts, members] = await Promise.all([
    sql<
      { doc: Contract }[]
    >`${wanted} select doc from wanted join contract on contract.site = ${site} and contract.number = wanted.number`,
    sql<MemberRow[]>`${wanted}
      select member.contract, tag, class, state, out_at, back_at, member.pos from wanted
      join contract_member member on member.site = ${site} and member.contract = wanted.number`,
  ]);
  const byContract = Map.groupBy(members.map(memberOf), ({ contract }) => contract);
  return new Map(
    contracts.map(({ doc }) => [
      doc.number,
      {
        contract: doc,
        members: new Map((byContract.get(doc.number) ?? []).map((member) => [member.tag, member])),
      },
    ]),
  );
};

/** Where items stand on contracts that they left without a return. */
export const findOwed = async (
  sql: Sql,
  site: string,
  tags: readonly string[],
): Promise<Map<string, readonly ContractMember[]>> => {
  if (tags.length === 0) return new Map();
  const rows = await sql<MemberRow[]>`
    select contract, tag, class, state, out_at, back_at, pos from contract_member
    where site = ${site} and state = 'not_recorded' and tag = any(${tags as string[]}::text[])`;
  return Map.groupBy(rows.map(memberOf), ({ tag }) => tag);
};

/** Where items stand on some contracts. */
export const membersAt = async (
  sql: Sql,
  site: string,
  { tags, numbers }: { readonly tags: readonly string[]; readonly numbers: readonly string[] },
): Promise<ContractMember[]> => {
  if (numbers.length === 0) return [];
  const rows = await sql<MemberRow[]>`
    select contract, tag, class, state, out_at, back_at, pos from contract_member
    where site = ${site} and contract = any(${numbers as string[]}::text[]) and tag = any(${tags as string[]}::text[])`;
  return rows.map(memberOf);
};

export type ContractQuery = {
  readonly site: string;
  readonly limit: number;
  /** The number after which to go on. */
  readonly after: string | undefined;
  readonly kind?: string | undefined;
  readonly state?: readonly string[] | undefined;
  readonly q?: string | undefined;
};

const likeEscape = (text: string): string => text.replaceAll(/[\\%_]/g, (found) => `\\${found}`);

/** A page of contracts in the order of their numbers; one row more than `limit` says that there is a next page. */
export const listContracts = async (sql: Sql, query: ContractQuery): Promise<Contract[]> => {
  const pattern = query.q === undefined ? undefined : `%${likeEscape(query.q)}%`;
  const rows = await sql<{ doc: Contract }[]>`
    select doc from contract
    where site = ${query.site}
    ${query.after === undefined ? sql`` : sql`and number > ${query.after}`}
    ${query.kind === undefined ? sql`` : sql`and kind = ${query.kind}`}
    ${query.state === undefined ? sql`` : sql`and state = any(${query.state as string[]}::text[])`}
    ${pattern === undefined ? sql`` : sql`and (number ilike ${pattern} or client ilike ${pattern})`}
    order by number limit ${query.limit + 1}`;
  return rows.map(({ doc }) => doc);
};

/** A page of what is on a contract, in the order of the tags; one row more than `limit` says that there is a next page. */
export const listMembers = async (
  sql: Sql,
  query: {
    readonly site: string;
    readonly number: string;
    readonly limit: number;
    readonly after: string | undefined;
    readonly state?: readonly string[] | undefined;
  },
): Promise<ContractMember[]> => {
  const rows = await sql<MemberRow[]>`
    select contract, tag, class, state, out_at, back_at, pos from contract_member
    where site = ${query.site} and contract = ${query.number}
    ${query.after === undefined ? sql`` : sql`and tag > ${query.after}`}
    ${query.state === undefined ? sql`` : sql`and state = any(${query.state as string[]}::text[])`}
    order by tag limit ${query.limit + 1}`;
  return rows.map(memberOf);
};

const savingRows = (sql: Sql, contracts: string) => sql`, contracts as (
      insert into contract (site, number, kind, state, client, version, pos, doc)
      select head.site, doc->>'number', doc->>'kind', doc->>'state', doc->>'client', (doc->>'version')::int, (doc->>'pos')::bigint, doc
      from head, json_to_recordset(${contracts}::text::json) as given (doc jsonb)
      on conflict (site, number) do update set kind = excluded.kind, state = excluded.state, client = excluded.client,
        version = excluded.version, pos = excluded.pos, doc = excluded.doc
    )`;

const savingMembers = (sql: Sql, members: string) => sql`, members as (
      insert into contract_member (site, contract, tag, class, state, out_at, back_at, pos)
      select head.site, contract, tag, class, state, "outAt", "backAt", pos
      from head, json_to_recordset(${members}::text::json) as given (contract text, tag text, class text, state text,
        "outAt" timestamptz, "backAt" timestamptz, pos bigint)
      on conflict (site, contract, tag) do update set class = excluded.class, state = excluded.state, out_at = excluded.out_at,
        back_at = excluded.back_at, pos = excluded.pos
    )`;

const droppingMembers = (sql: Sql, dropped: string) => sql`, dropped as (
      delete from contract_member using head, json_to_recordset(${dropped}::text::json) as given (contract text, tag text)
      where contract_member.site = head.site and contract_member.contract = given.contract and contract_member.tag = given.tag
    )`;

/** The part of a turn's commit that keeps what it changed of contracts; nothing when it changed none. */
export const savingContracts = (sql: Sql, { contracts, members }: Pick<Changed, "contracts" | "members">) => {
  if (contracts.size === 0) return sql``;
  const rows = [...members].flatMap(([contract, own]) =>
    [...own].map(([tag, member]) => ({ contract, tag, member })),
  );
  const kept = rows.flatMap(({ member }) => member ?? []);
  const dropped = rows
    .filter(({ member }) => member === null)
    .map(({ contract, tag }) => ({ contract, tag }));
  return sql`${savingRows(sql, JSON.stringify([...contracts.values()].map((doc) => ({ doc }))))}
    ${kept.length === 0 ? sql`` : savingMembers(sql, JSON.stringify(kept))}
    ${dropped.length === 0 ? sql`` : droppingMembers(sql, JSON.stringify(dropped))}`;
};
