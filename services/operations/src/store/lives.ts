import type { LivedEntity, LoggedEvent, Position } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type EventRow, eventOf } from "./events.ts";

/** An answer must fit into one message of the bus; */
const answerBytesMax = 600_000;
/** so much of each event is beside its data. */
const envelopeBytes = 1_000;

type Length = { readonly key: string; readonly bytes: number };

const keyColumn = (sql: Sql, entity: LivedEntity) => (entity === "item" ? sql`tag` : sql`session::text`);
const isOneOf = (sql: Sql, entity: LivedEntity, keys: readonly string[]) =>
  entity === "item"
    ? sql`tag = any(${keys as string[]}::text[])`
    : sql`session = any(${keys as string[]}::uuid[])`;

export type Lives = {
  readonly told: number;
  readonly skipped: string[];
  readonly events: LoggedEvent[];
  readonly next?: Position | null;
};

type Asked = {
  readonly site: string;
  readonly entity: LivedEntity;
  readonly keys: readonly string[];
  readonly until: Position;
  readonly after?: Position;
};

/** So many events of one life at most are in an answer. */
const eventsPerStretchMax = 500;

/** A stretch of one life after a position, as much as fits into an answer, and at least one event: whoever asks goes on after its last. */
const readStretch = async (
  sql: Sql,
  { site, entity, keys: [key = ""], until, after = { epoch: 0, pos: 0 } }: Asked,
): Promise<Lives> => {
  const rows = await sql<EventRow[]>`
    select * from event
    where site = ${site} and ${isOneOf(sql, entity, [key])} and (epoch, pos) <= (${until.epoch}, ${until.pos})
      and (epoch, pos) > (${after.epoch}, ${after.pos})
    order by epoch, pos limit ${eventsPerStretchMax + 1}`;
  const events: LoggedEvent[] = [];
  let bytes = 0;
  for (const event of rows.slice(0, eventsPerStretchMax).map(eventOf)) {
    bytes += Buffer.byteLength(JSON.stringify(event));
    if (events.length > 0 && bytes > answerBytesMax) break;
    events.push(event);
  }
  const last = events.at(-1);
  const isMore = events.length < rows.length && last !== undefined;
  return { told: 1, skipped: [], events, next: isMore ? { epoch: last.epoch, pos: last.pos } : null };
};

/** The events of some tags or sessions up to a position, in the order of the log: of the first of them, as many as fit into an answer. */
export const readLives = async (sql: Sql, asked: Asked): Promise<Lives> => {
  if (asked.after !== undefined) return readStretch(sql, asked);
  const { site, entity, keys, until } = asked;
  const lengths = await sql<Length[]>`
    select ${keyColumn(sql, entity)} as key, sum(octet_length(data::text) + ${envelopeBytes}::int)::int as bytes from event
    where site = ${site} and ${isOneOf(sql, entity, keys)} and (epoch, pos) <= (${until.epoch}, ${until.pos})
    group by ${keyColumn(sql, entity)}`;
  const bytesOf = new Map(lengths.map(({ key, bytes }) => [key, bytes]));
  const skipped = keys.filter((key) => (bytesOf.get(key) ?? 0) > answerBytesMax);
  const isSkipped = new Set(skipped);
  let sum = 0;
  const end = keys.findIndex((key) => {
    sum += isSkipped.has(key) ? 0 : (bytesOf.get(key) ?? 0);
    return sum > answerBytesMax;
  });
  const told = end === -1 ? keys.length : end;
  const first = keys.slice(0, told);
  const rows = await sql<EventRow[]>`
    select * from event
    where site = ${site} and ${isOneOf(
      sql,
      entity,
      first.filter((key) => !isSkipped.has(key)),
    )} and (epoch, pos) <= (${until.epoch}, ${until.pos})
    order by epoch, pos`;
  return { told, skipped: first.filter((key) => isSkipped.has(key)), events: rows.map(eventOf) };
};
