import {
  type ClassDay,
  type DayWindow,
  type LagDistribution,
  type QueuedItem,
  type ServiceQueue,
  statusGroups,
  type ThroughputRow,
  type WorkerKind,
} from "@tagwire/messages";
import type { ChartData } from "../../chart/chart-data.ts";
import { workWords } from "../../words/statuses.ts";
import { countText, dayText, durationText, minuteText } from "../../words/time.ts";
import { daysAfter } from "./site-time.ts";

/*
 * What the charts of the boards show of the rows of their views. Pure, and given the time.
 */

const hourMs = 3_600_000;
/** How many hours the chart of scans goes back, the present one included. */
export const hoursShown = 24;

/** Whose scans are counted: of everybody of a kind, or of one of them. A scan of a person with a device is one of each kind. */
export type Scanner = { readonly kind: WorkerKind; readonly who?: string };

/** The kinds that scanned within the hours shown, the one with most scans first. */
export const busiestKinds = (rows: readonly ThroughputRow[], nowMs: number): WorkerKind[] => {
  const from = new Date(nowMs - hoursShown * hourMs).toISOString();
  const scans = new Map<WorkerKind, number>();
  for (const row of rows) {
    if (row.span !== "hour" || row.start < from) continue;
    scans.set(row.kind, (scans.get(row.kind) ?? 0) + row.scans);
  }
  return [...scans].sort(([, one], [, other]) => other - one).map(([kind]) => kind);
};

/** Scans hour by hour, oldest first, by how they ended; an hour in which nothing was scanned is one of noughts. */
export const scansByHour = (
  rows: readonly ThroughputRow[],
  { kind, who }: Scanner,
  now: { readonly nowMs: number; readonly timeZone: string },
): ChartData => {
  const newest = Math.floor(now.nowMs / hourMs);
  const starts = Array.from({ length: hoursShown }, (_, index) => (newest - hoursShown + 1 + index) * hourMs);
  const own = Map.groupBy(
    rows.filter((row) => row.span === "hour" && row.kind === kind && (who === undefined || row.who === who)),
    ({ start }) => Date.parse(start),
  );
  const sums = (of: (row: ThroughputRow) => number) =>
    starts.map((start) => (own.get(start) ?? []).reduce((sum, row) => sum + of(row), 0));
  return {
    shape: "stacked",
    points: starts.map((start) => minuteText(start, now.timeZone)),
    series: [
      { word: "accepted", colour: "--ink", values: sums(({ accepted }) => accepted) },
      {
        word: "already applied",
        colour: "--out",
        values: sums(({ alreadyApplied }) => alreadyApplied),
      },
      {
        word: "refused or held",
        colour: "--missing",
        values: sums(({ rejected, quarantined }) => rejected + quarantined),
      },
    ],
    text: countText,
  };
};

type Standing = { readonly out: number; readonly all: number };

const inStock = [
  ...statusGroups.ready,
  ...statusGroups.out,
  ...statusGroups.inService,
  ...statusGroups.missing,
] as const;

const standingOf = ({ statuses }: Pick<ClassDay, "statuses">): Standing => ({
  out: statusGroups.out.reduce((sum, status) => sum + (statuses[status] ?? 0), 0),
  all: inStock.reduce((sum, status) => sum + (statuses[status] ?? 0), 0),
});

/** What share of the stock was on contract at the end of each day of a window. A class on whose day nothing moved stands as the day before. */
export const usedByDay = (rows: readonly ClassDay[], { from, to }: DayWindow): ChartData => {
  const days: string[] = [];
  for (let day = from; day <= to; day = daysAfter(day, 1)) days.push(day);
  const sums = days.map(() => ({ out: 0, all: 0 }));
  for (const own of Map.groupBy(rows, (row) => row.class).values()) {
    const inOrder = own.toSorted((one, other) => (one.day < other.day ? -1 : 1));
    let [next, standing]: [number, Standing] = [0, { out: 0, all: 0 }];
    for (const [index, day] of days.entries()) {
      for (let row = inOrder[next]; row !== undefined && row.day <= day; row = inOrder[next]) {
        standing = standingOf(row);
        next += 1;
      }
      const sum = sums[index];
      if (sum === undefined) continue;
      sum.out += standing.out;
      sum.all += standing.all;
    }
  }
  return {
    shape: "line",
    points: days.map((day) => dayText(day, "UTC").replace(/ \d{4}$/, "")),
    series: [
      {
        word: "of the stock on contract",
        colour: "--accent",
        values: sums.map(({ out, all }) => (all === 0 ? null : out / all)),
      },
    ],
    text: (share) => `${(share * 100).toFixed(1).replace(/\.0$/, "")} %`,
    top: 1,
  };
};

/** The ages by which queues are told apart, in hours, as `queueBandsHours` of the messages; what is older is in one more. */
export const bandsHours = [24, 72, 168, 720] as const;
const bandWords = ["under a day", "1 to 3 days", "3 to 7 days", "7 to 30 days", "over 30 days"] as const;

const queueColours: Readonly<Record<ServiceQueue, string>> = {
  inspect: "--accent",
  repair: "--missing",
  wash: "--out",
  wet: "--ready",
};

const bandOf = (since: string, nowMs: number): number => {
  const hours = (nowMs - Date.parse(since)) / hourMs;
  const band = bandsHours.findIndex((limit) => hours < limit);
  return band < 0 ? bandsHours.length : band;
};

/** For how long things wait in service, by what they wait for. */
export const queueAges = (
  rows: readonly Pick<QueuedItem, "queue" | "since">[],
  queues: readonly ServiceQueue[],
  nowMs: number,
): ChartData => ({
  shape: "stacked",
  points: bandWords,
  series: queues.map((queue) => {
    const values: number[] = bandWords.map(() => 0);
    for (const row of rows) {
      if (row.queue !== queue) continue;
      const band = bandOf(row.since, nowMs);
      values[band] = (values[band] ?? 0) + 1;
    }
    return { word: workWords[queue].toLowerCase(), colour: queueColours[queue], values };
  }),
  text: countText,
});

type Bucket = LagDistribution["buckets"][number];

/** The buckets from the first to the last that holds something: the rest of the scale says nothing. */
const heldRange = (distributions: readonly LagDistribution[]): readonly [from: number, to: number] => {
  const held = distributions.flatMap(({ buckets }) =>
    buckets.flatMap(({ samples }, index) => (samples > 0 ? [index] : [])),
  );
  return held.length === 0 ? [0, 0] : [Math.min(...held), Math.max(...held) + 1];
};

const bucketText = ({ upToMs }: Bucket): string => (upToMs === null ? "longer" : `≤ ${durationText(upToMs)}`);

/** How many scans took how long, on both ways. */
export const lagBuckets = (deviceToRecord: LagDistribution, recordToScreen: LagDistribution): ChartData => {
  const [from, to] = heldRange([deviceToRecord, recordToScreen]);
  const valuesOf = ({ buckets }: LagDistribution) => buckets.slice(from, to).map(({ samples }) => samples);
  return {
    shape: "beside",
    points: deviceToRecord.buckets.slice(from, to).map(bucketText),
    series: [
      { word: "device to record", colour: "--ink", values: valuesOf(deviceToRecord) },
      { word: "record to screen", colour: "--accent", values: valuesOf(recordToScreen) },
    ],
    text: countText,
  };
};
