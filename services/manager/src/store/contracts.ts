import type { Transaction } from "@tagwire/actor";
import type { Contract, ContractMember, MemberState } from "@tagwire/messages";
import {
  type ContractChanges,
  contractKeys,
  type KnownContracts,
  memberKey,
} from "../actors/contract-book.ts";
import type { SiteRun } from "../actors/happening.ts";
import { type Reader, recordset, textArray } from "./rows.ts";

type ContractFound = { site: string; contract: Contract };
type MemberRow = {
  contract: string;
  tag: string;
  class: string;
  state: MemberState;
  out_at: string | null;
  back_at: string | null;
  pos: number;
};

const memberOf = (row: MemberRow): ContractMember => ({
  contract: row.contract,
  tag: row.tag,
  class: row.class,
  state: row.state,
  outAt: row.out_at,
  backAt: row.back_at,
  pos: row.pos,
});

/** The contracts and members that some happenings touch, as they were before. */
export const findContracts = async (
  sql: Reader,
  runs: readonly SiteRun[],
): Promise<ReadonlyMap<string, KnownContracts>> => {
  const keys = runs.map(({ site, happenings }) => ({ site, ...contractKeys(happenings) }));
  const numbers = keys.flatMap(({ site, contracts }) => [...contracts].map((number) => ({ site, number })));
  const wanted = keys.flatMap(({ site, members }) => [...members].map((member) => ({ site, ...member })));
  const [contracts, members] = await Promise.all([
    sql<ContractFound[]>`
      select wanted.site, known.contract
      from json_to_recordset(${recordset(numbers)}::text::json) as wanted (site text, number text)
      cross join lateral (
        select contract from contract where contract.site = wanted.site and contract.number = wanted.number limit 1
      ) known`,
    sql<(MemberRow & { site: string })[]>`
      select known.*
      from json_to_recordset(${recordset(wanted)}::text::json) as wanted (site text, contract text, tag text)
      cross join lateral (
        select * from contract_member member
        where member.site = wanted.site and member.contract = wanted.contract and member.tag = wanted.tag limit 1
      ) known`,
  ]);
  const contractsOf = Map.groupBy(contracts, ({ site }) => site);
  const membersOf = Map.groupBy(members, ({ site }) => site);
  return new Map(
    runs.map(({ site }) => [
      site,
      {
        contracts: new Map(contractsOf.get(site)?.map(({ contract }) => [contract.number, contract])),
        members: new Map(
          membersOf.get(site)?.map((row) => [memberKey(row.contract, row.tag), memberOf(row)]),
        ),
      },
    ]),
  );
};

type Changed = ReadonlyMap<string, ContractChanges>;

const saveRows = (transaction: Transaction, changed: Changed) => {
  const rows = [...changed].flatMap(([site, { contracts, rows: shown }]) =>
    [...contracts].map(([number, contract]) => ({ site, number, contract, row: shown.get(number) })),
  );
  if (rows.length === 0) return undefined;
  const column = (of: (row: (typeof rows)[number]) => string | null) =>
    transaction`unnest(${textArray(rows.map(of))}::text::text[])`;
  return transaction`
    insert into contract (
      site, number, kind, state, progress, client, still_out_items, due_out_day, due_in_day, contract)
    select site, number, kind, state, progress, client, still_out_items::int, due_out_day::date, due_in_day::date,
      contract::jsonb
    from rows from (
      ${column(({ site }) => site)}, ${column(({ number }) => number)},
      ${column(({ contract }) => contract.kind)}, ${column(({ contract }) => contract.state)},
      ${column(({ row }) => row?.progress ?? null)}, ${column(({ contract }) => contract.client)},
      ${column(({ row }) => String(row?.stillOutItems ?? 0))}, ${column(({ row }) => row?.dueOutDay ?? null)},
      ${column(({ row }) => row?.dueInDay ?? null)}, ${column(({ contract }) => JSON.stringify(contract))}
    ) as given (
      site, number, kind, state, progress, client, still_out_items, due_out_day, due_in_day, contract)
    on conflict (site, number) do update set
      kind = excluded.kind, state = excluded.state, progress = excluded.progress, client = excluded.client,
      still_out_items = excluded.still_out_items, due_out_day = excluded.due_out_day, due_in_day = excluded.due_in_day,
      contract = excluded.contract`;
};

const saveMembers = (transaction: Transaction, changed: Changed) => {
  const all = [...changed].flatMap(([site, { members }]) =>
    [...members.values()].map((one) => ({ site, ...one })),
  );
  const dropped = all.filter(({ member }) => member === undefined);
  const rows = all.flatMap(({ site, member }) => (member === undefined ? [] : [{ site, member }]));
  const column = (of: (row: (typeof rows)[number]) => string | null) =>
    transaction`unnest(${textArray(rows.map(of))}::text::text[])`;
  return Promise.all([
    rows.length > 0 &&
      transaction`
        insert into contract_member (site, contract, tag, class, state, out_at, back_at, pos)
        select site, contract, tag, class, state, out_at, back_at, pos::bigint from rows from (
          ${column(({ site }) => site)}, ${column(({ member }) => member.contract)},
          ${column(({ member }) => member.tag)}, ${column(({ member }) => member.class)},
          ${column(({ member }) => member.state)}, ${column(({ member }) => member.outAt)},
          ${column(({ member }) => member.backAt)}, ${column(({ member }) => String(member.pos))}
        ) as given (site, contract, tag, class, state, out_at, back_at, pos)
        on conflict (site, contract, tag) do update set
          class = excluded.class, state = excluded.state, out_at = excluded.out_at, back_at = excluded.back_at,
          pos = excluded.pos`,
    dropped.length > 0 &&
      transaction`
        delete from contract_member member
        using json_to_recordset(${recordset(dropped)}::text::json) as given (site text, contract text, tag text)
        where member.site = given.site and member.contract = given.contract and member.tag = given.tag`,
  ]);
};

const saveSteps = (transaction: Transaction, changed: Changed) => {
  const rows = [...changed].flatMap(([site, { steps }]) => steps.map((step) => ({ site, ...step })));
  const column = (of: (row: (typeof rows)[number]) => string | null) =>
    transaction`unnest(${textArray(rows.map(of))}::text::text[])`;
  return transaction`
    insert into contract_step (site, number, pos, type, contract, tag, received_at, recorded_at, data)
    select site, number, pos::bigint, type, contract, tag, received_at, recorded_at::timestamptz, data::jsonb
    from rows from (
      ${column(({ site }) => site)}, ${column(({ number }) => number)},
      ${column(({ event }) => String(event.pos))}, ${column(({ event }) => event.type)},
      ${column(({ event }) => event.contract ?? null)}, ${column(({ event }) => event.tag ?? null)},
      ${column(({ event }) => event.receivedAt)}, ${column(({ event }) => event.recordedAt)},
      ${column(({ event }) => JSON.stringify(event.data))}
    ) as given (site, number, pos, type, contract, tag, received_at, recorded_at, data)
    on conflict (site, number, pos) do nothing`;
};

/** Writes contracts and members as they are now, and the steps that led there. Safe to repeat: a step never changes. */
export const saveContracts = (transaction: Transaction, changed: Changed): Promise<unknown> =>
  Promise.all([
    saveRows(transaction, changed),
    saveMembers(transaction, changed),
    saveSteps(transaction, changed),
  ]);
