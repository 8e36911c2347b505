import {
  type ClassRow,
  type Dashboard,
  dashboardKey,
  type Lag,
  type LiveRow,
  type Position,
} from "@tagwire/messages";
import type { SiteChanges } from "./fold-site.ts";
import { addMinutes, emptyMinute, type Minute, minuteRow } from "./minute.ts";
import { addCounts, everyStatus, groupCounts, type StatusCounts } from "./status-counts.ts";

/** What the dashboard of a site is made of; a part of it when only some rows were read. */
export type Figures = {
  readonly statuses: StatusCounts;
  readonly quarantined: number;
  readonly classes: ReadonlyMap<string, StatusCounts>;
  readonly minutes: ReadonlyMap<string, Minute>;
};

export const noFigures: Figures = { statuses: {}, quarantined: 0, classes: new Map(), minutes: new Map() };

const merged = <T>(
  before: ReadonlyMap<string, T>,
  changes: ReadonlyMap<string, T>,
  empty: T,
  add: (left: T, right: T) => T,
): Map<string, T> =>
  new Map([...changes].map(([key, change]) => [key, add(before.get(key) ?? empty, change)]));

/** The figures after some changes: of classes and minutes exactly those that changed. */
export const addChanges = (before: Figures, changes: SiteChanges): Figures => ({
  statuses: [...changes.classes.values()].reduce(addCounts, before.statuses),
  quarantined: before.quarantined + changes.quarantined,
  classes: merged(before.classes, changes.classes, {}, addCounts),
  minutes: merged(before.minutes, changes.minutes, emptyMinute, addMinutes),
});

const totalsOf = ({ statuses, quarantined }: Figures) => ({ ...groupCounts(statuses), quarantined });
const classRow = (name: string, counts: StatusCounts): ClassRow => ({ class: name, ...groupCounts(counts) });

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1;

/** The keyed rows of the live dashboard for these figures, all as of `version`. */
export const dashboardRows = (figures: Figures, lag: Lag, version: number): LiveRow[] => [
  { key: dashboardKey.totals, version, ...totalsOf(figures) },
  { key: dashboardKey.statuses, version, ...everyStatus(figures.statuses) },
  { key: dashboardKey.lag, version, ...lag },
  ...[...figures.classes].map(([name, counts]) => ({
    key: dashboardKey.class(name),
    version,
    ...classRow(name, counts),
  })),
  ...[...figures.minutes].map(([start, minute]) => ({
    key: dashboardKey.minute(start),
    version,
    ...minuteRow(start, minute),
  })),
];

/** The whole dashboard for people who ask. */
export const dashboardOf = (
  figures: Figures,
  lag: Lag,
  at: Position & { readonly site: string; readonly asOf: string },
): Dashboard => ({
  ...at,
  totals: totalsOf(figures),
  statuses: everyStatus(figures.statuses),
  classes: [...figures.classes]
    .filter(([, counts]) => Object.keys(counts).length > 0)
    .sort(byName)
    .map(([name, counts]) => classRow(name, counts)),
  minutes: [...figures.minutes].sort(byName).map(([start, minute]) => minuteRow(start, minute)),
  lag,
});
