import {
  type By,
  Fault,
  foldRounds,
  ItemRetagged,
  type LoggedEvent,
  LotRecorded,
  movesOf,
  type RoundEvent,
  type Rounds,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { findNumbers, findReal } from "./contract-numbers.ts";

/** Events that one report may be folded from. A contract that is washed weekly with 500 items has as many in two years. */
const roundEventsMax = 100_000;

/** The part of a turn's commit that keeps which events moved something on a contract besides the one they are about; few do. */
export const keepingAsides = (sql: Sql, events: readonly LoggedEvent[]) => {
  const asides = events.flatMap(({ epoch, pos, contract, data }) =>
    [...new Set(movesOf(data).map((move) => move.contract))]
      .filter((number) => number !== contract)
      .map((number) => ({ contract: number, epoch, pos })),
  );
  if (asides.length === 0) return sql``;
  return sql`, asides as (
      insert into contract_aside (site, contract, epoch, pos)
      select head.site, contract, epoch, pos
      from head, json_to_recordset(${JSON.stringify(asides)}::text::json) as given (contract text, epoch bigint, pos bigint)
    )`;
};

type Row = {
  epoch: number;
  pos: number;
  type: string;
  tag: string | null;
  contract: string | null;
  scanned_at: Date | null;
  received_at: Date;
  by: By;
  data: Record<string, unknown>;
  class: string | null;
};

const eventOf = (row: Row): RoundEvent => ({
  epoch: row.epoch,
  pos: row.pos,
  type: row.type,
  ...(row.tag === null ? {} : { tag: row.tag }),
  ...(row.contract === null ? {} : { contract: row.contract }),
  ...(row.scanned_at === null ? {} : { scannedAt: row.scanned_at.toISOString() }),
  receivedAt: row.received_at.toISOString(),
  by: row.by,
  data: row.data,
  ...(row.class === null ? {} : { class: row.class }),
});

/** What the log says of a contract under any of its numbers, in its order, and of each event only what rounds are folded from. */
const readHistory = async (sql: Sql, site: string, numbers: readonly string[]): Promise<RoundEvent[]> => {
  const rows = await sql<Row[]>`
    with own as (
      select epoch, pos from event where site = ${site} and contract = any(${numbers as string[]}::text[])
      union
      select epoch, pos from contract_aside where site = ${site} and contract = any(${numbers as string[]}::text[])
    )
    select event.epoch, event.pos, event.type, event.tag, event.contract, scanned_at, received_at, by, item.class,
      jsonb_strip_nulls(jsonb_build_object(
        'moves', data->'moves', 'undoes', data->'undoes', 'outcome', data->'outcome', 'class', data->'class',
        'name', data->'name', 'quantity', data->'quantity', 'action', data->'action', 'state', data->'state',
        'scan', jsonb_build_object('type', data->'scan'->'type'), 'set', jsonb_build_object('replacedBy', data->'set'->'replacedBy')
      )) as data
    from own join event on event.site = ${site} and event.epoch = own.epoch and event.pos = own.pos
    left join item on item.site = ${site} and item.tag = event.tag
    where event.type like 'contract.%' or event.type in (${LotRecorded.type}, ${ItemRetagged.type})
      or data ?| array['moves', 'undoes'] or data->'scan'->>'type' in ('return', 'pickup')
    order by event.epoch, event.pos limit ${roundEventsMax + 1}`;
  return rows.map(eventOf);
};

/**
 * The rounds of a laundry contract as its log says, and the number that it has now.
 *
 * @throws Fault `contract_unknown`; `contract_state` when it is no laundry; `too_large` when more happened on it than one report may
 * be folded from.
 */
export const readRounds = async (
  sql: Sql,
  site: string,
  written: string,
): Promise<Rounds & { readonly number: string }> => {
  const contract = await findReal(sql, site, written);
  if (contract === undefined) throw new Fault("contract_unknown", written);
  const { number, kind } = contract;
  if (kind !== "laundry") throw new Fault("contract_state", `${number} is no laundry contract`);
  const numbers = await findNumbers(sql, site, number);
  const events = await readHistory(sql, site, numbers);
  if (events.length > roundEventsMax)
    throw new Fault("too_large", `more than ${roundEventsMax} events are of ${number}`);
  return { number, ...foldRounds(number, new Set(numbers), events) };
};
