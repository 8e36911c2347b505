import type { ClassRow, Dashboard, LiveRow, Position } from "@tagwire/messages";
import { aboutRows, type Classes, classAbout } from "./class-book.ts";
import { type Counts, classRow, countRows, totalsOf } from "./counts.ts";
import { lagOf, lagRow } from "./lag.ts";
import { type Minutes, minuteRow, minuteRows } from "./minute.ts";
import { everyStatus, type StatusCounts } from "./status-counts.ts";

/** What the dashboard of a site is made of. */
export type Figures = {
  readonly counts: Counts;
  readonly classes: Classes;
  readonly minutes: Minutes;
  /** Those of them that the lag is of. */
  readonly recent: Minutes;
};

const byText = (left: string, right: string): number => (left < right ? -1 : 1);

/** All keyed rows of the live dashboard, as of `version`. */
export const dashboardRows = ({ counts, classes, minutes, recent }: Figures, version: number): LiveRow[] => [
  ...countRows(counts, version),
  ...aboutRows(classes, version),
  lagRow(recent, version),
  ...minuteRows(minutes, version),
];

/** Every class that has items or a description, with both. */
export const classRows = (counts: ReadonlyMap<string, StatusCounts>, classes: Classes): ClassRow[] => {
  const counted = [...counts].filter(([, own]) => Object.keys(own).length > 0).map(([name]) => name);
  return [...new Set([...counted, ...classes.keys()])].sort(byText).map((name) => {
    const described = classes.get(name);
    return {
      ...classRow(name, counts.get(name) ?? {}),
      ...(described === undefined ? {} : classAbout(described)),
    };
  });
};

/** The whole dashboard for people who ask. */
export const dashboardOf = (
  { counts, classes, minutes, recent }: Figures,
  at: Position & { readonly site: string; readonly asOf: string },
): Dashboard => ({
  ...at,
  totals: totalsOf(counts),
  statuses: everyStatus(counts.statuses),
  classes: classRows(counts.classes, classes),
  minutes: [...minutes]
    .sort(([left], [right]) => byText(left, right))
    .map(([start, minute]) => minuteRow(start, minute)),
  lag: lagOf(recent.values()),
});
