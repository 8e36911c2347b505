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

/** What happened to a contract, newest first, before a position when one is given. */
export const readContractEvents = async (
  sql: Sql,
  query: { site: string; number: string; before: Position | undefined; limit: number },
): Promise<LoggedEvent[]> => {
  const { site, number, before, limit } = query;
  const rows = await sql<EventRow[]>`
    select * from event where site = ${site} and contract = ${number}
    ${before === undefined ? sql`` : sql`and (epoch, pos) < (${before.epoch}, ${before.pos})`}
    order by epoch desc, pos desc limit ${limit + 1}`;
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
