import { Fault, partitionOf, type Reader, type SiteId } from "@tagwire/messages";
import { pendingOf } from "../actors/ledger.ts";
import { defaultWindowsMax } from "../actors/smoothing.ts";
import { createKeeper, type Keeper } from "../spool/keeper.ts";
import { openTakenDesk } from "../spool/taken-desk.ts";
import { type TakenUp, takeUpHoldings } from "../store/holdings.ts";
import { findPushed } from "../store/pushed-events.ts";
import { findOfPartition, findSitesWithObservations, removeFinished } from "../store/readers.ts";
import { findSitesWithNotes } from "../store/settings-notes.ts";
import { findStationsOfPartition } from "../store/stations.ts";
import { findWhereabouts, forgetWhereabouts, whereaboutsForgottenEveryMs } from "../store/whereabouts.ts";
import { createPastKeeper } from "./past-keeper.ts";
import { createSiteFloor, type SiteFloor, type SiteFloorOptions } from "./site-floor.ts";

export const floorLimits = {
  /** Observations that may wait in Postgres for operations, in the whole process. Beyond it windows keep what they hold. */
  pendingMax: 2_000_000,
  /** How often windows are looked at, counters shown and the rate computed, in ms. */
  tickMs: 1_000,
  loadRetryMs: 1_000,
} as const;

export type FloorOptions = SiteFloorOptions & {
  /** How often the past of readers is kept that has changed, in ms. */
  readonly pastEveryMs?: number;
};

export type ShownReader = {
  readonly site: SiteId;
  readonly reader: Reader;
  readonly connections: number;
  readonly reconnects: number;
};

export type Floor = {
  /** Takes charge of a partition's readers: loads them and starts those that are enabled. */
  readonly take: (partition: number, epoch: number) => Promise<void>;
  /** Stops everything of a partition, and resolves when nothing of it runs any more. */
  readonly leave: (partition: number) => Promise<void>;
  /** Whether questions about the site are ours to answer: not any more once its partition is left. */
  readonly owns: (site: SiteId) => boolean;
  /** Whether there are partitions here, and the readers of all of them run. */
  readonly isLoaded: () => boolean;
  readonly list: (site: SiteId) => ReturnType<SiteFloor["list"]>;
  /**
   * A site with readers; undefined when it has none.
   *
   * @throws Fault `unavailable` when the site is not ours, not loaded yet, or being left.
   */
  readonly findSite: (site: SiteId) => SiteFloor | undefined;
  /** A site, made when it is not there: for its first reader. Throws as `findSite` does. */
  readonly openSite: (site: SiteId) => SiteFloor;
  readonly all: () => readonly ShownReader[];
  /** Leaves everything, all partitions at once. */
  readonly leaveAll: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Partition = {
  readonly epoch: number;
  /** Sites are opened only while it is open: one that leaves must not gain what nobody would stop. */
  phase: "loading" | "open" | "leaving";
  readonly sites: Map<SiteId, SiteFloor>;
  left?: Promise<void>;
};

/** All readers that run in this process, by partition and site, and the spool they share. */
export const openFloor = (options: FloorOptions): Floor => {
  const { bus, sql, log, windowsMax = defaultWindowsMax } = options;
  const partitions = new Map<number, Partition>();
  const sitesHere = function* (): Generator<SiteFloor> {
    for (const { sites } of partitions.values()) yield* sites.values();
  };
  const here = (site: SiteId): SiteFloor | undefined => partitions.get(partitionOf(site))?.sites.get(site);

  const keeper: Keeper = createKeeper({
    sql,
    log,
    shelf: options.tallies?.shelf,
    kept: (site, observations) => here(site)?.outbox.offer(observations),
    keptUnseen: (site) => here(site)?.outbox.lookBehind(),
    changed: ({ site, id }) => here(site)?.counted(id),
  });

  const room = (): number => {
    let pending = 0;
    for (const { lives } of sitesHere()) for (const { kept } of lives()) pending += pendingOf(kept.ledger);
    return Math.max(0, Math.min(keeper.room(), floorLimits.pendingMax - pending));
  };

  const uncertain = new Set<SiteId>();
  const takenDesk = openTakenDesk({
    bus,
    sql,
    log,
    isOurs: (site) => here(site) !== undefined,
    uncertain: (site) => void uncertain.add(site),
    removed: async (site, ids, ledgers) => {
      const floor = here(site);
      const allKnown = floor?.learn(ledgers) ?? true;
      if (uncertain.delete(site)) await floor?.recount();
      // Last, so that a failure before it makes operations confirm, and this be done, once more.
      floor?.outbox.confirm(ids);
      if (!allKnown) await removeFinished(sql, partitionOf(site));
    },
  });

  const loaded = (site: SiteId): Partition => {
    const partition = partitions.get(partitionOf(site));
    if (partition?.phase !== "open") throw new Fault("unavailable", `readers of ${site}`);
    return partition;
  };
  const openIn = (partition: Partition, site: SiteId): SiteFloor => {
    const floor =
      partition.sites.get(site) ?? createSiteFloor(options, { site, epoch: partition.epoch, keeper, room });
    partition.sites.set(site, floor);
    return floor;
  };

  /** What went with processes that were killed: of what they held, and of what they had only just taken. */
  const wentWith = (reader: number, takenUp: ReadonlyMap<number, TakenUp>): TakenUp => {
    const { lost = 0, passing = [] } = takenUp.get(reader) ?? {};
    const untold = options.tallies?.lost.get(reader) ?? 0;
    options.tallies?.lost.delete(reader);
    return { lost: lost + untold, passing, isAll: options.tallies !== undefined };
  };

  const load = async (number: number, partition: Partition) => {
    const stations = await findStationsOfPartition(sql, number);
    const untold = await findSitesWithNotes(sql, number);
    const unsent = await findSitesWithObservations(sql, number);
    await removeFinished(sql, number);
    const takenUp = await takeUpHoldings(sql, { partition: number, keeper: keeper.name }, keeper.isWaiting);
    const stored = await findOfPartition(sql, number);
    const pushed = await findPushed(sql, number);
    const whereabouts = await findWhereabouts(sql, number, windowsMax);
    if (partition.phase !== "loading") return;
    partition.phase = "open";
    for (const site of unsent) openIn(partition, site);
    for (const { site, station } of stations) openIn(partition, site).addStation(station);
    for (const reader of stored)
      openIn(partition, reader.site).add(reader, {
        ...wentWith(reader.number, takenUp),
        pushed: pushed.get(reader.number) ?? [],
        whereabouts: whereabouts.get(reader.number) ?? [],
      });
    for (const site of untold) openIn(partition, site).tellSettings();
  };

  const take = async (number: number, epoch: number) => {
    const partition: Partition = { epoch, phase: "loading", sites: new Map() };
    partitions.set(number, partition);
    while (partition.phase === "loading") {
      await load(number, partition).catch(async (err: unknown) => {
        log.error({ err, partition: number }, "readers not loaded yet");
        await new Promise((resolve) => setTimeout(resolve, floorLimits.loadRetryMs));
      });
    }
  };
  const pastKeeper = createPastKeeper({
    sql,
    log,
    ...(options.pastEveryMs === undefined ? {} : { everyMs: options.pastEveryMs }),
    lives: () => [...sitesHere()].flatMap((floor) => floor.lives()),
  });
  const empty = async (number: number, partition: Partition) => {
    // Before anything is waited for: from here on no site is opened, so those that are there now are all there are.
    partition.phase = "leaving";
    await Promise.all([...partition.sites.values()].map((floor) => floor.leave()));
    await pastKeeper.keepLast([...partition.sites.values()].flatMap((floor) => floor.lives()));
    if (partitions.get(number) === partition) partitions.delete(number);
  };
  const leave = async (number: number) => {
    const partition = partitions.get(number);
    if (partition === undefined) return;
    partition.left ??= empty(number, partition);
    await partition.left;
  };
  const leaveAll = async () => {
    await Promise.all([...partitions.keys()].map(leave));
  };

  const ticker = setInterval(() => {
    for (const floor of sitesHere()) floor.tick();
  }, floorLimits.tickMs);
  ticker.unref();

  const forgetting = setInterval(() => {
    forgetWhereabouts(sql, windowsMax).catch((err: unknown) => {
      log.warn({ err }, "old whereabouts of tags are not forgotten yet");
    });
  }, whereaboutsForgottenEveryMs);
  forgetting.unref();

  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    await leaveAll();
    clearInterval(ticker);
    clearInterval(forgetting);
    pastKeeper.stop();
    await keeper.close();
    await takenDesk.stop();
  };

  return {
    take,
    leave,
    owns: (site) => {
      const partition = partitions.get(partitionOf(site));
      return partition !== undefined && partition.phase !== "leaving";
    },
    isLoaded: () => partitions.size > 0 && [...partitions.values()].every(({ phase }) => phase !== "loading"),
    list: (site) => {
      const { epoch, sites } = loaded(site);
      return sites.get(site)?.list() ?? { epoch, pos: 0, readers: [] };
    },
    findSite: (site) => loaded(site).sites.get(site),
    openSite: (site) => openIn(loaded(site), site),
    all: () =>
      [...sitesHere()].flatMap((floor) =>
        floor.lives().flatMap((life) => {
          const reader = floor.find(life.kept.id);
          const begun = { connections: life.connections(), reconnects: life.reconnects() };
          return reader === undefined ? [] : [{ site: floor.site, reader, ...begun }];
        }),
      ),
    leaveAll,
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
  };
};
