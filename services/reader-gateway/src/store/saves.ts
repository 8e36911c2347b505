import type { Observation, ReaderId, SiteId } from "@tagwire/messages";
import { type AntennaTallies, portOf } from "../actors/antenna-ledger.ts";
import type { PassingTag } from "../actors/passing.ts";
import type { UntoldKeys } from "../drivers/json/repeats.ts";
import type { Sql } from "./database.ts";
import { lostTallies, type PortReads } from "./holdings.ts";
import { type LedgerRow, type LedgerRows, ledgerJson, ledgersByNumber } from "./ledgers.ts";
import { pushedKept } from "./pushed-events.ts";
import { type KeptWhereabout, whereaboutsKept } from "./whereabouts.ts";

/**
 * The identity of a save: the keeper that makes it, which no other process or life ever is, and which of its saves it is.
 * A keeper makes one save at a time, so Postgres need remember only the last of each.
 */
export type SaveId = { readonly keeper: string; readonly save: number };

/** What a keeper holds of a reader beside what it saves, and what Postgres was told of that before. */
export type HoldingDelta = {
  readonly held: PortReads;
  /** Whether Postgres was told of anything held. If it does not know of it now, somebody else has taken it up. */
  readonly wasMarked: boolean;
  /** What that somebody took for lost. */
  readonly mayBeTakenUp: PortReads;
  /** The tags that pass a portal now, where that is told anew. */
  readonly passing?: readonly PassingTag[];
};

/** What a save adds to one reader's ledger. */
export type LedgerDelta = {
  readonly number: number;
  readonly frames: number;
  readonly malformed: number;
  readonly filtered: number;
  readonly observed: number;
  readonly observations: number;
  readonly rejected: number;
  /** What of it is of which antenna. */
  readonly antennas: AntennaTallies;
  readonly holding?: HoldingDelta;
  /** Events that the reader pushed, by which they are known again. */
  readonly pushed?: UntoldKeys;
};

export type NewObservation = {
  readonly reader: number;
  readonly observation: Observation;
  readonly whereabout?: KeptWhereabout | undefined;
};

/** An observation that cannot be kept, with the reason. */
export type ParkedObservation = NewObservation & {
  readonly site: SiteId;
  readonly readerId: ReaderId;
  readonly reason: string;
};

/** `isFirst` is false when this save was made before, and did nothing now. */
export type Saved = {
  readonly isFirst: boolean;
  /** The ledgers that moved; that of a reader that is gone did not. */
  readonly ledgers: LedgerRows;
  /** The places of the observations in the order of hearing, by their ids. */
  readonly seqs: ReadonlyMap<string, number>;
};

type Row = {
  isFirst: boolean;
  ledgers: (LedgerRow & { number: number })[];
  kept: { id: string; seq: number }[];
};

const savedOf = (row: Row | undefined): Saved => ({
  isFirst: row?.isFirst ?? false,
  ledgers: ledgersByNumber(row?.ledgers ?? []),
  seqs: new Map((row?.kept ?? []).map(({ id, seq }) => [id, seq])),
});

/** Keepers that have not saved for a month have nothing under way any more; each new one takes them away. */
const forgotten = (sql: Sql) => sql`
  forgotten as (delete from keeper where saved_at < clock_timestamp() - interval '30 days'),`;

const deltaRowOf = ({ holding, pushed: _, ...delta }: LedgerDelta) => {
  if (holding === undefined) return delta;
  const { held, wasMarked, mayBeTakenUp } = holding;
  return {
    ...delta,
    held,
    takenUp: wasMarked ? Object.values(mayBeTakenUp).reduce((sum, reads) => sum + reads, 0) : 0,
    takenBack: wasMarked ? lostTallies(mayBeTakenUp, -1) : {},
  };
};

const passingOf = (deltas: readonly LedgerDelta[]) =>
  deltas.flatMap(({ number, holding }) =>
    holding?.passing === undefined ? [] : [{ reader: number, tags: holding.passing }],
  );

/** Of a row of `reader` that is moved: one where what this keeper held of it was taken up by another, the other where it was not. */
const ifTakenUp = (sql: Sql, keeper: string, one: ReturnType<Sql>, other: ReturnType<Sql>) => sql`
  case when d."takenUp" > 0 and not r.holding ? ${keeper}::text then ${one} else ${other} end`;

/**
 * Moves ledgers, once per save: a save that was made before finds itself, or a later one, in `keeper`, and everything that
 * follows from `first` is empty. One that is still under way holds the row, so a repeat waits for it. Deltas only add, so it
 * does not matter who else saves or saved for the same reader. A keeper whose holding is not in the row any more, though it was, is late:
 * another one has taken what it held for lost, and that is taken back.
 *
 * Rows of readers are locked by rising number, here and in `removeTaken`, so that the two never wait for each other.
 */
const moved = (sql: Sql, { keeper, save }: SaveId, deltas: readonly LedgerDelta[]) => sql`
  ${save === 1 ? forgotten(sql) : sql``} first as (
    insert into keeper (id, last_save, saved_at) values (${keeper}, ${save}, clock_timestamp())
    on conflict (id) do update set last_save = excluded.last_save, saved_at = excluded.saved_at
    where keeper.last_save < excluded.last_save
    returning id
  ), delta as (
    select d.* from first, json_to_recordset(${JSON.stringify(deltas.map(deltaRowOf))}::text::json) as d(number bigint, frames bigint,
      malformed bigint, filtered bigint, observed bigint, observations bigint, rejected bigint, antennas jsonb, held jsonb,
      "takenUp" bigint, "takenBack" jsonb)
  ), locked as (
    select number from reader where number in (select number from delta) order by number for no key update
  ), moved as (
    update reader r set ledger_version = r.ledger_version + 1, frames = r.frames + d.frames,
      malformed = r.malformed + d.malformed,
      reads = r.reads + d.filtered + d.observed - ${ifTakenUp(sql, keeper, sql`d."takenUp"`, sql`0`)},
      filtered = r.filtered + d.filtered - ${ifTakenUp(sql, keeper, sql`d."takenUp"`, sql`0`)},
      observed = r.observed + d.observed, observations = r.observations + d.observations, rejected = r.rejected + d.rejected,
      antenna_counts = antenna_sum(antenna_sum(r.antenna_counts, d.antennas), ${ifTakenUp(sql, keeper, sql`d."takenBack"`, sql`'{}'`)}),
      holding = case when d.held is null then r.holding when d.held = '{}' then r.holding - ${keeper}::text
        else r.holding || jsonb_build_object(${keeper}::text, d.held) end
    from delta d join locked l on l.number = d.number where r.number = d.number
    returning r.*
  ), passing as (
    select p.* from json_to_recordset(${JSON.stringify(passingOf(deltas))}::text::json) as p(reader bigint, tags jsonb)
      join moved m on m.number = p.reader
  ), passed as (
    delete from passage where keeper = ${keeper} and reader in (select reader from passing where tags = '[]')
  ), passage_kept as (
    insert into passage (reader, keeper, tags) select reader, ${keeper}, tags from passing where tags <> '[]'
    on conflict (reader, keeper) do update set tags = excluded.tags
  )${deltas.some(({ pushed }) => pushed !== undefined) ? pushedKept(sql, keeper, deltas) : sql``}`;

const answer = (sql: Sql) => sql`
  exists (select from first) as "isFirst", coalesce((select json_agg(${ledgerJson(sql)}) from moved), '[]') as ledgers`;

const rowOf = ({ reader, observation: { station, ...observation } }: NewObservation) => ({
  reader,
  port: portOf(observation.antenna),
  ...observation,
  station: station?.id,
  mode: station?.mode,
});

/**
 * Keeps observations and moves the ledgers that account for them, in one statement: those of a reader that is gone are not
 * kept. Safe to repeat as it is.
 */
export const saveObservations = async (
  sql: Sql,
  id: SaveId,
  deltas: readonly LedgerDelta[],
  observations: readonly NewObservation[],
): Promise<Saved> => {
  const [row] = await sql<Row[]>`
    with ${moved(sql, id, deltas)}, kept as (
      insert into observation (id, reader, site, tag, place, antenna, reads, peak_rssi_dbm, first_heard_at, last_heard_at, traceparent,
        stray, station, station_mode, tid, port, is_iso)
      select o.id, o.reader, m.site, o.tag, o.place, o.antenna, o.reads, o."peakRssiDbm", o."firstHeardAt", o."lastHeardAt", o.traceparent,
        o.stray, o.station, o.mode, o.tid, o.port, o."isIso"
      from rows from (json_to_recordset(${JSON.stringify(observations.map(rowOf))}::text::json) as (
        id uuid, reader bigint, tag text, place text, antenna int, reads bigint, "peakRssiDbm" double precision,
        "firstHeardAt" timestamptz, "lastHeardAt" timestamptz, traceparent text, stray text, station text, mode text, tid text, port int, "isIso" boolean)) with ordinality as o(
        id, reader, tag, place, antenna, reads, "peakRssiDbm", "firstHeardAt", "lastHeardAt", traceparent, stray, station, mode, tid, port, "isIso", ordinal)
      join moved m on m.number = o.reader
      order by o.ordinal
      returning id, seq
    )${whereaboutsKept(sql, observations)}
    select ${answer(sql)},
      coalesce((select json_agg(json_build_object('id', id, 'seq', seq)) from kept), '[]') as kept`;
  return savedOf(row);
};

/** Text that Postgres takes whatever is in it: JSON writes a NUL as six characters that nobody unfolds here. */
const parkedRowOf = ({ reader, readerId, site, reason, observation }: ParkedObservation) => ({
  reader,
  readerId,
  site,
  reason,
  observation: JSON.stringify(observation),
});

/**
 * Puts observations aside that cannot be kept, and moves the ledgers that account for them, in one statement. Safe to repeat
 * as it is.
 */
export const parkObservations = async (
  sql: Sql,
  id: SaveId,
  deltas: readonly LedgerDelta[],
  observations: readonly ParkedObservation[],
): Promise<Saved> => {
  const [row] = await sql<Row[]>`
    with ${moved(sql, id, deltas)}, parked as (
      insert into parked (reader, reader_id, site, reason, observation)
      select p.reader, p."readerId", p.site, p.reason, p.observation::json
      from first, json_to_recordset(${JSON.stringify(observations.map(parkedRowOf))}::text::json) as p(
        reader bigint, "readerId" text, site text, reason text, observation text)
    )
    select ${answer(sql)}, '[]'::json as kept`;
  return savedOf(row);
};

export const countParked = async (sql: Sql): Promise<number> => {
  const [row] = await sql<[{ parked: number }]>`select count(*)::int as parked from parked`;
  return row?.parked ?? 0;
};
