import {
  contractKeysOf,
  expectedTagsMax,
  Fault,
  type ItemStatus,
  type LoggedEvent,
  onFloorStatuses,
  type Receipt,
  statusGroups,
  type UndoEvents,
  undonePerRequestMax,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type Act, expectsOnFloor } from "../actors/act.ts";
import type { Ground } from "../actors/known.ts";
import { tagsLookedAt } from "../actors/undo-log.ts";
import { mayBeHalf } from "../actors/undo-retag.ts";
import { type EventRow, eventOf } from "./events.ts";
import { findOnFloor } from "./items.ts";
import { reserveTags } from "./tag-sequences.ts";

/** Events that one undo may have to look at; a session of the largest size has far fewer. */
const historyEventsMax = 200_000;

/** Where a count looks for things, and where service does. */
const floorStatuses: readonly ItemStatus[] = onFloorStatuses;
const serviceStatuses: readonly ItemStatus[] = statusGroups.inService;

/** The positions that are to be undone, of the current epoch. What a scan did that waited in quarantine, it did later. */
const findTargets = async (sql: Sql, site: string, epoch: number, body: UndoEvents): Promise<number[]> => {
  const rows = await sql<{ pos: number }[]>`
    select pos from event where site = ${site} and epoch = ${epoch} and (
      pos = any(${(body.events ?? []) as number[]}::bigint[])
      or (session = ${body.session ?? null}::uuid and type like 'item.%' and data ? 'scan')
      or pos in (
        select (said #>> '{event,pos}')::bigint
        from receipt, lateral (select coalesce(receipt.receipt->'later', receipt.receipt) as said) decided
        where receipt.site = ${site} and receipt.id = any(${(body.scans ?? []) as string[]}::uuid[])
          and (said #>> '{event,epoch}')::bigint = ${epoch}
      )
    ) order by pos limit ${undonePerRequestMax + 1}`;
  return rows.map(({ pos }) => pos);
};

/** The events at these positions, and of a change of tags both halves. */
const findWithHalves = async (
  sql: Sql,
  site: string,
  epoch: number,
  targets: readonly number[],
): Promise<LoggedEvent[]> => {
  const at = async (positions: readonly number[]) =>
    (
      await sql<
        EventRow[]
      >`select * from event where site = ${site} and epoch = ${epoch} and pos = any(${positions as number[]}::bigint[])`
    ).map(eventOf);
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

const findHistory = async (
  sql: Sql,
  site: string,
  epoch: number,
  targets: readonly number[],
): Promise<LoggedEvent[]> => {
  const about = await findWithHalves(sql, site, epoch, targets);
  const tags = new Set(about.flatMap(tagsLookedAt));
  const own = about.flatMap((event) => (event.tag === undefined ? contractKeysOf(event).contracts : []));
  const contracts = new Set([...own, ...(await findMerged(sql, site, own))]);
  const sessions = new Set(about.flatMap(({ session }) => session ?? []));
  const positions = about.map(({ pos }) => pos);
  const rows = await sql<EventRow[]>`
    select event.* from event where site = ${site} and (
      tag = any(${[...tags]}::text[])
      or (tag is null and contract = any(${[...contracts]}::text[]))
      or (tag is null and session = any(${[...sessions]}::uuid[]) and type like 'session.%')
      or (epoch = ${epoch} and pos = any(${positions}::bigint[]))
    ) order by epoch, pos limit ${historyEventsMax + 1}`;
  return rows.map(eventOf);
};

/** @throws Fault `event_unknown` when a named position is empty, `too_large`. */
const groundOfUndo = async (sql: Sql, site: string, epoch: number, body: UndoEvents): Promise<Ground> => {
  const targets = await findTargets(sql, site, epoch, body);
  const found = new Set(targets);
  const absent = body.events?.find((pos) => !found.has(pos));
  if (absent !== undefined) throw new Fault("event_unknown", String(absent));
  if (targets.length > undonePerRequestMax)
    throw new Fault("too_large", `more than ${undonePerRequestMax} events`);
  const history = await findHistory(sql, site, epoch, targets);
  if (history.length > historyEventsMax)
    throw new Fault("too_large", `more than ${historyEventsMax} events to look at`);
  return { history, targets: found };
};

const readGround = async (sql: Sql, site: string, epoch: number, act: Act): Promise<Ground | undefined> => {
  switch (act.kind) {
    case "events.undo":
      return groundOfUndo(sql, site, epoch, act.body);
    case "tags.provision":
      return { freeTags: await reserveTags(sql, act.body.tags, act.body.quantity) };
    case "session.begin": {
      if (!expectsOnFloor(act.body)) return undefined;
      const { place, class: name, mode } = act.body;
      const statuses = mode === "service" ? serviceStatuses : floorStatuses;
      return {
        expected: await findOnFloor(sql, { site, place, class: name, statuses, limit: expectedTagsMax + 1 }),
      };
    }
    default:
      return undefined;
  }
};

/** What the answer to a repeated act tells again, and no row remembers: the tags that were made. */
export const findAnswered = async (
  sql: Sql,
  site: string,
  act: Act,
  { event }: Receipt,
): Promise<Ground | undefined> => {
  if (act.kind !== "tags.provision" || event === undefined) return undefined;
  const rows = await sql<{ tag: string }[]>`
    select tag from event where site = ${site} and epoch = ${event.epoch}
      and pos >= ${event.pos} and pos < ${event.pos + act.body.quantity} order by pos`;
  return { freeTags: rows.map(({ tag }) => tag) };
};

/** What an act has to know besides its tags, contracts and sessions; nothing for most. A fault refuses the act, and not its turn. */
export const findGround = async (
  sql: Sql,
  site: string,
  epoch: number,
  act: Act,
): Promise<Ground | undefined> => {
  try {
    return await readGround(sql, site, epoch, act);
  } catch (error) {
    if (error instanceof Fault) return { fault: error };
    throw error;
  }
};
