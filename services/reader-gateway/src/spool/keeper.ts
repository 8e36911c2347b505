import { randomUUID } from "node:crypto";
import { openOutageLog } from "@tagwire/bus";
import type { SiteId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { awaitSave, hasUnsaved, isSettled, learn, openLedger } from "../actors/ledger.ts";
import type { Taken } from "../actors/tally-lines.ts";
import { isRefused, type Sql } from "../store/database.ts";
import { type LedgerRows, ledgerOf } from "../store/ledgers.ts";
import type { SpooledObservation } from "../store/observations.ts";
import type { StoredReader } from "../store/readers.ts";
import type { Saved, SaveId } from "../store/saves.ts";
import type { KeptReader } from "./kept-reader.ts";
import {
  begin,
  cancel,
  type Entry,
  type HeardObservation,
  ledgersAfter,
  type Part,
  partsOf,
  sendParked,
  sendSave,
  settle,
  settleParked,
} from "./save.ts";
import type { TallyShelf } from "./tally-book.ts";

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
  /** How often counters are saved that no observation carries, and what windows hold, in ms: of what a killed process heard since, nobody knows. */
  countersEveryMs: 1_000,
  /** How long closing waits for Postgres, in ms. */
  closeTimeoutMs: 2_500,
} as const;

export type Keeper = {
  /** Its name in Postgres. */
  readonly name: string;
  /** Whether something of the reader with this number waits to be saved. */
  readonly isWaiting: (reader: number) => boolean;
  /**
   * The reader of a stored row, for a life that begins. What a former life here left to be saved is taken up again, so that
   * two lives never speak for one reader; what a former owner elsewhere left is added by that owner when it can.
   */
  readonly open: (stored: StoredReader) => KeptReader;
  /** The reader is deleted: counters that no observation carries are of interest to nobody any more. */
  readonly forget: (reader: KeptReader) => void;
  /** How many observations may be added now. */
  readonly room: () => number;
  /** Takes charge of observations: they are saved at once when idle, together with what gathers while a save is in flight. */
  readonly add: (reader: KeptReader, heard: readonly HeardObservation[]) => void;
  /** Something was taken from this reader's wire, of which nothing has become yet. */
  readonly took: (reader: KeptReader, taken: Taken) => void;
  /** The counters of this reader changed; they go with its next observations, or on their own after a while. */
  readonly touch: (reader: KeptReader) => void;
  /** Resolves when no observation of these readers waits (true), or when `timeoutMs` has passed (false). */
  readonly settled: (readers: readonly KeptReader[], timeoutMs: number) => Promise<boolean>;
  /**
   * Resolves when all observations that were added so far are kept or put aside, and Postgres knows what the reader counted and what its
   * windows hold (true), or when `timeoutMs` has passed (false).
   */
  readonly keptSoFar: (reader: KeptReader, timeoutMs: number) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

export type KeeperOptions = {
  readonly sql: Sql;
  readonly log: Logger;
  /** Observations are in Postgres, in this order. */
  readonly kept: (site: SiteId, observations: readonly SpooledObservation[]) => void;
  /** Observations of a site are in Postgres, and how many is only known there. */
  readonly keptUnseen: (site: SiteId) => void;
  /** Where it writes down what was taken, in case that it is killed; without it, nowhere. */
  readonly shelf?: TallyShelf | undefined;
  /** The ledger of a reader has moved. */
  readonly changed: (reader: KeptReader) => void;
};

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/**
 * Puts observations and the ledgers that account for them into Postgres, one save at a time for the whole process.
 *
 * A save is repeated under its own identity until Postgres has answered, so it counts once whatever becomes of answers, leases
 * and lives meanwhile. While Postgres is away everything waits here, up to `saveLimits.waitingMax`, and then in the readers'
 * windows. What Postgres refuses is tried in smaller saves, and parked when it stands alone.
 */
export const createKeeper = (options: KeeperOptions): Keeper => {
  const { sql, log } = options;
  const saving = openOutageLog(log, {
    failing: "observations not saved yet",
    over: "observations are saved again",
  });
  const keeper = randomUUID();
  const book = options.shelf?.open(keeper);
  let saves = 0;
  let queue: Entry[] = [];
  let inFlight = 0;
  /** Observations that were added, and how many of them are done with. They are in the order in which they came. */
  let added = 0;
  let finished = 0;
  let cap: number = saveLimits.first;
  let closing = false;
  let givenUp = false;
  let countersDue = false;
  /** Readers whose counters somebody waits for. */
  const awaited = new Set<KeptReader>();
  let running: Promise<void> | undefined;
  let saveEnded = Promise.withResolvers<void>();
  /** Readers of whom Postgres does not know everything yet, by number. */
  const unsettled = new Map<number, KeptReader>();

  const halveCap = () => {
    cap = Math.max(saveLimits.min, Math.floor(cap / 2));
  };

  /** Sends a save until Postgres has answered. Undefined when it refuses the save as it is, or was given up. */
  const make = async (
    parts: readonly Part[],
    send: (id: SaveId) => Promise<Saved>,
  ): Promise<{ saved: Saved; ledgers: LedgerRows; save: number } | undefined> => {
    saves += 1;
    const id = { keeper, save: saves };
    begin(parts);
    book?.saving(
      saves,
      parts.map(({ reader }) => reader.number),
    );
    let retryDelayMs: number = saveLimits.retryDelayMsFirst;
    while (!givenUp) {
      const startedAt = performance.now();
      try {
        const saved = await send(id);
        saving.worked();
        book?.saved(id.save);
        if (performance.now() - startedAt > saveLimits.slowMs) halveCap();
        return { saved, ledgers: await ledgersAfter(sql, saved, parts), save: id.save };
      } catch (err) {
        halveCap();
        if (isRefused(err)) {
          log.error({ err }, "Postgres refused a save");
          book?.refused(id.save);
          return undefined;
        }
        saving.failed(err);
        await delay(retryDelayMs);
        retryDelayMs = Math.min(retryDelayMs * 2, saveLimits.retryDelayMsMax);
      }
    }
    return undefined;
  };

  const done = (parts: readonly Part[], save: number) => {
    for (const { reader } of parts) {
      reader.savedBy = save;
      if (isSettled(reader.ledger)) unsettled.delete(reader.number);
      options.changed(reader);
    }
  };

  /** Puts observations aside that cannot be kept: they count as rejected, and a person can look at them. */
  const park = async (entries: readonly Entry[], reason: string) => {
    if (entries.length === 0) return;
    const parts = partsOf(entries, [], { isRejected: true });
    const made = await make(parts, (id) => sendParked(sql, id, parts, reason));
    if (givenUp) return;
    settleParked(parts, made?.ledgers ?? new Map());
    done(parts, saves);
    finished += entries.length;
    const of = parts.map(({ reader }) => `${reader.site}/${reader.id}`);
    if (made !== undefined)
      log.error({ reason, readers: of, observations: entries.length }, "observations parked");
    else
      log.error(
        { reason, entries: entries.map((one) => one.observation) },
        "observations lost, not even parked",
      );
  };

  const keep = async (entries: readonly Entry[], counters: readonly KeptReader[]) => {
    const parts = partsOf(entries, counters);
    const made = await make(parts, (id) => sendSave(sql, id, parts));
    if (givenUp) return;
    if (made !== undefined) {
      const { spooled, unseen, orphans } = settle(parts, made.saved, made.ledgers);
      for (const [site, own] of Map.groupBy(spooled, (row) => row.site)) options.kept(site, own);
      for (const site of unseen) options.keptUnseen(site);
      done(parts, made.save);
      finished += entries.length - orphans.length;
      return park(orphans, "the reader is gone");
    }
    cancel(parts);
    if (entries.length <= 1 && counters.length === 0) return park(entries, "Postgres refuses it");
    // Which one is refused is found by halving; counters wait for their next turn.
    cap = Math.max(saveLimits.min, Math.floor(entries.length / 2));
    queue = [...entries, ...queue];
  };

  const saveNext = async () => {
    const entries = queue.slice(0, cap);
    queue = queue.slice(entries.length);
    inFlight = entries.length;
    const counters = countersDue ? [...unsettled.values()].filter(({ ledger }) => hasUnsaved(ledger)) : [];
    const due = [...new Set([...counters, ...awaited])];
    awaited.clear();
    countersDue = false;
    const isFull = entries.length === cap;
    const capBefore = cap;
    await keep(entries, due);
    inFlight = 0;
    if (isFull && cap === capBefore) cap = Math.min(saveLimits.max, cap + saveLimits.step);
  };

  const hasWork = () => queue.length > 0 || countersDue || awaited.size > 0;
  const run = async () => {
    while (hasWork() && !givenUp) {
      await saveNext();
      saveEnded.resolve();
      saveEnded = Promise.withResolvers<void>();
    }
    running = undefined;
  };
  const kick = () => {
    if (!hasWork()) return;
    running ??= run().catch((err: unknown) => {
      running = undefined;
      log.error({ err }, "the keeper failed");
    });
  };

  const timer = setInterval(() => {
    if (unsettled.size === 0) return;
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
    name: keeper,
    isWaiting: (number) => unsettled.has(number),
    open: (stored) => {
      const { number, site, id } = stored;
      const row = ledgerOf(stored);
      const reader = unsettled.get(number) ?? { number, site, id, ledger: openLedger(row) };
      reader.ledger = learn(reader.ledger, row);
      return reader;
    },
    forget: (reader) => void unsettled.delete(reader.number),
    room: () => (closing ? 0 : Math.max(0, saveLimits.waitingMax - queue.length - inFlight)),
    add: (reader, heard) => {
      if (heard.length === 0) return;
      for (const one of heard) {
        reader.ledger = awaitSave(reader.ledger, one.readsBy);
        queue.push({ reader, ...one });
      }
      added += heard.length;
      unsettled.set(reader.number, reader);
      kick();
    },
    took: ({ number }, taken) => book?.took(number, taken),
    touch: (reader) => void unsettled.set(reader.number, reader),
    settled: (readers, timeoutMs) =>
      until(() => readers.every(({ ledger }) => ledger.waitingReads === 0), timeoutMs),
    keptSoFar: (reader, timeoutMs) => {
      const soFar = added;
      const savesSoFar = saves;
      awaited.add(reader);
      kick();
      return until(() => finished >= soFar && (reader.savedBy ?? 0) > savesSoFar, timeoutMs);
    },
    close: async () => {
      closing = true;
      clearInterval(timer);
      countersDue = unsettled.size > 0;
      kick();
      const isDone = await until(() => running === undefined, saveLimits.closeTimeoutMs);
      givenUp = !isDone;
      book?.end(isDone);
      if (isDone) return;
      log.error({ observations: queue.length + inFlight }, "Postgres did not answer, observations lost");
    },
  };
};
