import { inSpan } from "@tagwire/bus";
import type { Observation, SiteId } from "@tagwire/messages";
import { beginSave, type Carried, cancelSave, endSave, type LedgerSave, saveOf } from "../actors/ledger.ts";
import type { UntoldKeys } from "../drivers/json/repeats.ts";
import type { Sql } from "../store/database.ts";
import { findLedgers, type LedgerRows } from "../store/ledgers.ts";
import type { SpooledObservation } from "../store/observations.ts";
import {
  type LedgerDelta,
  parkObservations,
  type Saved,
  type SaveId,
  saveObservations,
} from "../store/saves.ts";
import type { KeptWhereabout } from "../store/whereabouts.ts";
import { type Marking, markingOf } from "./holding.ts";
import type { KeptReader } from "./kept-reader.ts";

/** An observation as a reader made it, with the reads in it of each antenna that heard the tag. */
export type HeardObservation = {
  readonly observation: Observation;
  readonly readsBy: Carried["readsBy"];
  /** Where the tag is by then, where the observation moves it. */
  readonly whereabout?: KeptWhereabout | undefined;
};

/** An observation on its way to Postgres. */
export type Entry = HeardObservation & { readonly reader: KeptReader };

/** What a save does for one reader. */
export type Part = {
  readonly reader: KeptReader;
  readonly entries: readonly Entry[];
  readonly save: LedgerSave;
  readonly marking: Marking;
  /** Events that were pushed and are accounted for by now. */
  readonly pushed: UntoldKeys | undefined;
};

/** What became of a save that Postgres holds. */
export type Made = {
  /** Observations in Postgres, in their order. */
  readonly spooled: readonly SpooledObservation[];
  /** Sites whose observations are in Postgres, and how many is only known there: the first answer was lost. */
  readonly unseen: ReadonlySet<SiteId>;
  /** Observations that are not in Postgres, because their readers are gone from it. */
  readonly orphans: readonly Entry[];
};

const partOf = (
  reader: KeptReader,
  entries: readonly Entry[],
  { isRejected, isDue }: { readonly isRejected: boolean; readonly isDue: boolean },
): Part => {
  const carried = entries.map(({ observation: { antenna, stray }, readsBy }) => ({
    antenna,
    stray,
    readsBy,
  }));
  const save = saveOf(reader.ledger, carried, { isRejected });
  const untold = reader.repeats?.untold();
  // What is known must not come again, so it is told no sooner than all that it said: what passes a portal is written down with it.
  const marking = markingOf(reader, save, isDue || untold !== undefined);
  const pushed = marking.isAllSaid ? untold : undefined;
  return { reader, entries, save, marking, pushed };
};

/** The parts of a save that carries these observations, and the counters of these readers besides, whose turn it is. */
export const partsOf = (
  entries: readonly Entry[],
  counters: readonly KeptReader[],
  { isRejected } = { isRejected: false },
): Part[] => {
  const byReader = Map.groupBy(entries, ({ reader }) => reader);
  const readers = new Set([...counters, ...byReader.keys()]);
  const due = new Set(counters);
  return [...readers].map((reader) =>
    partOf(reader, byReader.get(reader) ?? [], { isRejected, isDue: due.has(reader) }),
  );
};

const deltaOf = ({ reader, save, marking, pushed }: Part): LedgerDelta => ({
  number: reader.number,
  ...save,
  holding: marking.delta,
  ...(pushed === undefined ? {} : { pushed }),
});

/** Sends the save. As often as it has to be sent, it is sent under one identity and with the same parts. */
export const sendSave = (sql: Sql, id: SaveId, parts: readonly Part[]): Promise<Saved> => {
  const entries = parts.flatMap((part) => part.entries);
  const save = () =>
    saveObservations(
      sql,
      id,
      parts.map(deltaOf),
      entries.map(({ reader, observation, whereabout }) => ({
        reader: reader.number,
        observation,
        whereabout,
      })),
    );
  const traces = [...new Set(entries.map(({ observation }) => observation.traceparent))];
  if (traces.length === 0) return save();
  const cause = traces.length === 1 ? { parent: traces[0] } : { links: traces };
  return inSpan(
    "save observations",
    { ...cause, attributes: { "tagwire.observations": entries.length } },
    save,
  );
};

/** Sends the save that puts observations aside. */
export const sendParked = (sql: Sql, id: SaveId, parts: readonly Part[], reason: string): Promise<Saved> =>
  parkObservations(
    sql,
    id,
    parts.map(deltaOf),
    parts.flatMap(({ entries }) =>
      entries.map(({ reader, observation }) => ({
        reader: reader.number,
        readerId: reader.id,
        site: reader.site,
        reason,
        observation,
      })),
    ),
  );

export const begin = (parts: readonly Part[]): void => {
  for (const { reader, save } of parts) reader.ledger = beginSave(reader.ledger, save);
};

/**
 * The ledgers as Postgres has them after the save. When its first answer was lost, they are looked up: the statement that
 * found it made cannot see further than the moment at which it began to wait for the first one.
 */
export const ledgersAfter = (sql: Sql, saved: Saved, parts: readonly Part[]): Promise<LedgerRows> =>
  saved.isFirst
    ? Promise.resolve(saved.ledgers)
    : findLedgers(
        sql,
        parts.map(({ reader }) => reader.number),
      );

/** Postgres holds the save: the ledgers say so, and what could not be kept waits to be parked. */
export const settle = (parts: readonly Part[], saved: Saved, ledgers: LedgerRows): Made => {
  const spooled: SpooledObservation[] = [];
  const unseen = new Set<SiteId>();
  const orphans: Entry[] = [];
  for (const { reader, entries, marking, pushed } of parts) {
    const { site, id } = reader;
    const row = ledgers.get(reader.number);
    reader.mark = marking.mark;
    const isOrphaned = row === undefined && entries.length > 0;
    reader.ledger = isOrphaned ? cancelSave(reader.ledger) : endSave(reader.ledger, row);
    if (pushed !== undefined) reader.repeats?.told(pushed.upTo);
    if (isOrphaned) orphans.push(...entries);
    else if (!saved.isFirst && entries.length > 0) unseen.add(site);
    for (const { observation } of entries) {
      const seq = saved.seqs.get(observation.id);
      if (seq !== undefined) spooled.push({ seq, site, readerId: id, observation });
    }
  }
  spooled.sort((left, right) => left.seq - right.seq);
  return { spooled, unseen, orphans };
};

/** The observations are put aside: the ledgers say so, where there still is one. */
export const settleParked = (parts: readonly Part[], ledgers: LedgerRows): void => {
  for (const { reader, marking, pushed } of parts) {
    if (pushed !== undefined && ledgers.has(reader.number)) reader.repeats?.told(pushed.upTo);
    reader.mark = marking.mark;
    reader.ledger = endSave(reader.ledger, ledgers.get(reader.number));
  }
};

/** Postgres refuses the save as it is: what it carried goes in others. */
export const cancel = (parts: readonly Part[]): void => {
  for (const { reader } of parts) reader.ledger = cancelSave(reader.ledger);
};
