import {
  type ClassRow,
  type DashboardTotals,
  dashboardKey,
  type Item,
  type LiveRow,
} from "@tagwire/messages";
import type { Happening } from "./happening.ts";
import { addCounts, everyStatus, groupCounts, type StatusCounts } from "./status-counts.ts";

/** How many items of a site there are; a part of it when only some classes were read. */
export type Counts = {
  readonly statuses: StatusCounts;
  readonly quarantined: number;
  readonly classes: ReadonlyMap<string, StatusCounts>;
};

export const noCounts: Counts = { statuses: {}, quarantined: 0, classes: new Map() };

/** Most scans only say where a thing is: those move no count. */
const isMove = ({ before, after }: Happening): boolean =>
  before !== after && (before?.class !== after?.class || before?.status !== after?.status);

export const isCounted = (happening: Happening): boolean => happening.waiting !== 0 || isMove(happening);

const itemsOf = ({ before, after }: Happening): Item[] =>
  [before, after].filter((item) => item !== undefined);

/** The classes whose counts change. */
export const countedClasses = (happenings: readonly Happening[]): Set<string> =>
  new Set(happenings.filter(isMove).flatMap((happening) => itemsOf(happening).map((item) => item.class)));

/** The counts afterwards: of classes exactly those that something was moved in. */
export const foldCounts = (known: Counts, happenings: readonly Happening[]): Counts => {
  const classes = new Map<string, StatusCounts>();
  let { statuses, quarantined } = known;
  const count = (item: Item | undefined, by: 1 | -1) => {
    if (item === undefined) return;
    const change = { [item.status]: by };
    const before = classes.get(item.class) ?? known.classes.get(item.class) ?? {};
    classes.set(item.class, addCounts(before, change));
    statuses = addCounts(statuses, change);
  };
  for (const happening of happenings) {
    quarantined += happening.waiting;
    if (!isMove(happening)) continue;
    count(happening.before, -1);
    count(happening.after, 1);
  }
  return { statuses, quarantined, classes };
};

export const totalsOf = ({ statuses, quarantined }: Counts): DashboardTotals => ({
  ...groupCounts(statuses),
  quarantined,
});

export const classRow = (name: string, counts: StatusCounts): ClassRow => ({
  class: name,
  ...groupCounts(counts),
});

/** The keyed rows of the live dashboard for these counts, all as of `version`. */
export const countRows = (counts: Counts, version: number): LiveRow[] => [
  { key: dashboardKey.totals, version, ...totalsOf(counts) },
  { key: dashboardKey.statuses, version, ...everyStatus(counts.statuses) },
  ...[...counts.classes].map(([name, own]) => ({
    key: dashboardKey.class(name),
    version,
    ...classRow(name, own),
  })),
];
