import type { Observation, Outcome, ReaderId, SiteId, StationMode } from "@tagwire/messages";
import type { Sql } from "./database.ts";
import { type LedgerRow, type LedgerRows, ledgerJson, ledgersByNumber } from "./ledgers.ts";

/** An observation as it waits in Postgres: where it came from, and its place in the order of hearing. */
export type SpooledObservation = {
  readonly seq: number;
  readonly site: SiteId;
  readonly readerId: ReaderId;
  readonly observation: Observation;
};

/** What of a site waits behind a place in the order, the longest waiting first. */
export const findAfter = async (
  sql: Sql,
  site: SiteId,
  page: { readonly afterSeq: number; readonly limit: number },
): Promise<SpooledObservation[]> => {
  const rows = await sql<
    (Omit<Observation, "firstHeardAt" | "lastHeardAt" | "stray" | "station" | "tid" | "isIso"> & {
      seq: number;
      readerId: string;
      firstHeardAt: Date;
      lastHeardAt: Date;
      stray: Exclude<Observation["stray"], undefined> | null;
      station: string | null;
      mode: StationMode | null;
      tid: string | null;
      isIso: boolean | null;
    })[]
  >`
    select o.seq, r.id as "readerId", o.id, o.tag, o.place, o.antenna, o.reads, o.peak_rssi_dbm as "peakRssiDbm",
      o.first_heard_at as "firstHeardAt", o.last_heard_at as "lastHeardAt", o.traceparent, o.stray,
      o.station, o.station_mode as mode, o.tid, o.is_iso as "isIso"
    from observation o join reader r on r.number = o.reader
    where o.site = ${site} and o.seq > ${page.afterSeq} order by o.seq limit ${page.limit}`;
  return rows.map(
    ({ seq, readerId, firstHeardAt, lastHeardAt, stray, station, mode, tid, isIso, ...rest }) => ({
      seq,
      site,
      readerId,
      observation: {
        ...rest,
        firstHeardAt: firstHeardAt.toISOString(),
        lastHeardAt: lastHeardAt.toISOString(),
        ...(stray === null ? {} : { stray }),
        ...(station === null || mode === null ? {} : { station: { id: station, mode } }),
        ...(tid === null ? {} : { tid }),
        ...(isIso === true ? { isIso } : {}),
      },
    }),
  );
};

/**
 * Operations has taken these: they go, and the ledgers of their readers say what became of each, in one statement,
 * which gives back the ledgers that it moved. Those that went before are not found and change nothing, so it may be said any number of times.
 *
 * Rows of readers are locked by rising number before anything is changed: see `saves.ts`.
 */
export const removeTaken = async (
  sql: Sql,
  site: SiteId,
  taken: readonly { readonly id: string; readonly outcome: Outcome }[],
): Promise<LedgerRows> => {
  const [row] = await sql<{ ledgers: (LedgerRow & { number: number })[] }[]>`
    with said as (
      select * from json_to_recordset(${JSON.stringify(taken)}::text::json) as s(id uuid, outcome text)
    ), locked as (
      select number from reader
      where number in (select o.reader from observation o join said s on s.id = o.id where o.site = ${site})
      order by number for no key update
    ), gone as (
      delete from observation o using said s, locked l where o.id = s.id and o.reader = l.number returning o.reader, o.port, s.outcome
    ), by_port as (
      select reader, port::text as port, case outcome when 'already_applied' then 'alreadyApplied' else outcome end as outcome,
        count(*) as observations
      from gone where port is not null group by 1, 2, 3
    ), by_antenna as (
      select reader, jsonb_object_agg(port, outcomes) as antennas
      from (select reader, port, jsonb_object_agg(outcome, observations) as outcomes from by_port group by 1, 2) one
      group by reader
    ), summed as (
      select reader, count(*) filter (where outcome = 'accepted') as accepted,
        count(*) filter (where outcome = 'already_applied') as already_applied,
        count(*) filter (where outcome = 'rejected') as rejected,
        count(*) filter (where outcome = 'quarantined') as quarantined
      from gone group by reader
    ), moved as (
      update reader r set ledger_version = r.ledger_version + 1, accepted = r.accepted + s.accepted,
        already_applied = r.already_applied + s.already_applied, rejected = r.rejected + s.rejected,
        quarantined = r.quarantined + s.quarantined,
        antenna_counts = antenna_sum(r.antenna_counts, coalesce(a.antennas, '{}'))
      from summed s left join by_antenna a on a.reader = s.reader where r.number = s.reader
      returning r.*
    )
    select coalesce((select json_agg(${ledgerJson(sql)}) from moved), '[]') as ledgers`;
  return ledgersByNumber(row?.ledgers ?? []);
};
