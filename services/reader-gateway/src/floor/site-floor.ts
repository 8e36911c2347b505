import type { Bus } from "@tagwire/bus";
import {
  Fault,
  type FieldChange,
  type PutStation,
  type Reader,
  type ReaderId,
  type SiteId,
  type Station,
  type StationId,
  type TestRead,
  type TrainingField,
} from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { bindingsOf, listensAt } from "../actors/binding.ts";
import { learn } from "../actors/ledger.ts";
import { defaultRule, type ReadRule } from "../actors/read-rule.ts";
import { defaultWindowsMax } from "../actors/smoothing.ts";
import { newWhereabouts } from "../actors/whereabouts.ts";
import { createSiteView } from "../live/site-view.ts";
import type { Keeper } from "../spool/keeper.ts";
import { createOutbox, type Outbox } from "../spool/outbox.ts";
import type { Recordings } from "../spool/recordings.ts";
import type { Tallies } from "../spool/tally-book.ts";
import type { Sql } from "../store/database.ts";
import type { TakenUp } from "../store/holdings.ts";
import { findLedgers, type LedgerRows } from "../store/ledgers.ts";
import type { StoredReader } from "../store/readers.ts";
import type { Asker } from "../store/settings-notes.ts";
import { checkAtStations, checkBoundReaders } from "./chip-names.ts";
import { createFinding } from "./finding.ts";
import { createReaderActs, createReaderNotes, type ReaderActs, settleTimeoutMs } from "./reader-acts.ts";
import { createReaderLife, type Drivers, type ReaderLife, type ReaderLifeOptions } from "./reader-life.ts";
import { checkSettingsAt } from "./reader-settings.ts";
import { createSettingsTeller } from "./settings-teller.ts";
import { createSitePushes, type SitePushes } from "./site-pushes.ts";
import { createStations } from "./stations.ts";

export type SiteFloorOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly log: Logger;
  readonly drivers: Drivers;
  /** What reads are held to where neither reader nor station says otherwise. */
  readonly rule?: ReadRule;
  /** Tags that one reader keeps in memory. */
  readonly windowsMax?: number;
  readonly backoff?: ReaderLifeOptions["backoff"];
  readonly unconfirmedMax?: number;
  /** Where what readers say is written down; without it, nowhere. */
  readonly recordings?: Recordings;
  /** Where it is written down what was taken from readers, in case that this process is killed; without it, nowhere. */
  readonly tallies?: Tallies | undefined;
};

/** What a site needs of the process that runs it. */
export type SiteSurroundings = {
  readonly site: SiteId;
  readonly epoch: number;
  readonly keeper: Keeper;
  readonly room: () => number;
};

export type SiteFloor = Omit<SitePushes, "tend" | "forget" | "close"> &
  ReaderActs & {
    readonly site: SiteId;
    readonly outbox: Outbox;
    readonly lives: () => readonly ReaderLife[];
    readonly list: () => { epoch: number; pos: number; readers: Reader[] };
    readonly find: (id: ReaderId) => Reader | undefined;
    /** Listens to a reader for a while. It waits for no change of settings, and none waits for it. */
    readonly testRead: (id: ReaderId, seconds: number) => Promise<TestRead>;
    readonly stations: () => readonly Station[];
    /** A station, and how many readers that are switched on listen there. */
    readonly station: (id: string) => { station: Station | null; listening: number };
    /** Makes a station, or another one of it; the antennas that are bound to it go on under it at once. */
    readonly putStation: (
      id: StationId,
      settings: PutStation,
      asker: Asker,
    ) => Promise<{ station: Station; created: boolean }>;
    /** False when there is none. Antennas that are bound to it keep its name, and wait for one. */
    readonly removeStation: (id: StationId, asker: Asker) => Promise<boolean>;
    /** Takes a station from the store; before the readers that are bound to it. */
    readonly addStation: (station: Station) => void;
    /** Somebody looks for tags: what the readers hear of them is said as it comes. Gives how many readers read now. */
    readonly seek: (who: { readonly seeker: string; readonly tags: readonly string[] }) => number;
    /** There may be changes of settings that the log has not taken yet. */
    readonly tellSettings: () => void;
    /** What lies before a training reader, after what is to change there. */
    readonly practise: (id: ReaderId, change?: FieldChange) => TrainingField;
    /** Takes a reader from the store, with what a killed process held of it, and starts it when it is enabled. */
    readonly add: (stored: StoredReader, takenUp?: TakenUp) => ReaderLife;
    /** The counters of a reader changed; they are shown at the next tick. */
    readonly counted: (id: ReaderId) => void;
    readonly tick: () => void;
    /** Takes in how ledgers stand after operations has taken observations; false when some are of readers that are deleted. */
    readonly learn: (ledgers: LedgerRows) => boolean;
    /** Reads from the store how the ledgers stand: memory may have missed a change. */
    readonly recount: () => Promise<void>;
    /** Stops every reader and resolves when nothing runs any more; whoever asks for a change after that is refused. */
    readonly leave: () => Promise<void>;
  };

/** The readers of one site. Changes of settings go one at a time, so two of them cannot cross. */
export const createSiteFloor = (options: SiteFloorOptions, around: SiteSurroundings): SiteFloor => {
  const { bus, sql, log } = options;
  const { site, keeper } = around;
  const readers = new Map<ReaderId, ReaderLife>();
  const dirty = new Set<ReaderId>();
  const stations = createStations(sql, site);
  const finding = createFinding(bus, site);
  const teller = createSettingsTeller({ bus, sql, log }, site);
  const { rule = defaultRule, windowsMax = defaultWindowsMax } = options;
  const whereabouts = newWhereabouts(windowsMax);
  const view = createSiteView(bus, site, around.epoch);
  const outbox = createOutbox({
    site,
    sql,
    bus,
    log,
    ...(options.unconfirmedMax === undefined ? {} : { unconfirmedMax: options.unconfirmedMax }),
  });
  let turn: Promise<unknown> = Promise.resolve();
  let isLeft = false;

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(() => {
      if (isLeft) throw new Fault("unavailable", `readers of ${site}`);
      return work();
    });
    turn = next.catch(() => undefined);
    return next;
  };
  /** The log is told of what was changed, even where the change broke half-way. */
  const toldInTurn = <T>(work: () => Promise<T>): Promise<T> => inTurn(work).finally(teller.wake);
  const known = (id: ReaderId): ReaderLife => {
    const life = readers.get(id);
    if (life === undefined) throw new Fault("reader_unknown", id);
    return life;
  };
  const viewOf = (life: ReaderLife): Reader => life.view(view.versionOf(life.kept.id));
  const show = (ids: readonly ReaderId[]) => {
    for (const id of ids) dirty.delete(id);
    view.show(ids, (id, version) => readers.get(id)?.view(version));
  };
  const isEnabled = (life: ReaderLife): boolean => viewOf(life).enabled;
  const notes = createReaderNotes(site, isEnabled);
  const pushes = createSitePushes({
    bus,
    sql,
    site,
    keeper,
    room: around.room,
    find: (id) => readers.get(id),
    isEnabled,
    noted: (life, asker, keyMadeAt) => notes.noted(life, asker, notes.shown(life, { keyMadeAt })),
  });
  const stopLife = async (life: ReaderLife) => {
    await life.stop();
    life.drain();
  };

  const add = (stored: StoredReader, takenUp?: TakenUp): ReaderLife => {
    const life = createReaderLife({
      stored,
      takenUp,
      kept: keeper.open(stored),
      drivers: options.drivers,
      log,
      windowsMax,
      bindingsOf: (settings) => bindingsOf(settings, stations.byId, rule),
      ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
      ...(options.recordings === undefined ? {} : { recordings: options.recordings }),
      whereabouts,
      room: around.room,
      keep: keeper.add,
      touch: keeper.touch,
      took: keeper.took,
      heard: (reads) => finding.hear(stored.id, reads),
      changed: () => {
        if (readers.get(stored.id) === life) show([stored.id]);
      },
      counted: () => void dirty.add(stored.id),
    });
    readers.set(stored.id, life);
    if (stored.enabled) life.start();
    void pushes.tend(life);
    return life;
  };

  const acts = createReaderActs({
    ...{ sql, site, keeper, readers, pushes, notes, known, viewOf, show, add },
    check: (settings) => checkAtStations(checkSettingsAt(site, settings), stations.byId.values()),
    stop: stopLife,
  });

  /** Readers that have to be started again for it do so side by side. */
  const rebindAll = async () => {
    await Promise.all([...readers.values()].map((life) => life.rebind()));
  };

  const put = async (id: StationId, settings: PutStation, asker: Asker) => {
    const bound = [...readers].map(([reader, life]) => ({ id: reader, settings: life.settings() }));
    checkBoundReaders(id, settings, bound);
    const done = await stations.put(id, settings, asker);
    await rebindAll();
    return done;
  };

  const removeStation = async (id: StationId, asker: Asker): Promise<boolean> => {
    const isGone = await stations.remove(id, asker);
    if (isGone) await rebindAll();
    return isGone;
  };

  const takeIn = (ledgers: LedgerRows): boolean => {
    const lives = [...readers.values()].filter(({ kept }) => ledgers.has(kept.number));
    for (const { kept } of lives) {
      const row = ledgers.get(kept.number);
      if (row !== undefined) kept.ledger = learn(kept.ledger, row);
      dirty.add(kept.id);
    }
    return lives.length === ledgers.size;
  };

  return {
    site,
    outbox,
    lives: () => [...readers.values()],
    list: () => ({ ...view.position(), readers: [...readers.values()].map(viewOf) }),
    create: (reader, asker) => toldInTurn(() => acts.create(reader, asker)),
    patch: (id, change, asker) => toldInTurn(() => acts.patch(id, change, asker)),
    remove: (id, asker) => toldInTurn(() => acts.remove(id, asker)),
    act: (id, what, asker) => toldInTurn(() => acts.act(id, what, asker)),
    takeSettings: (row, dryRun, asker) => toldInTurn(() => acts.takeSettings(row, dryRun, asker)),
    testRead: async (id, seconds) => ({ reader: id, ...(await known(id).testRead(seconds)) }),
    stations: stations.list,
    station: (id) => ({
      station: stations.byId.get(id) ?? null,
      listening: [...readers.values()].map(viewOf).filter((reader) => reader.enabled && listensAt(reader, id))
        .length,
    }),
    putStation: (id, settings, asker) => toldInTurn(() => put(id, settings, asker)),
    removeStation: (id, asker) => toldInTurn(() => removeStation(id, asker)),
    addStation: stations.add,
    tellSettings: teller.wake,
    practise: (id, change) => known(id).practise(change),
    find: (id) => {
      const life = readers.get(id);
      return life === undefined ? undefined : viewOf(life);
    },
    seek: (who) => {
      finding.seek(who);
      return [...readers.values()].filter((life) => life.phase() === "inventory").length;
    },
    take: async (id, pushed) => {
      if (isLeft) throw new Fault("unavailable", `readers of ${site}`);
      return pushes.take(id, pushed);
    },
    makeKey: (id, asker) => toldInTurn(() => pushes.makeKey(id, asker)),
    endKey: (id, asker) => toldInTurn(() => pushes.endKey(id, asker)),
    isKey: pushes.isKey,
    add,
    counted: (id) => void dirty.add(id),
    tick: () => {
      for (const life of readers.values()) life.tick();
      if (dirty.size > 0) show([...dirty]);
    },
    learn: takeIn,
    recount: async () => {
      const numbers = [...readers.values()].map(({ kept }) => kept.number);
      if (numbers.length > 0) takeIn(await findLedgers(sql, numbers));
    },
    leave: async () => {
      isLeft = true;
      await turn;
      // First, so that nothing of it comes to a reader that stands still, and would be passed over.
      await pushes.close();
      const lives = [...readers.values()];
      await Promise.all(lives.map(stopLife));
      // What Postgres does not take by then stays with the keeper, which saves it when it can: as its own, whoever owns the
      // reader by then, and in the same ledger when that is this process again.
      await keeper.settled(
        lives.map(({ kept }) => kept),
        settleTimeoutMs,
      );
      await Promise.all(lives.map((life) => life.stopRecording("left")));
      finding.stop();
      await Promise.all([outbox.stop(), teller.stop()]);
    },
  };
};
