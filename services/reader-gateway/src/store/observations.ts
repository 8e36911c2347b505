import type { Observation, Outcome, ReaderId, SiteId } from "@tagwire/messages";
import type { Sql } from "./database.ts";
import type { SavedCounts } from "./readers.ts";

/** An observation as it waits in Postgres: where it came from, and its place in the order of hearing. */
export type SpooledObservation = {
  readonly seq: number;
  readonly site: SiteId;
  readonly readerId: ReaderId;
  readonly observation: Observation;
};

export type NewObservation = { readonly reader: number; readonly observation: Observation };

/** What a save adds to one reader's ledger. `version` is the ledger's version after it. */
export type LedgerDelta = {
  readonly number: number;
  readonly version: number;
  readonly frames: number;
  readonly malformed: number;
  readonly filtered: number;
  readonly observed: number;
  readonly observations: number;
};

export type Saved = {
  /** Readers whose ledger moved now, and with it their observations were kept. */
  readonly moved: ReadonlySet<number>;
  readonly seqs: ReadonlyMap<string, number>;
};

const rowOf = ({ reader, observation }: NewObservation) => ({ reader, ...observation });

/**
 * Keeps observations and moves the ledgers that account for them, in one statement. A ledger moves only from the version
 * before, so a save whose answer was lost does nothing the second time; its observations go the same way.
 */
export const saveObservations = async (
  sql: Sql,
  deltas: readonly LedgerDelta[],
  observations: readonly NewObservation[],
): Promise<Saved> => {
  const [row] = await sql<{ moved: number[]; kept: { id: string; seq: number }[] }[]>`
    with delta as (
      select * from json_to_recordset(${JSON.stringify(deltas)}::text::json) as d(
        number bigint, version bigint, frames bigint, malformed bigint, filtered bigint, observed bigint, observations bigint)
    ), moved as (
      update reader r set ledger_version = d.version, frames = r.frames + d.frames, malformed = r.malformed + d.malformed,
        reads = r.reads + d.filtered + d.observed, filtered = r.filtered + d.filtered, observed = r.observed + d.observed,
        observations = r.observations + d.observations
      from delta d where r.number = d.number and r.ledger_version = d.version - 1
      returning r.number, r.site
    ), kept as (
      insert into observation (id, reader, site, tag, place, antenna, reads, peak_rssi_dbm, first_heard_at, last_heard_at, traceparent)
      select o.id, o.reader, m.site, o.tag, o.place, o.antenna, o.reads, o."peakRssiDbm", o."firstHeardAt", o."lastHeardAt", o.traceparent
      from rows from (json_to_recordset(${JSON.stringify(observations.map(rowOf))}::text::json) as (
        id uuid, reader bigint, tag text, place text, antenna int, reads bigint, "peakRssiDbm" double precision,
        "firstHeardAt" timestamptz, "lastHeardAt" timestamptz, traceparent text)) with ordinality as o(
        id, reader, tag, place, antenna, reads, "peakRssiDbm", "firstHeardAt", "lastHeardAt", traceparent, ordinal)
      join moved m on m.number = o.reader
      order by o.ordinal
      returning id, seq
    )
    select coalesce((select json_agg(number) from moved), '[]') as moved,
      coalesce((select json_agg(json_build_object('id', id, 'seq', seq)) from kept), '[]') as kept`;
  return {
    moved: new Set(row?.moved ?? []),
    seqs: new Map((row?.kept ?? []).map(({ id, seq }) => [id, seq])),
  };
};

/** Ledgers as they are now, by the reader's number; a reader that is not in the answer is gone. */
export const findLedgers = async (
  sql: Sql,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, SavedCounts & { readonly version: number }>> => {
  const rows = await sql<(SavedCounts & { number: number; version: number })[]>`
    select number, ledger_version as version, frames, malformed, reads, filtered, observed, observations, accepted,
      already_applied as "alreadyApplied", rejected, quarantined
    from reader where number in ${sql([...numbers])}`;
  return new Map(rows.map(({ number, ...ledger }) => [number, ledger]));
};

/** What of a site waits behind a place in the order, the longest waiting first. */
export const findAfter = async (
  sql: Sql,
  site: SiteId,
  page: { readonly afterSeq: number; readonly limit: number },
): Promise<SpooledObservation[]> => {
  const rows = await sql<
    (Omit<Observation, "firstHeardAt" | "lastHeardAt"> & {
      seq: number;
      readerId: string;
      firstHeardAt: Date;
      lastHeardAt: Date;
    })[]
  >`
    select o.seq, r.id as "readerId", o.id, o.tag, o.place, o.antenna, o.reads, o.peak_rssi_dbm as "peakRssiDbm",
      o.first_heard_at as "firstHeardAt", o.last_heard_at as "lastHeardAt", o.traceparent
    from observation o join reader r on r.number = o.reader
    where o.site = ${site} and o.seq > ${page.afterSeq} order by o.seq limit ${page.limit}`;
  return rows.map(({ seq, readerId, firstHeardAt, lastHeardAt, ...rest }) => ({
    seq,
    site,
    readerId,
    observation: {
      ...rest,
      firstHeardAt: firstHeardAt.toISOString(),
      lastHeardAt: lastHeardAt.toISOString(),
    },
  }));
};

export type TakenObservation = { readonly id: string; readonly reader: number; readonly outcome: Outcome };

/**
 * Operations has taken these: they go, and the ledgers of their readers say what became of each, in one statement.
 * Those that went before are not found and change nothing, so it may be said any number of times.
 */
export const removeTaken = (
  sql: Sql,
  site: SiteId,
  taken: readonly { readonly id: string; readonly outcome: Outcome }[],
): Promise<TakenObservation[]> => sql<TakenObservation[]>`
  with said as (
    select * from json_to_recordset(${JSON.stringify(taken)}::text::json) as s(id uuid, outcome text)
  ), gone as (
    delete from observation o using said s where o.id = s.id and o.site = ${site} returning o.id, o.reader, s.outcome
  ), summed as (
    select reader, count(*) filter (where outcome = 'accepted') as accepted,
      count(*) filter (where outcome = 'already_applied') as already_applied,
      count(*) filter (where outcome = 'rejected') as rejected,
      count(*) filter (where outcome = 'quarantined') as quarantined
    from gone group by reader
  ), moved as (
    update reader r set accepted = r.accepted + s.accepted, already_applied = r.already_applied + s.already_applied,
      rejected = r.rejected + s.rejected, quarantined = r.quarantined + s.quarantined
    from summed s where r.number = s.reader
  )
  select id, reader, outcome from gone`;
