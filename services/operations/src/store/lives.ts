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
};

/** The events of some tags or sessions up to a position, in the order of the log: of the first of them, as many as fit into an answer. */
export const readLives = async (
  sql: Sql,
  {
    site,
    entity,
    keys,
    until,
  }: {
    readonly site: string;
    readonly entity: LivedEntity;
    readonly keys: readonly string[];
    readonly until: Position;
  },
): Promise<Lives> => {
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
