import type { Transaction } from "@tagwire/actor";
import {
  boardDaysDefault,
  type Day,
  idleDaysDefault,
  idleMinutesDefault,
  lagDistribution,
  lagMinutesDefault,
  prefetchDaysDefault,
  type StaleParams,
  throughputCountDefault,
  utilisationDaysDefault,
  type WatchedBoard,
  type WatchedBoards,
  type WatchedScans,
  type WatchedWorker,
  type WorkerKind,
} from "@tagwire/messages";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { lagsIn } from "../actors/lag.ts";
import { minuteOf } from "../actors/minute.ts";
import { type DeviceDay, worthOf } from "../actors/prefetch-worth.ts";
import { addTallies, hourOf, keptAt, noTally } from "../actors/throughput.ts";
import { nothingAvailable, totalUsage, usageRows } from "../actors/usage.ts";
import { idleBeforeOf } from "../answers/utilisation.ts";
import { readClasses } from "../store/classes.ts";
import { countContracts } from "../store/contract-board.ts";
import { countFlagged } from "../store/flagged-scans.ts";
import { readMinutes } from "../store/minutes.ts";
import { countQueues } from "../store/service-queues.ts";
import { countSessions } from "../store/session-board.ts";
import { findSites, timeZoneDefault } from "../store/sites.ts";
import { countStale } from "../store/stale.ts";
import { readWorkers } from "../store/throughput.ts";
import { readAvailability, readItemDays } from "../store/usage.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What devices held and scanned on some days: kept beside the alerts, since the projection can be made again and this cannot. */
export type PrefetchDays = (days: { readonly from: Day; readonly to: Day }) => Promise<readonly DeviceDay[]>;

export type Place = {
  readonly transaction: Transaction;
  readonly site: string;
  readonly nowMs: number;
  /** What says which items are stale: the site's own rule, which is no part of the projection. */
  readonly staleLimits: StaleParams;
  readonly prefetchDays: PrefetchDays;
};
/** What the projection knows of each board. How long screens take is not known there. */
type Known = Omit<WatchedBoards, "lag"> & { readonly lag: Omit<WatchedBoards["lag"], "recordToScreen"> };
type Reads = { readonly [B in WatchedBoard]: (place: Place) => Promise<Known[B]> };

const todayAt = async ({ transaction, site, nowMs }: Place) =>
  calendarOf((await findSites(transaction, [site])).get(site)?.timeZone ?? timeZoneDefault)(nowMs);

const readUsage = async (place: Place): Promise<WatchedBoards["utilisation"]> => {
  const { transaction, site, nowMs } = place;
  const to = await todayAt(place);
  const from = daysAfter(to, 1 - utilisationDaysDefault);
  const classes = await readClasses(transaction, site);
  const days = await readItemDays(transaction, site, { from, to });
  const availability = await readAvailability(transaction, site, idleBeforeOf(idleDaysDefault, nowMs));
  const byClass = new Map(
    [...new Set([...days.keys(), ...availability.keys()])].map((name) => [
      name,
      { days: days.get(name) ?? {}, now: availability.get(name) ?? nothingAvailable },
    ]),
  );
  return { totals: totalUsage(byClass.values()), rows: usageRows(byClass, classes) };
};

const addScans = (left: WatchedScans, right: WatchedScans): WatchedScans => ({
  lastHour: addTallies(left.lastHour, right.lastHour),
  lastDay: addTallies(left.lastDay, right.lastDay),
});

const totalOf = (rows: readonly WatchedWorker[], kind: WorkerKind): WatchedScans =>
  rows
    .filter((row) => row.kind === kind)
    .reduce<WatchedScans>(addScans, { lastHour: noTally, lastDay: noTally });

const readThroughput = async (place: Place): Promise<WatchedBoards["throughput"]> => {
  const { transaction, site, nowMs } = place;
  const rows = await readWorkers(transaction, site, {
    hour: hourOf(nowMs - hourMs),
    since: hourOf(nowMs - (throughputCountDefault.hour - 1) * hourMs),
    kept: keptAt(nowMs, await todayAt(place)),
  });
  const totals = {
    person: totalOf(rows, "person"),
    device: totalOf(rows, "device"),
    reader: totalOf(rows, "reader"),
  };
  return { totals, rows };
};

const readStale = async (place: Place): Promise<WatchedBoards["stale"]> => {
  const { transaction, site, nowMs, staleLimits: params } = place;
  const counts = await countStale(transaction, { site, params, nowMs });
  const limits = counts.map(({ name, days, items }) => ({ name, days, items }));
  const rest = limits.find(({ name }) => name === "");
  return {
    items: limits.reduce((sum, { items }) => sum + items, 0),
    rest: { days: params.days, items: rest?.items ?? 0 },
    limits: limits.filter(({ name }) => name !== ""),
  };
};

const readPrefetch = async (place: Place): Promise<WatchedBoards["prefetch"]> => {
  const to = await todayAt(place);
  const days = await place.prefetchDays({ from: daysAfter(to, 1 - prefetchDaysDefault), to });
  const { arms, sources, uplift } = worthOf(days);
  return { arms, sources, uplift: uplift ?? {} };
};

const reads: Reads = {
  contracts: async (place) => {
    const { transaction, site } = place;
    const today = await todayAt(place);
    return { counts: await countContracts(transaction, site, { today, days: boardDaysDefault }) };
  },
  sessions: async ({ transaction, site, nowMs }) => {
    const idleBefore = new Date(nowMs - idleMinutesDefault * minuteMs).toISOString();
    return { counts: await countSessions(transaction, site, idleBefore) };
  },
  queues: async ({ transaction, site, nowMs }) => {
    const classes = await readClasses(transaction, site);
    return { counts: await countQueues(transaction, site, { classes, nowMs }) };
  },
  utilisation: readUsage,
  lag: async ({ transaction, site, nowMs }) => {
    const from = minuteOf(nowMs - (lagMinutesDefault - 1) * minuteMs);
    const minutes = await readMinutes(transaction, site, Date.parse(from));
    return { deviceToRecord: lagDistribution(lagsIn(minutes.values())) };
  },
  throughput: readThroughput,
  stale: readStale,
  prefetch: readPrefetch,
  flagged: ({ transaction, site, nowMs }) =>
    countFlagged(transaction, site, {
      hour: new Date(nowMs - hourMs).toISOString(),
      day: new Date(nowMs - dayMs).toISOString(),
    }),
};

/** The figures of one board, as it answers when nothing is asked for in particular. */
export const readBoard = async (place: Place, board: WatchedBoard): Promise<Partial<Known>> => ({
  [board]: await reads[board](place),
});
