import { traceIdOf } from "@tagwire/bus";
import type { By, LoggedEvent, Position } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { PastEvent } from "../actors/undo-log.ts";

export type EventRow = {
  site: string;
  epoch: number;
  pos: number;
  id: string;
  type: string;
  tag: string | null;
  contract: string | null;
  session: string | null;
  scan_id: string | null;
  scanned_at: Date | null;
  received_at: Date;
  recorded_at: Date;
  by: By;
  traceparent: string;
  data: Record<string, unknown>;
  prev_hash: string;
  hash: string;
};

/** The columns of what an event says, without those that identify and seal it. */
export type SaidRow = Omit<EventRow, "id" | "site" | "traceparent" | "prev_hash" | "hash">;

export const saidOf = (row: SaidRow): PastEvent => ({
  epoch: row.epoch,
  pos: row.pos,
  type: row.type,
  ...(row.tag === null ? {} : { tag: row.tag }),
  ...(row.contract === null ? {} : { contract: row.contract }),
  ...(row.session === null ? {} : { session: row.session }),
  ...(row.scan_id === null ? {} : { scanId: row.scan_id }),
  ...(row.scanned_at === null ? {} : { scannedAt: row.scanned_at.toISOString() }),
  receivedAt: row.received_at.toISOString(),
  recordedAt: row.recorded_at.toISOString(),
  by: row.by,
  data: row.data,
});

export const eventOf = (row: EventRow): LoggedEvent => ({
  ...saidOf(row),
  id: row.id,
  site: row.site,
  traceId: traceIdOf(row.traceparent),
  traceparent: row.traceparent,
  prevHash: row.prev_hash,
  hash: row.hash,
});

/** The log after a position, dense and in order. */
export const readEvents = async (
  sql: Sql,
  site: string,
  after: Position,
  limit: number,
): Promise<LoggedEvent[]> => {
  const rows = await sql<EventRow[]>`
    select * from event where site = ${site} and epoch = ${after.epoch} and pos > ${after.pos} order by pos limit ${limit}`;
  return rows.map(eventOf);
};

/**
 * What happened to a contract under any of its numbers, and what other contracts' events moved on it, newest first, before a position
 * when one is given.
 */
export const readContractEvents = async (
  sql: Sql,
  query: { site: string; numbers: readonly string[]; before: Position | undefined; limit: number },
): Promise<LoggedEvent[]> => {
  const { site, numbers, before, limit } = query;
  const earlier = before === undefined ? sql`` : sql`and (epoch, pos) < (${before.epoch}, ${before.pos})`;
  const newest = sql`order by epoch desc, pos desc limit ${limit + 1}`;
  // Each number gives its newest by its own index, so that a contract of many years costs a page.
  const rows = await sql<EventRow[]>`
    with own as (
      select distinct at.epoch, at.pos from unnest(${numbers as string[]}::text[]) as given (number) cross join lateral (
        (select epoch, pos from event where site = ${site} and contract = given.number ${earlier} ${newest})
        union all
        (select epoch, pos from contract_aside where site = ${site} and contract = given.number ${earlier} ${newest})
      ) as at ${newest}
    )
    select event.* from own join event on event.site = ${site} and event.epoch = own.epoch and event.pos = own.pos
    order by event.epoch desc, event.pos desc`;
  return rows.map(eventOf);
};

/** The life of a tag, newest first, before a position when one is given. */
export const readTimeline = async (
  sql: Sql,
  query: { site: string; tag: string; before: Position | undefined; limit: number },
): Promise<LoggedEvent[]> => {
  const { site, tag, before, limit } = query;
  const rows = await sql<EventRow[]>`
    select * from event where site = ${site} and tag = ${tag}
    ${before === undefined ? sql`` : sql`and (epoch, pos) < (${before.epoch}, ${before.pos})`}
    order by epoch desc, pos desc limit ${limit + 1}`;
  return rows.map(eventOf);
};
