import { inSpan } from "@tagwire/bus";
import type { Observation, ReaderId, SiteId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import {
  applySave,
  hasUnsaved,
  type Ledger,
  type LedgerSave,
  nextSave,
  resetSaved,
} from "../actors/ledger.ts";
import { isRefused, type Sql } from "../store/database.ts";
import {
  findLedgers,
  type LedgerDelta,
  type SpooledObservation,
  saveObservations,
} from "../store/observations.ts";

/** How many observations one save carries; it grows while saves are full and quick, and halves when one is slow or fails. */
export const saveLimits = {
  first: 500,
  min: 1,
  max: 5_000,
  step: 250,
  slowMs: 250,
  /** What may wait in memory for Postgres. Beyond it windows keep what they hold: see {@link Keeper.room}. */
  waitingMax: 10_000,
  retryDelayMsFirst: 100,
  retryDelayMsMax: 5_000,
  /** How often counters are saved that no observation carries, in ms. */
  countersEveryMs: 10_000,
  /** How long closing waits for Postgres, in ms. */
  closeTimeoutMs: 2_500,
} as const;

/** A reader as the keeper knows it. */
export type KeptReader = {
  readonly number: number;
  readonly site: SiteId;
  readonly id: ReaderId;
  readonly ledger: Ledger;
};

export type Keeper = {
  /** How many observations may be added now. */
  readonly room: () => number;
  /** Takes charge of observations: they are saved at once when idle, together with what gathers while a save is in flight. */
  readonly add: (reader: KeptReader, observations: readonly Observation[]) => void;
  /** The counters of this reader changed; they go with its next observations, or on their own after a while. */
  readonly touch: (reader: KeptReader) => void;
  /** Resolves when no observation of these readers waits (true), or when `timeoutMs` has passed (false). */
  readonly settled: (readers: readonly KeptReader[], timeoutMs: number) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

type Entry = { readonly reader: KeptReader; readonly observation: Observation };
type Part = { readonly reader: KeptReader; readonly entries: readonly Entry[]; readonly save: LedgerSave };

export type KeeperOptions = {
  readonly sql: Sql;
  readonly log: Logger;
  /** Observations are in Postgres, in this order. */
  readonly kept: (site: SiteId, observations: readonly SpooledObservation[]) => void;
  /** Observations of a site are in Postgres, and how many is only known there. */
  readonly keptUnseen: (site: SiteId) => void;
  /** The ledger of a reader has moved. */
  readonly changed: (reader: KeptReader) => void;
};

const partsOf = (entries: readonly Entry[], dirty: Iterable<KeptReader>): Part[] => {
  const byReader = new Map<KeptReader, Entry[]>();
  for (const reader of dirty) byReader.set(reader, []);
  for (const entry of entries) {
    const own = byReader.get(entry.reader) ?? [];
    own.push(entry);
    byReader.set(entry.reader, own);
  }
  return [...byReader].map(([reader, own]) => ({
    reader,
    entries: own,
    save: nextSave(
      reader.ledger,
      own.reduce((sum, { observation }) => sum + observation.reads, 0),
      own.length,
    ),
  }));
};

const deltaOf = ({ reader, save }: Part): LedgerDelta => ({
  number: reader.number,
  version: reader.ledger.version + 1,
  ...save,
});

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/**
 * Puts observations and the ledgers that account for them into Postgres, one save at a time for the whole process.
 *
 * A save whose answer was lost is repeated as it was: the ledger's version makes the second one do nothing. While Postgres is
 * away everything waits here, up to `saveLimits.waitingMax`, and then in the readers' windows.
 */
export const createKeeper = (options: KeeperOptions): Keeper => {
  const { sql, log } = options;
  let queue: Entry[] = [];
  let inFlight = 0;
  let cap: number = saveLimits.first;
  let closing = false;
  let givenUp = false;
  let countersDue = false;
  let running: Promise<void> | undefined;
  let saveEnded = Promise.withResolvers<void>();
  const dirty = new Set<KeptReader>();

  const done = (part: Part, seqs: ReadonlyMap<string, number>) => {
    applySave(part.reader.ledger, part.save);
    const spooled = part.entries.flatMap(({ reader, observation }) => {
      const seq = seqs.get(observation.id);
      return seq === undefined ? [] : [{ seq, site: reader.site, readerId: reader.id, observation }];
    });
    if (spooled.length < part.entries.length) options.keptUnseen(part.reader.site);
    options.changed(part.reader);
    return spooled;
  };

  const forget = (part: Part, why: string) => {
    log.error(
      {
        reader: part.reader.id,
        site: part.reader.site,
        observations: part.entries.map((e) => e.observation),
      },
      why,
    );
    const { ledger } = part.reader;
    ledger.waitingReads -= part.save.observed;
    ledger.unsaved.filtered += part.save.observed;
    options.changed(part.reader);
  };

  /** What did not move was saved before (its answer was lost), moved on elsewhere (tried again), or is gone. */
  const settleUnmoved = async (parts: readonly Part[]): Promise<Part[]> => {
    const numbers = parts.map(({ reader }) => reader.number);
    const ledgers = await findLedgers(sql, numbers);
    const again: Part[] = [];
    for (const part of parts) {
      const { ledger } = part.reader;
      const stored = ledgers.get(part.reader.number);
      if (stored === undefined) forget(part, "the reader is gone from the store, observations dropped");
      else if (stored.version === ledger.version + 1) done(part, new Map());
      else {
        resetSaved(ledger, stored, stored.version);
        again.push(part);
      }
    }
    return again;
  };

  const saveOnce = async (parts: readonly Part[]): Promise<Part[]> => {
    const traces = [
      ...new Set(parts.flatMap(({ entries }) => entries.map((e) => e.observation.traceparent))),
    ];
    const [first] = traces;
    const cause = traces.length === 1 ? { parent: first } : { links: traces };
    const observations = parts.flatMap(({ entries }) => entries);
    const save = () =>
      saveObservations(
        sql,
        parts.map(deltaOf),
        observations.map(({ reader, observation }) => ({ reader: reader.number, observation })),
      );
    const saved =
      traces.length === 0
        ? await save()
        : await inSpan(
            "save observations",
            { ...cause, attributes: { "tagwire.observations": observations.length } },
            save,
          );
    const spooled = parts
      .filter(({ reader }) => saved.moved.has(reader.number))
      .flatMap((part) => done(part, saved.seqs))
      .sort((left, right) => left.seq - right.seq);
    for (const [site, own] of Map.groupBy(spooled, (row) => row.site)) options.kept(site, own);
    const unmoved = parts.filter(({ reader }) => !saved.moved.has(reader.number));
    return unmoved.length === 0 ? [] : settleUnmoved(unmoved);
  };

  /** Repeats until every part is settled. Gives back what Postgres refused and may take in smaller saves. */
  const saveAll = async (parts: Part[]): Promise<Part[]> => {
    let left = parts;
    let retryDelayMs: number = saveLimits.retryDelayMsFirst;
    while (left.length > 0 && !givenUp) {
      const startedAt = performance.now();
      try {
        left = await saveOnce(left);
        if (performance.now() - startedAt > saveLimits.slowMs)
          cap = Math.max(saveLimits.min, Math.floor(cap / 2));
      } catch (err) {
        cap = Math.max(saveLimits.min, Math.floor(cap / 2));
        if (isRefused(err)) {
          log.error({ err }, "Postgres refused observations, trying them in smaller parts");
          return left;
        }
        log.warn({ err, retryDelayMs }, "observations not saved yet");
        await delay(retryDelayMs);
        retryDelayMs = Math.min(retryDelayMs * 2, saveLimits.retryDelayMsMax);
      }
    }
    return left;
  };

  const saveNext = async () => {
    const entries = queue.slice(0, cap);
    queue = queue.slice(entries.length);
    inFlight = entries.length;
    const counters = countersDue ? [...dirty].filter(({ ledger }) => hasUnsaved(ledger)) : [];
    if (countersDue) dirty.clear();
    countersDue = false;
    const parts = partsOf(entries, counters);
    const isFull = entries.length === cap;
    const capBefore = cap;
    const refused = await saveAll(parts);
    inFlight = 0;
    if (isFull && refused.length === 0 && cap === capBefore)
      cap = Math.min(saveLimits.max, cap + saveLimits.step);
    if (givenUp) return;
    const again = refused.flatMap((part) => part.entries);
    if (refused.length > 0 && entries.length <= 1)
      for (const part of refused) forget(part, "Postgres refuses it");
    else queue = [...again, ...queue];
  };

  const run = async () => {
    while ((queue.length > 0 || countersDue) && !givenUp) {
      await saveNext();
      saveEnded.resolve();
      saveEnded = Promise.withResolvers<void>();
    }
    running = undefined;
  };
  const kick = () => {
    if (queue.length === 0 && !countersDue) return;
    running ??= run().catch((err: unknown) => {
      running = undefined;
      log.error({ err }, "the keeper failed");
    });
  };

  const timer = setInterval(() => {
    if (dirty.size === 0) return;
    countersDue = true;
    kick();
  }, saveLimits.countersEveryMs);
  timer.unref();

  const until = async (isDone: () => boolean, timeoutMs: number): Promise<boolean> => {
    const end = performance.now() + timeoutMs;
    while (!isDone() && performance.now() < end)
      await Promise.race([saveEnded.promise, delay(end - performance.now())]);
    return isDone();
  };

  return {
    room: () => (closing ? 0 : Math.max(0, saveLimits.waitingMax - queue.length - inFlight)),
    add: (reader, observations) => {
      for (const observation of observations) {
        reader.ledger.waitingReads += observation.reads;
        queue.push({ reader, observation });
      }
      if (observations.length > 0) kick();
    },
    touch: (reader) => void dirty.add(reader),
    settled: (readers, timeoutMs) =>
      until(() => readers.every(({ ledger }) => ledger.waitingReads === 0), timeoutMs),
    close: async () => {
      closing = true;
      clearInterval(timer);
      countersDue = dirty.size > 0;
      kick();
      if (await until(() => running === undefined, saveLimits.closeTimeoutMs)) return;
      givenUp = true;
      log.error({ observations: queue.length + inFlight }, "Postgres did not answer, observations lost");
    },
  };
};
