import type { Migration } from "@tagwire/store";
import { type KnownKey, repeatKeyLength, repeatLimits, type UntoldKeys } from "../drivers/json/repeats.ts";
import { reached, type Sql } from "./database.ts";

/**
 * `pushed_event` is what readers pushed of late, by the keys of `repeats.ts` one after the other in a text: those that one save of a keeper
 * accounts for, in the statement that saves. So whatever becomes of the process that heard them, an event that comes again is known exactly
 * when what it said counts. `up_to` counts the keeper's keys of that reader, from the beginning again in each of the reader's lives.
 */
export const pushedEvents: Migration = {
  name: "pushed-events-1",
  sql: `
    create table pushed_event (
      number bigint generated always as identity primary key,
      reader bigint not null references reader (number) on delete cascade,
      keeper uuid not null,
      up_to bigint not null,
      heard_at timestamptz not null,
      keys text not null
    );
    create index pushed_event_of_keeper on pushed_event (reader, keeper, up_to);
    create index pushed_event_by_age on pushed_event (reader, heard_at);
  `,
};

/** Twice of what is remembered at least, as in memory. */
const keysMax = 2 * repeatLimits.eventsMax;
const rememberedSeconds = repeatLimits.rememberedMs / 1_000;

/** Keeps the keys of a save, in its statement, where its ledgers are `moved`; those that are too old, or too many, go. */
export const pushedKept = (
  sql: Sql,
  keeper: string,
  deltas: readonly { readonly number: number; readonly pushed?: UntoldKeys }[],
) => {
  const rows = deltas.flatMap(({ number, pushed }) =>
    pushed === undefined ? [] : [{ reader: number, upTo: pushed.upTo, keys: pushed.keys.join("") }],
  );
  return sql`, pushed as (
    select p.* from json_to_recordset(${JSON.stringify(rows)}::text::json) as p(reader bigint, "upTo" bigint, keys text)
      join moved m on m.number = p.reader
  ), pushed_forgotten as (
    delete from pushed_event e using pushed p where e.reader = p.reader
      and (e.heard_at < clock_timestamp() - make_interval(secs => ${rememberedSeconds}) or (e.keeper = ${keeper} and e.up_to <= p."upTo" - ${keysMax}))
  ), pushed_kept as (
    insert into pushed_event (reader, keeper, up_to, heard_at, keys) select reader, ${keeper}, "upTo", clock_timestamp(), keys from pushed
  )`;
};

type Row = { readonly reader: number; readonly ageMs: number; readonly keys: string };

const keysOf = ({ ageMs, keys }: Row): KnownKey[] =>
  Array.from({ length: Math.floor(keys.length / repeatKeyLength) }, (_, index) => ({
    key: keys.slice(index * repeatKeyLength, (index + 1) * repeatKeyLength),
    ageMs,
  }));

/** What readers of a partition pushed of late, by reader, the oldest first. What is too old to be remembered goes. */
export const findPushed = async (
  sql: Sql,
  partition: number,
): Promise<ReadonlyMap<number, readonly KnownKey[]>> => {
  const rows = await reached(
    sql<Row[]>`
      with forgotten as (
        delete from pushed_event e using reader r where r.number = e.reader and r.partition = ${partition}
          and e.heard_at < clock_timestamp() - make_interval(secs => ${rememberedSeconds})
      )
      select e.reader, extract(epoch from clock_timestamp() - e.heard_at)::float8 * 1000 as "ageMs", e.keys
      from pushed_event e join reader r on r.number = e.reader
      where r.partition = ${partition} and r.deleted_at is null
        and e.heard_at >= clock_timestamp() - make_interval(secs => ${rememberedSeconds})
      order by e.number`,
  );
  const byReader = new Map<number, KnownKey[]>();
  for (const row of rows) {
    const known = byReader.get(row.reader) ?? [];
    for (const key of keysOf(row)) known.push(key);
    byReader.set(row.reader, known);
  }
  return byReader;
};
