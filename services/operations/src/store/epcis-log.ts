import type { LoggedEvent, Position } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Narrowing } from "../actors/epcis/filter.ts";
import { type EventRow, eventOf } from "./events.ts";

/** A place in the order that was asked for: the instant by which it is ordered, then the position. */
export type Mark = Position & {
  readonly atMs: number;
  /** How many of the EPCIS events at this position were told; all of them where it is not said. */
  readonly told?: number;
};

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
  /** How many rows are looked at, whether or not they may be wanted. */
  readonly rows: number;
};

export type MarkedEvent = { readonly event: LoggedEvent; readonly mark: Mark };

/** A stretch of the log: what in it may be wanted, and where to go on after it; undefined at the end of the log. */
export type Stretch = { readonly events: readonly MarkedEvent[]; readonly end: Mark | undefined };

/** When a thing happened, as indexed: a sighting when it was made, all else when it was recorded. */
const orderedBy = (sql: Sql, order: LogOrder["order"]) =>
  order === "eventTime" ? sql`coalesce(scanned_at, recorded_at)` : sql`recorded_at`;
const list = (values: readonly string[]): string[] => [...values];

/**
 * The positions of what is on a contract, by the log's own column, or besides: what is merged is on two, and an item that goes out
 * elsewhere leaves the one it was on.
 */
const onContracts = (sql: Sql, site: string, contracts: readonly string[]) => {
  const wanted = sql`any(${list(contracts)}::text[])`;
  return sql`(epoch, pos) in (
    select epoch, pos from event where site = ${site} and (contract = ${wanted}
      or (type = 'item.reassigned.v1' and data->'was'->>'contract' = ${wanted})
      or (type = 'contract.merged.v1' and data->>'into' = ${wanted}))
    union select epoch, pos from contract_aside where site = ${site} and contract = ${wanted}
  )`;
};

const narrowed = (sql: Sql, site: string, { types, contracts, seenAt, isAt }: Narrowing) => sql`
  and type = any(${list(types)}::text[])
  ${contracts === undefined ? sql`` : sql`and ${onContracts(sql, site, contracts)}`}
  ${seenAt === undefined ? sql`` : sql`and data->'scan'->>'place' = any(${list(seenAt)}::text[])`}
  ${
    isAt === undefined
      ? sql``
      : sql`and (data->'set'->>'place' = any(${list(isAt)}::text[]) or data->'was'->>'place' = any(${list(isAt)}::text[])
          or data->'item'->>'place' = any(${list(isAt)}::text[]))`
  }`;

const between = (sql: Sql, order: LogOrder["order"], span: LogSpan) => {
  const [from, before] =
    order === "eventTime"
      ? [span.fromEventTime, span.beforeEventTime]
      : [span.fromRecordTime, span.beforeRecordTime];
  const at = orderedBy(sql, order);
  return sql`
    ${from === undefined ? sql`` : sql`and ${at} >= ${new Date(from)}`}
    ${before === undefined ? sql`` : sql`and ${at} < ${new Date(before)}`}`;
};

const beyond = (sql: Sql, { order, descending, after }: LogQuery) => {
  if (after === undefined) return sql``;
  const key = sql`(${new Date(after.atMs)}, ${after.epoch}::bigint, ${after.pos}::bigint)`;
  const own = sql`(${orderedBy(sql, order)}, epoch, pos)`;
  if (after.told !== undefined) return descending ? sql`and ${own} <= ${key}` : sql`and ${own} >= ${key}`;
  return descending ? sql`and ${own} < ${key}` : sql`and ${own} > ${key}`;
};

const inSequence = (sql: Sql, { order, descending }: LogOrder) => {
  const direction = descending ? sql`desc` : sql`asc`;
  return sql`order by ${orderedBy(sql, order)} ${direction}, epoch ${direction}, pos ${direction}`;
};

const otherOrder = (order: LogOrder["order"]): LogOrder["order"] =>
  order === "eventTime" ? "recordTime" : "eventTime";

/** Where the log says itself that it was taken back; a time may only be told by looking. */
const takenBackIn = (sql: Sql, site: string, { from, before }: NonNullable<Narrowing["takenBack"]>) => sql`
  (epoch, pos) in (
    select epoch, (data->>'undoes')::bigint from event
    where site = ${site} and data ? 'undoes' and jsonb_typeof(data->'undoes') = 'number'
      ${from === undefined ? sql`` : sql`and recorded_at >= ${new Date(from)}`}
      ${before === undefined ? sql`` : sql`and recorded_at < ${new Date(before)}`}
  )`;

/** What an index of its own finds, and what there is little of: the life of a few tags or contracts, or what was taken back. */
const fewOf = (sql: Sql, { site, needs: { tags, contracts, takenBack } }: LogQuery) => {
  if (tags !== undefined) return sql`tag = any(${list(tags)}::text[])`;
  if (contracts !== undefined) return onContracts(sql, site, contracts);
  return takenBack === undefined ? undefined : takenBackIn(sql, site, takenBack);
};

/** Few are taken first and put in order then. */
const readFew = async (
  sql: Sql,
  query: LogQuery,
  few: NonNullable<ReturnType<typeof fewOf>>,
): Promise<Stretch> => {
  const { site, needs, span, order, rows: limit } = query;
  const rows = await sql<EventRow[]>`
    select * from (select * from event where site = ${site} and ${few} offset 0) few
    where true ${narrowed(sql, site, needs)} ${between(sql, order, span)} ${between(sql, otherOrder(order), span)} ${beyond(sql, query)}
    ${inSequence(sql, query)} limit ${limit}`;
  const events = rows.map((row) => marked(eventOf(row), order));
  return { events, end: rows.length < limit ? undefined : events.at(-1)?.mark };
};

type StretchRow = {
  readonly seen: number;
  readonly end_at: Date;
  readonly end_epoch: number;
  readonly end_pos: number;
} & (EventRow | { readonly id: null });

/**
 * The next rows in an order, and those of them that may be wanted; which of these are is for the actor to say. The order's index alone
 * chooses the rows that are looked at, so a filter that nothing passes costs no more than one that everything does.
 */
const readRows = async (sql: Sql, query: LogQuery): Promise<Stretch> => {
  const { site, needs, span, order, descending, rows: limit } = query;
  const last = { order, descending: !descending };
  const rows = await sql<StretchRow[]>`
    with stretch as materialized (
      select * from event where site = ${site} ${between(sql, order, span)} ${beyond(sql, query)} ${inSequence(sql, query)} limit ${limit}
    ), last as (
      select (select count(*)::int from stretch) as seen, ${orderedBy(sql, order)} as end_at, epoch as end_epoch, pos as end_pos
      from stretch ${inSequence(sql, last)} limit 1
    )
    select * from last left join (
      select * from stretch where true ${narrowed(sql, site, needs)} ${between(sql, otherOrder(order), span)}
    ) wanted on true ${inSequence(sql, query)}`;
  const [first] = rows;
  return {
    events: rows.flatMap((row) => (row.id === null ? [] : [marked(eventOf(row), order)])),
    end:
      first === undefined || first.seen < limit
        ? undefined
        : { atMs: first.end_at.getTime(), epoch: first.end_epoch, pos: first.end_pos },
  };
};

/** The next of what may be wanted, in the order that is asked for. */
export const readForExport = (sql: Sql, query: LogQuery): Promise<Stretch> => {
  const few = fewOf(sql, query);
  return few === undefined ? readRows(sql, query) : readFew(sql, query, few);
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
    .filter(({ mark }) => {
      if (after === undefined) return true;
      const distance = direction * compared(mark, after);
      return distance > 0 || (distance === 0 && after.told !== undefined);
    })
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
      on event.epoch = given.epoch and event.data->'undoes' = to_jsonb(given.pos)
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
