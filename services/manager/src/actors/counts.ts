import {
  type ClassDay,
  type ClassRow,
  classDayKey,
  type DashboardTotals,
  type Day,
  dashboardKey,
  type ItemStatus,
  type LiveRow,
} from "@tagwire/messages";
import type { Happening } from "./happening.ts";
import type { PlacedChange } from "./live-messages.ts";
import { addCounts, everyStatus, groupCounts, type StatusCounts } from "./status-counts.ts";

/** How many items of a site there are; a part of it when only some classes were read. */
export type Counts = {
  readonly statuses: StatusCounts;
  readonly quarantined: number;
  readonly classes: ReadonlyMap<string, StatusCounts>;
  /** The newest day on which any of it changed; null before the first. */
  readonly day: Day | null;
};

export const noCounts: Counts = { statuses: {}, quarantined: 0, classes: new Map(), day: null };

/** Where an item is counted. */
export type Counted = { readonly class: string; readonly status: ItemStatus };

/** An item was counted elsewhere from here on. Days never go back, whatever a clock did, so that they cut the log into runs. */
export type StockMove = {
  readonly pos: number;
  readonly at: string;
  readonly day: Day;
  readonly from: Counted | undefined;
  readonly to: Counted | undefined;
};

/** The counts of a class after the last move of a day. */
export type ClassClosing = Readonly<ClassDay>;

/** How many scans wait in quarantine from here on; its days are those of the moves. */
export type HeldStep = Pick<StockMove, "pos" | "at" | "day"> & { readonly quarantined: number };

export type CountsTurned = Counts & {
  readonly held: readonly HeldStep[];
  readonly moves: readonly StockMove[];
  readonly closings: readonly ClassClosing[];
};

/** Most scans only say where a thing is: those move no count. */
const isMove = ({ before, after }: Happening): boolean =>
  before !== after && (before?.class !== after?.class || before?.status !== after?.status);

export const isCounted = (happening: Happening): boolean => happening.waiting !== 0 || isMove(happening);

const placesOf = ({ before, after }: Happening): Counted[] =>
  [before, after].filter((item) => item !== undefined);

/** The classes whose counts change. */
export const countedClasses = (happenings: readonly Happening[]): Set<string> =>
  new Set(happenings.filter(isMove).flatMap((happening) => placesOf(happening).map((item) => item.class)));

const moveOf = ({ event, before, after }: Happening, day: Day): StockMove => ({
  pos: event.pos,
  at: event.recordedAt,
  day,
  from: before === undefined ? undefined : { class: before.class, status: before.status },
  to: after === undefined ? undefined : { class: after.class, status: after.status },
});

/** Counts a move into the classes that it concerns, and gives their names. */
export const countMove = (
  classes: Map<string, StatusCounts>,
  known: ReadonlyMap<string, StatusCounts>,
  { from, to }: Pick<StockMove, "from" | "to">,
): Set<string> => {
  const count = (where: Counted, by: 1 | -1) => {
    const before = classes.get(where.class) ?? known.get(where.class) ?? {};
    classes.set(where.class, addCounts(before, { [where.status]: by }));
  };
  if (from !== undefined) count(from, -1);
  if (to !== undefined) count(to, 1);
  return new Set([from, to].flatMap((where) => where?.class ?? []));
};

/** The counts afterwards, of classes exactly those that something was moved in, and how it came to them. */
export const foldCounts = (
  known: Counts,
  happenings: readonly Happening[],
  dayOf: (instant: string) => Day,
): CountsTurned => {
  const classes = new Map<string, StatusCounts>();
  const closings = new Map<string, ClassClosing>();
  const moves: StockMove[] = [];
  const held: HeldStep[] = [];
  let { statuses, quarantined, day } = known;
  for (const happening of happenings) {
    const { pos, recordedAt } = happening.event;
    const own = dayOf(recordedAt);
    day = day === null || own > day ? own : day;
    quarantined += happening.waiting;
    if (happening.waiting !== 0) held.push({ pos, at: recordedAt, day, quarantined });
    if (!isMove(happening)) continue;
    const move = moveOf(happening, day);
    moves.push(move);
    if (move.from !== undefined) statuses = addCounts(statuses, { [move.from.status]: -1 });
    if (move.to !== undefined) statuses = addCounts(statuses, { [move.to.status]: 1 });
    for (const name of countMove(classes, known.classes, move))
      closings.set(`${day} ${name}`, { day, class: name, statuses: classes.get(name) ?? {}, pos: move.pos });
  }
  return { statuses, quarantined, classes, day, moves, held, closings: [...closings.values()] };
};

export const totalsOf = ({ statuses, quarantined }: Counts): DashboardTotals => ({
  ...groupCounts(statuses),
  quarantined,
});

export const classRow = (name: string, counts: StatusCounts): ClassRow => ({
  class: name,
  ...groupCounts(counts),
});

/** What the view of utilisation is told of how a day of a class stands. */
export const classDayChange = (closing: ClassClosing): PlacedChange => {
  const { pos } = closing;
  return { pos, change: { key: classDayKey(closing), version: pos, put: closing } };
};

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
