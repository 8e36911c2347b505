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
import { createSiteView, type SiteView } from "../live/site-view.ts";
import { createKeeper, type Keeper } from "../spool/keeper.ts";
import { createOutbox, type Outbox } from "../spool/outbox.ts";
import { openTakenDesk } from "../spool/taken-desk.ts";
import type { Sql } from "../store/database.ts";
import {
  findOfPartition,
  findReader,
  findSitesWithObservations,
  insertReader,
  markDeleted,
  removeFinished,
  type StoredReader,
  updateEnabled,
  updateSettings,
} from "../store/readers.ts";
import { countOutcome, pendingOf } from "./ledger.ts";
import { createReaderLife, type Drivers, type ReaderLife, type ReaderLifeOptions } from "./reader-life.ts";
import { checkSettings, patched, sameSettings, settingsOf } from "./reader-settings.ts";

export const floorLimits = {
  readersPerSiteMax: 256,
  /** Observations that may wait in Postgres for operations, in the whole process. Beyond it windows keep what they hold. */
  pendingMax: 2_000_000,
  /** How often windows are looked at, counters shown and the rate computed, in ms. */
  tickMs: 1_000,
  loadRetryMs: 1_000,
  settleTimeoutMs: 2_000,
} as const;

export type FloorOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly log: Logger;
  readonly drivers: Drivers;
  readonly smoothing?: ReaderLifeOptions["smoothing"];
  readonly backoff?: ReaderLifeOptions["backoff"];
  readonly unconfirmedMax?: number;
};

export type ShownReader = {
  readonly site: SiteId;
  readonly reader: Reader;
  readonly connections: number;
};

export type Floor = {
  /** Takes charge of a partition's readers: loads them and starts those that are enabled. */
  readonly take: (partition: number, epoch: number) => Promise<void>;
  /** Stops everything of a partition, and resolves when nothing of it runs any more. */
  readonly leave: (partition: number) => Promise<void>;
  readonly owns: (site: SiteId) => boolean;
  readonly isLoaded: () => boolean;
  readonly list: (site: SiteId) => { epoch: number; pos: number; readers: Reader[] };
  readonly find: (site: SiteId, id: ReaderId) => Reader | undefined;
  readonly create: (site: SiteId, reader: CreateReader) => Promise<Reader>;
  readonly patch: (site: SiteId, id: ReaderId, patch: PatchReader) => Promise<Reader>;
  readonly remove: (site: SiteId, id: ReaderId) => Promise<boolean>;
  readonly act: (site: SiteId, id: ReaderId, act: ReaderAct) => Promise<Reader>;
  readonly all: () => readonly ShownReader[];
  /** Leaves everything, all partitions at once. */
  readonly leaveAll: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type SiteFloor = {
  readonly site: SiteId;
  readonly view: SiteView;
  readonly outbox: Outbox;
  readonly readers: Map<ReaderId, ReaderLife>;
  /** Readers whose counters changed since they were shown. */
  readonly dirty: Set<ReaderId>;
  /** One change of a site's readers at a time. */
  turn: Promise<unknown>;
};

type Partition = { readonly epoch: number; loaded: boolean; readonly sites: Map<SiteId, SiteFloor> };

/** All readers that run in this process, by partition and site. */
export const openFloor = (options: FloorOptions): Floor => {
  const { bus, sql, log } = options;
  const partitions = new Map<number, Partition>();

  const siteFloors = function* (): Generator<SiteFloor> {
    for (const { sites } of partitions.values()) yield* sites.values();
  };
  const findSite = (site: SiteId): SiteFloor | undefined =>
    partitions.get(partitionOf(site))?.sites.get(site);
  const lives = function* (): Generator<ReaderLife> {
    for (const { readers } of siteFloors()) yield* readers.values();
  };

  const keeper: Keeper = createKeeper({
    sql,
    log,
    kept: (site, observations) => findSite(site)?.outbox.offer(observations),
    keptUnseen: (site) => findSite(site)?.outbox.lookBehind(),
    changed: ({ site, id }) => findSite(site)?.dirty.add(id),
  });

  const room = (): number => {
    let pending = 0;
    for (const { kept } of lives()) pending += pendingOf(kept.ledger);
    return Math.max(0, Math.min(keeper.room(), floorLimits.pendingMax - pending));
  };

  const recount = async (site: SiteId) => {
    for (const { kept } of findSite(site)?.readers.values() ?? []) {
      const stored = await findReader(sql, kept.site, kept.id);
      if (stored?.number !== kept.number) continue;
      const { accepted, alreadyApplied, rejected, quarantined } = stored;
      Object.assign(kept.ledger.saved, { accepted, alreadyApplied, rejected, quarantined });
    }
  };
  const uncertain = new Set<SiteId>();

  const takenDesk = openTakenDesk({
    bus,
    sql,
    log,
    isOurs: (site) => findSite(site) !== undefined,
    uncertain: (site) => void uncertain.add(site),
    removed: async (site, ids, counted) => {
      const floor = findSite(site);
      if (floor === undefined) return;
      floor.outbox.confirm(ids);
      const byNumber = new Map([...floor.readers.values()].map((life) => [life.kept.number, life]));
      let finished = false;
      for (const { reader, outcome } of counted) {
        const life = byNumber.get(reader);
        if (life === undefined) finished = true;
        else {
          countOutcome(life.kept.ledger, outcome);
          floor.dirty.add(life.kept.id);
        }
      }
      if (uncertain.delete(site)) await recount(site);
      if (finished) await removeFinished(sql, partitionOf(site));
    },
  });

  const show = (floor: SiteFloor, ids: readonly ReaderId[]) => {
    for (const id of ids) floor.dirty.delete(id);
    floor.view.show(ids, (id, version) => floor.readers.get(id)?.view(version));
  };

  const loadedPartition = (site: SiteId): Partition => {
    const partition = partitions.get(partitionOf(site));
    if (partition === undefined || !partition.loaded) throw new Fault("unavailable", `readers of ${site}`);
    return partition;
  };
  /** The site, made when it has its first reader. */
  const openSite = (site: SiteId): SiteFloor => {
    const partition = loadedPartition(site);
    return partition.sites.get(site) ?? addSite(partition, site);
  };
  const addSite = (partition: Partition, site: SiteId): SiteFloor => {
    const floor: SiteFloor = {
      site,
      view: createSiteView(bus, site, partition.epoch),
      outbox: createOutbox({
        site,
        sql,
        bus,
        log,
        ...(options.unconfirmedMax === undefined ? {} : { unconfirmedMax: options.unconfirmedMax }),
      }),
      readers: new Map(),
      dirty: new Set(),
      turn: Promise.resolve(),
    };
    partition.sites.set(site, floor);
    return floor;
  };

  const addReader = (floor: SiteFloor, stored: StoredReader): ReaderLife => {
    const life = createReaderLife({
      stored,
      drivers: options.drivers,
      log,
      ...(options.smoothing === undefined ? {} : { smoothing: options.smoothing }),
      ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
      room,
      keep: keeper.add,
      touch: keeper.touch,
      changed: () => {
        if (floor.readers.get(stored.id) === life) show(floor, [stored.id]);
      },
      counted: () => void floor.dirty.add(stored.id),
    });
    floor.readers.set(stored.id, life);
    if (stored.enabled) life.start();
    return life;
  };

  const viewIn = (floor: SiteFloor, life: ReaderLife): Reader =>
    life.view(floor.view.versionOf(life.kept.id));

  const inTurn = <T>(floor: SiteFloor, work: () => Promise<T>): Promise<T> => {
    const turn = floor.turn.then(work);
    floor.turn = turn.catch(() => undefined);
    return turn;
  };

  const knownSite = (site: SiteId, id: ReaderId): SiteFloor => {
    const floor = loadedPartition(site).sites.get(site);
    if (floor === undefined) throw new Fault("reader_unknown", id);
    return floor;
  };
  const known = (floor: SiteFloor, id: ReaderId): ReaderLife => {
    const life = floor.readers.get(id);
    if (life === undefined) throw new Fault("reader_unknown", id);
    return life;
  };

  const load = async (number: number, partition: Partition) => {
    const stored = await findOfPartition(sql, number);
    const unsent = await findSitesWithObservations(sql, number);
    await removeFinished(sql, number);
    if (partitions.get(number) !== partition) return;
    partition.loaded = true;
    for (const site of new Set([...unsent, ...stored.map((reader) => reader.site)])) {
      const floor = addSite(partition, site);
      for (const reader of stored) if (reader.site === site) addReader(floor, reader);
    }
  };

  const take = async (number: number, epoch: number) => {
    const partition: Partition = { epoch, loaded: false, sites: new Map() };
    partitions.set(number, partition);
    while (partitions.get(number) === partition && !partition.loaded) {
      await load(number, partition).catch(async (err: unknown) => {
        log.error({ err, partition: number }, "readers not loaded yet");
        await new Promise((resolve) => setTimeout(resolve, floorLimits.loadRetryMs));
      });
    }
  };

  const leave = async (number: number) => {
    const partition = partitions.get(number);
    if (partition === undefined) return;
    const floors = [...partition.sites.values()];
    const all = floors.flatMap(({ readers }) => [...readers.values()]);
    await Promise.all(
      all.map(async (life) => {
        await life.stop();
        life.drain();
      }),
    );
    await keeper.settled(
      all.map(({ kept }) => kept),
      floorLimits.settleTimeoutMs,
    );
    await Promise.all(floors.map(({ outbox }) => outbox.stop()));
    if (partitions.get(number) === partition) partitions.delete(number);
  };

  const leaveAll = async () => {
    await Promise.all([...partitions.keys()].map(leave));
  };

  const ticker = setInterval(() => {
    for (const life of lives()) life.tick();
    for (const floor of siteFloors()) if (floor.dirty.size > 0) show(floor, [...floor.dirty]);
  }, floorLimits.tickMs);
  ticker.unref();

  return {
    take,
    leave,
    owns: (site) => partitions.has(partitionOf(site)),
    isLoaded: () => partitions.size > 0 && [...partitions.values()].every(({ loaded }) => loaded),
    list: (site) => {
      const { epoch, sites } = loadedPartition(site);
      const floor = sites.get(site);
      if (floor === undefined) return { epoch, pos: 0, readers: [] };
      return {
        ...floor.view.position(),
        readers: [...floor.readers.values()].map((life) => viewIn(floor, life)),
      };
    },
    find: (site, id) => {
      const floor = loadedPartition(site).sites.get(site);
      const life = floor?.readers.get(id);
      return floor === undefined || life === undefined ? undefined : viewIn(floor, life);
    },
    create: async (site, reader) => {
      const settings = checkSettings(settingsOf(reader));
      const floor = openSite(site);
      return inTurn(floor, async () => {
        const there = floor.readers.get(reader.id);
        if (there !== undefined) {
          if (sameSettings(there.settings(), settings)) return viewIn(floor, there);
          throw new Fault("reader_exists", reader.id);
        }
        if (floor.readers.size >= floorLimits.readersPerSiteMax)
          throw new Fault("reader.settings", `a site has at most ${floorLimits.readersPerSiteMax} readers`);
        const stored =
          (await insertReader(sql, site, reader.id, settings)) ?? (await findReader(sql, site, reader.id));
        if (stored === undefined) throw new Fault("unavailable", reader.id);
        const life = addReader(floor, stored);
        show(floor, [reader.id]);
        if (!sameSettings(life.settings(), settings)) throw new Fault("reader_exists", reader.id);
        return viewIn(floor, life);
      });
    },
    patch: async (site, id, patch) => {
      const floor = knownSite(site, id);
      return inTurn(floor, async () => {
        const life = known(floor, id);
        const settings = checkSettings(patched(life.settings(), patch));
        await updateSettings(sql, life.kept.number, settings);
        await life.apply(settings);
        show(floor, [id]);
        return viewIn(floor, life);
      });
    },
    remove: async (site, id) => {
      const floor = loadedPartition(site).sites.get(site);
      if (floor === undefined) return false;
      return inTurn(floor, async () => {
        const life = floor.readers.get(id);
        if (life === undefined) return false;
        await life.stop();
        life.drain();
        if (!(await keeper.settled([life.kept], floorLimits.settleTimeoutMs)))
          throw new Fault("store.unreachable", "observations of the reader are not kept yet");
        await markDeleted(sql, life.kept.number);
        floor.readers.delete(id);
        show(floor, [id]);
        await removeFinished(sql, partitionOf(site));
        return true;
      });
    },
    act: async (site, id, act) => {
      const floor = knownSite(site, id);
      return inTurn(floor, async () => {
        const life = known(floor, id);
        await updateEnabled(sql, life.kept.number, act === "start");
        if (act === "stop") await life.stop();
        else if (life.phase() === "backoff") await life.apply(life.settings());
        else life.start();
        return viewIn(floor, life);
      });
    },
    all: () =>
      [...siteFloors()].flatMap((floor) =>
        [...floor.readers.values()].map((life) => ({
          site: floor.site,
          reader: viewIn(floor, life),
          connections: life.connections(),
        })),
      ),
    leaveAll,
    stop: async () => {
      await leaveAll();
      clearInterval(ticker);
      await takenDesk.stop();
      await keeper.close();
    },
  };
};
