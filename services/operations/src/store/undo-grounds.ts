import {
  ClassDefined,
  type ClassDefined as ClassDefinedBody,
  contractKeysOf,
  Fault,
  ItemCreated,
  ItemRetagged,
  ItemUndone,
  type UndoEvents,
  undonePerRequestMax,
  undonePerSessionMax,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Ground } from "../actors/known.ts";
import { type PastEvent, tagsLookedAt } from "../actors/undo-log.ts";
import { mayBeHalf } from "../actors/undo-retag.ts";
import { type SaidRow, saidOf } from "./events.ts";

/** Events that one undo may have to look at; a session of the largest size has far fewer. */
const historyEventsMax = 200_000;

/** Kinds of events of tags whose body says what else has to be looked at; of every other the tag does. */
const tellingTypes = [ItemCreated.type, ItemRetagged.type, ItemUndone.type];

/** So many events one undo may be of. */
const undoneMax = ({ session }: UndoEvents): number =>
  session === undefined ? undonePerRequestMax : undonePerSessionMax;

/** The positions that are to be undone, of the current epoch. What a scan did that waited in quarantine, it did later. */
export const findTargets = async (
  sql: Sql,
  site: string,
  epoch: number,
  body: UndoEvents,
): Promise<number[]> => {
  // Each part by the index of its own: one condition of all of them would read the whole log.
  const rows = await sql<{ pos: number }[]>`
    select pos from event
    where site = ${site} and epoch = ${epoch} and pos = any(${(body.events ?? []) as number[]}::bigint[])
    union
    select pos from event
    where site = ${site} and epoch = ${epoch} and session = ${body.session ?? null}::uuid and type like 'item.%' and data ? 'scan'
    union
    select event.pos from receipt, lateral (select coalesce(receipt.receipt->'later', receipt.receipt) as said) decided
    join event on event.site = ${site} and event.epoch = ${epoch} and event.pos = (said #>> '{event,pos}')::bigint
    where receipt.site = ${site} and receipt.id = any(${(body.scans ?? []) as string[]}::uuid[])
      and (said #>> '{event,epoch}')::bigint = ${epoch}
    order by pos limit ${undoneMax(body) + 1}`;
  return rows.map(({ pos }) => pos);
};

type AboutRow = Pick<SaidRow, "pos" | "type" | "tag" | "contract" | "session" | "data">;
/** As much of an event as says what else has to be looked at. */
type About = Pick<PastEvent, "pos" | "type" | "tag" | "contract" | "session" | "data">;

const aboutOf = ({ tag, contract, session, ...row }: AboutRow): About => ({
  ...row,
  ...(tag === null ? {} : { tag }),
  ...(contract === null ? {} : { contract }),
  ...(session === null ? {} : { session }),
});

/** What the events at these positions are about, and of a change of tags both halves. */
const findWithHalves = async (
  sql: Sql,
  site: string,
  epoch: number,
  targets: readonly number[],
): Promise<About[]> => {
  const at = async (positions: readonly number[]) =>
    (
      await sql<AboutRow[]>`
        select pos, type, tag, contract, session,
          case when tag is null or type = any(${tellingTypes}::text[]) then data else '{}'::jsonb end as data
        from event where site = ${site} and epoch = ${epoch} and pos = any(${positions as number[]}::bigint[])`
    ).map(aboutOf);
  const found = await at(targets);
  const beside = found.filter(mayBeHalf).flatMap(({ pos }) => [pos - 1, pos + 1]);
  return beside.length === 0 ? found : [...found, ...(await at(beside))];
};

/** Contracts that were merged into some: what happened to those, their merges above all, is a part of these. */
const findMerged = async (sql: Sql, site: string, numbers: readonly string[]): Promise<string[]> => {
  if (numbers.length === 0) return [];
  const rows = await sql<{ number: string }[]>`
    select jsonb_array_elements_text(doc->'mergedFrom') as number from contract
    where site = ${site} and number = any(${numbers as string[]}::text[])`;
  return rows.map(({ number }) => number);
};

const columns = (sql: Sql) =>
  sql`epoch, pos, type, tag, contract, session, scan_id, scanned_at, received_at, recorded_at, by, data`;

const findHistory = async (
  sql: Sql,
  site: string,
  epoch: number,
  targets: readonly number[],
): Promise<PastEvent[]> => {
  const about = await findWithHalves(sql, site, epoch, targets);
  const tags = new Set(about.flatMap(tagsLookedAt));
  const own = about.flatMap((event) => (event.tag === undefined ? contractKeysOf(event).contracts : []));
  const contracts = new Set([...own, ...(await findMerged(sql, site, own))]);
  const sessions = new Set(about.flatMap(({ session }) => session ?? []));
  const classes = new Set(
    about.flatMap(({ type, data }) =>
      type === ClassDefined.type ? ((data as Partial<ClassDefinedBody>).class ?? []) : [],
    ),
  );
  const positions = about.map(({ pos }) => pos);
  // What is about a tag is read by its tag alone: whatever stands at a position is nearly always that.
  const rows = await sql<SaidRow[]>`
    select ${columns(sql)} from event where site = ${site} and tag = any(${[...tags]}::text[])
    union all
    select ${columns(sql)} from event where site = ${site} and tag is null and contract = any(${[...contracts]}::text[])
      and type not like 'session.%'
    union all
    select ${columns(sql)} from event where site = ${site} and tag is null and session = any(${[...sessions]}::uuid[])
      and type like 'session.%'
    union all
    select ${columns(sql)} from event where site = ${site} and type = ${ClassDefined.type} and data->>'class' = any(${[...classes]}::text[])
    order by epoch, pos limit ${historyEventsMax + 1}`;
  const known = new Set(rows.flatMap((row) => (row.epoch === epoch ? row.pos : [])));
  const others = positions.filter((pos) => !known.has(pos));
  const further =
    others.length === 0
      ? []
      : await sql<SaidRow[]>`
        select ${columns(sql)} from event where site = ${site} and epoch = ${epoch} and pos = any(${others}::bigint[])`;
  return [...rows, ...further].toSorted((a, b) => a.epoch - b.epoch || a.pos - b.pos).map(saidOf);
};

/**
 * What an undo is decided on: everything that was ever said of the things that its events are about.
 *
 * @throws Fault `event_unknown` when a named position is empty, `too_large`.
 */
export const groundOfUndo = async (
  sql: Sql,
  site: string,
  epoch: number,
  body: UndoEvents,
): Promise<Ground> => {
  const targets = await findTargets(sql, site, epoch, body);
  const found = new Set(targets);
  const absent = body.events?.find((pos) => !found.has(pos));
  if (absent !== undefined) throw new Fault("event_unknown", String(absent));
  if (targets.length > undoneMax(body)) throw new Fault("too_large", `more than ${undoneMax(body)} events`);
  const history = await findHistory(sql, site, epoch, targets);
  if (history.length > historyEventsMax)
    throw new Fault("too_large", `more than ${historyEventsMax} events to look at`);
  return { history, targets: found };
};
