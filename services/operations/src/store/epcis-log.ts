import type { LoggedEvent, Position } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Narrowing } from "../actors/epcis/filter.ts";
import { type EventRow, eventOf } from "./events.ts";

/** A place in the order that was asked for: the instant by which it is ordered, then the position. */
export type Mark = Position & { readonly atMs: number };

export type LogSpan = {
  readonly fromEventTime?: string | undefined;
  readonly beforeEventTime?: string | undefined;
  readonly fromRecordTime?: string | undefined;
  readonly beforeRecordTime?: string | undefined;
};

/** In which order events are read; those of one instant come in the order of the log. */
export type LogOrder = { readonly order: "eventTime" | "recordTime"; readonly descending: boolean };

export type LogQuery = LogOrder & {
  readonly site: string;
  readonly needs: Narrowing;
  readonly span: LogSpan;
  readonly after: Mark | undefined;
  readonly limit: number;
};

export type MarkedEvent = { readonly event: LoggedEvent; readonly mark: Mark };

/** When a thing happened, as indexed: a sighting when it was made, all else when it was recorded. */
const eventTime = (sql: Sql) => sql`coalesce(scanned_at, recorded_at)`;
const list = (values: readonly string[]): string[] => [...values];

const narrowed = (sql: Sql, { types, contracts, seenAt, isAt }: Narrowing) => sql`
  and type = any(${list(types)}::text[])
  ${contracts === undefined ? sql`` : sql`and contract = any(${list(contracts)}::text[])`}
  ${seenAt === undefined ? sql`` : sql`and data->'scan'->>'place' = any(${list(seenAt)}::text[])`}
  ${
    isAt === undefined
      ? sql``
      : sql`and (data->'set'->>'place' = any(${list(isAt)}::text[]) or data->'was'->>'place' = any(${list(isAt)}::text[])
          or data->'item'->>'place' = any(${list(isAt)}::text[]))`
  }`;

const spanned = (sql: Sql, span: LogSpan) => sql`
  ${span.fromEventTime === undefined ? sql`` : sql`and ${eventTime(sql)} >= ${new Date(span.fromEventTime)}`}
  ${span.beforeEventTime === undefined ? sql`` : sql`and ${eventTime(sql)} < ${new Date(span.beforeEventTime)}`}
  ${span.fromRecordTime === undefined ? sql`` : sql`and recorded_at >= ${new Date(span.fromRecordTime)}`}
  ${span.beforeRecordTime === undefined ? sql`` : sql`and recorded_at < ${new Date(span.beforeRecordTime)}`}`;

/** The life of a tag is short and found by an index of its own, so it is taken first and ordered then. */
const source = (sql: Sql, site: string, tags: readonly string[] | undefined) =>
  tags === undefined
    ? sql`event where site = ${site}`
    : sql`(select * from event where site = ${site} and tag = any(${list(tags)}::text[]) offset 0) of_tags where true`;

/** The next events in an order that may be wanted; which of them are is for the actor to say. */
export const readForExport = async (sql: Sql, query: LogQuery): Promise<MarkedEvent[]> => {
  const { site, needs, span, order, descending, after, limit } = query;
  const at = order === "eventTime" ? eventTime(sql) : sql`recorded_at`;
  const direction = descending ? sql`desc` : sql`asc`;
  const key =
    after === undefined
      ? undefined
      : sql`(${new Date(after.atMs)}, ${after.epoch}::bigint, ${after.pos}::bigint)`;
  const rows = await sql<EventRow[]>`
    select * from ${source(sql, site, needs.tags)} ${narrowed(sql, needs)} ${spanned(sql, span)}
    ${key === undefined ? sql`` : descending ? sql`and (${at}, epoch, pos) < ${key}` : sql`and (${at}, epoch, pos) > ${key}`}
    order by ${at} ${direction}, epoch ${direction}, pos ${direction} limit ${limit}`;
  return rows.map((row) => marked(eventOf(row), order));
};

const marked = (event: LoggedEvent, order: LogOrder["order"]): MarkedEvent => ({
  event,
  mark: {
    atMs: Date.parse((order === "eventTime" ? event.scannedAt : undefined) ?? event.recordedAt),
    epoch: event.epoch,
    pos: event.pos,
  },
});

const compared = (one: Mark, other: Mark): number =>
  one.atMs - other.atMs || one.epoch - other.epoch || one.pos - other.pos;

/** A few events that are in hand already, in the same order as the log would give them. */
export const inOrder = (
  events: readonly LoggedEvent[],
  { order, descending }: LogOrder,
  after: Mark | undefined,
): MarkedEvent[] => {
  const direction = descending ? -1 : 1;
  return events
    .map((event) => marked(event, order))
    .filter(({ mark }) => after === undefined || direction * compared(mark, after) > 0)
    .sort((one, other) => direction * compared(one.mark, other.mark));
};

/** The events that take back one of these, first ones first. */
export const readUndoing = async (
  sql: Sql,
  site: string,
  positions: readonly Position[],
): Promise<LoggedEvent[]> => {
  if (positions.length === 0) return [];
  const rows = await sql<EventRow[]>`
    select event.* from event
    join json_to_recordset(${JSON.stringify(positions)}::text::json) as given (epoch bigint, pos bigint)
      on event.epoch = given.epoch and (event.data->>'undoes')::bigint = given.pos
    where event.site = ${site} and event.data ? 'undoes' order by event.epoch, event.pos`;
  return rows.map(eventOf);
};

/** The events at these positions of the log, in its order. */
export const readEventsAt = async (
  sql: Sql,
  site: string,
  positions: readonly Position[],
): Promise<LoggedEvent[]> => {
  const rows = await sql<EventRow[]>`
    select event.* from event
    join json_to_recordset(${JSON.stringify(positions)}::text::json) as given (epoch bigint, pos bigint)
      using (epoch, pos)
    where site = ${site} order by epoch, pos`;
  return rows.map(eventOf);
};
