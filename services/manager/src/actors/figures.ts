import type { Dashboard, Lag, LiveRow, Position } from "@tagwire/messages";
import { type Counts, classRow, countRows, totalsOf } from "./counts.ts";
import { type Minutes, minuteRow, minuteRows } from "./minute.ts";
import { everyStatus } from "./status-counts.ts";

/** What the dashboard of a site is made of. */
export type Figures = { readonly counts: Counts; readonly minutes: Minutes; readonly lag: Lag };

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1;

/** All keyed rows of the live dashboard, as of `version`. */
export const dashboardRows = ({ counts, minutes, lag }: Figures, version: number): LiveRow[] => [
  ...countRows(counts, version),
  ...minuteRows(minutes, lag, version),
];

/** The whole dashboard for people who ask. */
export const dashboardOf = (
  { counts, minutes, lag }: Figures,
  at: Position & { readonly site: string; readonly asOf: string },
): Dashboard => ({
  ...at,
  totals: totalsOf(counts),
  statuses: everyStatus(counts.statuses),
  classes: [...counts.classes]
    .filter(([, own]) => Object.keys(own).length > 0)
    .sort(byName)
    .map(([name, own]) => classRow(name, own)),
  minutes: [...minutes].sort(byName).map(([start, minute]) => minuteRow(start, minute)),
  lag,
});
