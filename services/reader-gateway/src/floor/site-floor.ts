import type { Bus } from "@tagwire/bus";
import {
  type CreateReader,
  Fault,
  type PatchReader,
  partitionOf,
  type Reader,
  type ReaderAct,
  type ReaderId,
  type SiteId,
} from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { learn } from "../actors/ledger.ts";
import { createSiteView } from "../live/site-view.ts";
import type { Keeper } from "../spool/keeper.ts";
import { createOutbox, type Outbox } from "../spool/outbox.ts";
import type { Sql } from "../store/database.ts";
import { findLedgers, type LedgerRows } from "../store/ledgers.ts";
import {
  findReader,
  insertReader,
  markDeleted,
  removeFinished,
  type StoredReader,
  updateEnabled,
  updateSettings,
} from "../store/readers.ts";
import { createReaderLife, type Drivers, type ReaderLife, type ReaderLifeOptions } from "./reader-life.ts";
import { checkSettings, patched, sameSettings, settingsOf } from "./reader-settings.ts";

export const readersPerSiteMax = 256;
/** How long a reader that goes waits until Postgres has what it said, in ms. */
const settleTimeoutMs = 2_000;

/** `created` is false for a reader that was there already with the same settings. */
type Created = { readonly reader: Reader; readonly created: boolean };

export type SiteFloorOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly log: Logger;
  readonly drivers: Drivers;
  readonly smoothing?: ReaderLifeOptions["smoothing"];
  readonly backoff?: ReaderLifeOptions["backoff"];
  readonly unconfirmedMax?: number;
};

/** What a site needs of the process that runs it. */
export type SiteSurroundings = {
  readonly site: SiteId;
  readonly epoch: number;
  readonly keeper: Keeper;
  readonly room: () => number;
};

export type SiteFloor = {
  readonly site: SiteId;
  readonly outbox: Outbox;
  readonly lives: () => readonly ReaderLife[];
  readonly list: () => { epoch: number; pos: number; readers: Reader[] };
  readonly find: (id: ReaderId) => Reader | undefined;
  readonly create: (reader: CreateReader) => Promise<Created>;
  readonly patch: (id: ReaderId, patch: PatchReader) => Promise<Reader>;
  readonly remove: (id: ReaderId) => Promise<boolean>;
  readonly act: (id: ReaderId, act: ReaderAct) => Promise<Reader>;
  /** Takes a reader from the store, and starts it when it is enabled. */
  readonly add: (stored: StoredReader) => ReaderLife;
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
  const stopLife = async (life: ReaderLife) => {
    await life.stop();
    life.drain();
  };

  const add = (stored: StoredReader): ReaderLife => {
    const life = createReaderLife({
      stored,
      kept: keeper.open(stored),
      drivers: options.drivers,
      log,
      ...(options.smoothing === undefined ? {} : { smoothing: options.smoothing }),
      ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
      room: around.room,
      keep: keeper.add,
      touch: keeper.touch,
      changed: () => {
        if (readers.get(stored.id) === life) show([stored.id]);
      },
      counted: () => void dirty.add(stored.id),
    });
    readers.set(stored.id, life);
    if (stored.enabled) life.start();
    return life;
  };

  const create = async (reader: CreateReader): Promise<Created> => {
    const settings = checkSettings(settingsOf(reader));
    const there = readers.get(reader.id);
    let created = false;
    if (there === undefined && readers.size >= readersPerSiteMax)
      throw new Fault("reader.settings", `a site has at most ${readersPerSiteMax} readers`);
    if (there === undefined) {
      const inserted = await insertReader(sql, site, reader.id, settings);
      created = inserted !== undefined;
      const stored = inserted ?? (await findReader(sql, site, reader.id));
      if (stored === undefined) throw new Fault("unavailable", reader.id);
      add(stored);
      show([reader.id]);
    }
    const life = known(reader.id);
    if (!sameSettings(life.settings(), settings)) throw new Fault("reader_exists", reader.id);
    return { reader: viewOf(life), created };
  };

  const patch = async (id: ReaderId, change: PatchReader): Promise<Reader> => {
    const life = known(id);
    const settings = checkSettings(patched(life.settings(), change));
    await updateSettings(sql, life.kept.number, settings);
    await life.apply(settings);
    show([id]);
    return viewOf(life);
  };

  const remove = async (id: ReaderId): Promise<boolean> => {
    const life = readers.get(id);
    if (life === undefined) return false;
    const { enabled } = viewOf(life);
    await stopLife(life);
    try {
      if (!(await keeper.settled([life.kept], settleTimeoutMs)))
        throw new Fault("store.unreachable", "observations of the reader are not kept yet");
      await markDeleted(sql, life.kept.number);
    } catch (fault) {
      // Postgres says that it is there, so it goes on as it was until it is asked to go once more.
      if (enabled) life.start();
      throw fault;
    }
    keeper.forget(life.kept);
    readers.delete(id);
    show([id]);
    await removeFinished(sql, partitionOf(site));
    return true;
  };

  const act = async (id: ReaderId, what: ReaderAct): Promise<Reader> => {
    const life = known(id);
    await updateEnabled(sql, life.kept.number, what === "start");
    if (what === "stop") await life.stop();
    else if (life.phase() === "backoff") await life.apply(life.settings());
    else life.start();
    return viewOf(life);
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
    find: (id) => {
      const life = readers.get(id);
      return life === undefined ? undefined : viewOf(life);
    },
    create: (reader) => inTurn(() => create(reader)),
    patch: (id, change) => inTurn(() => patch(id, change)),
    remove: (id) => inTurn(() => remove(id)),
    act: (id, what) => inTurn(() => act(id, what)),
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
      const lives = [...readers.values()];
      await Promise.all(lives.map(stopLife));
      // What Postgres does not take by then stays with the keeper, which saves it when it can: as its own, whoever owns the
      // reader by then, and in the same ledger when that is this process again.
      await keeper.settled(
        lives.map(({ kept }) => kept),
        settleTimeoutMs,
      );
      await outbox.stop();
    },
  };
};
