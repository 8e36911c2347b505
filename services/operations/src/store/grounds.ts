import {
  expectedTagsMax,
  Fault,
  type ItemStatus,
  type LoggedEvent,
  type Receipt,
  type UndoEvents,
  undonePerRequestMax,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Act } from "../actors/act.ts";
import type { Ground } from "../actors/known.ts";
import { type EventRow, eventOf } from "./events.ts";
import { findOnFloor } from "./items.ts";
import { reserveTags } from "./tag-sequences.ts";

/** Events that one undo may have to look at; a session of the largest size has far fewer. */
const historyEventsMax = 200_000;

/** Where a count looks for things, and where service does. */
const floorStatuses: readonly ItemStatus[] = [
  "provisioned",
  "ready",
  "staged",
  "inspect",
  "repair",
  "wash",
  "wet",
];
const serviceStatuses: readonly ItemStatus[] = ["inspect", "repair", "wash", "wet"];

/** The positions that are to be undone, of the current epoch. What a scan did that waited in quarantine, it did later. */
const findTargets = async (sql: Sql, site: string, epoch: number, body: UndoEvents): Promise<number[]> => {
  const rows = await sql<{ pos: number }[]>`
    select pos from event where site = ${site} and epoch = ${epoch} and (
      pos = any(${(body.events ?? []) as number[]}::bigint[])
      or (session = ${body.session ?? null}::uuid and type like 'item.%')
      or pos in (
        select (said #>> '{event,pos}')::bigint
        from receipt, lateral (select coalesce(receipt.receipt->'later', receipt.receipt) as said) decided
        where receipt.site = ${site} and receipt.id = any(${(body.scans ?? []) as string[]}::uuid[])
          and (said #>> '{event,epoch}')::bigint = ${epoch}
      )
    ) order by pos limit ${undonePerRequestMax + 1}`;
  return rows.map(({ pos }) => pos);
};

const findHistory = async (
  sql: Sql,
  site: string,
  epoch: number,
  targets: readonly number[],
): Promise<LoggedEvent[]> => {
  const rows = await sql<EventRow[]>`
    with target as (
      select distinct tag, contract from event where site = ${site} and epoch = ${epoch} and pos = any(${targets as number[]}::bigint[])
    )
    select event.* from event where site = ${site} and (
      tag in (select tag from target where tag is not null)
      or (tag is null and contract in (select contract from target where tag is null and contract is not null))
      or (epoch = ${epoch} and pos = any(${targets as number[]}::bigint[]))
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
      const { place, class: name, mode, expected } = act.body;
      if (expected !== undefined || (place ?? name) === undefined) return undefined;
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
