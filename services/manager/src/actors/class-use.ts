import type { ClassDay, Day } from "@tagwire/messages";
import type { Counted } from "./counts.ts";
import { daysAfter } from "./day.ts";
import type { Happening } from "./happening.ts";
import { addCounts } from "./status-counts.ts";

/** How far back a fact that comes late moves the days of its class, in days: no window of utilisation that ends today is longer. */
export const lateDaysMax = 366;

/** Days of classes by class, the earliest first: those that are to change, and the one before. */
export type ClassUse = ReadonlyMap<string, readonly ClassDay[]>;

/** An item counts elsewhere from a day on. */
type Move = { readonly pos: number; readonly day: Day; readonly from?: Counted; readonly to?: Counted };

export const concernsUse = ({ movedAt }: Happening): boolean => movedAt !== undefined;

const movesOf = (happenings: readonly Happening[], dayOf: (instant: string) => Day): Move[] =>
  happenings.flatMap(({ event, before, after, movedAt }) => {
    if (movedAt === undefined) return [];
    const oldest = daysAfter(dayOf(event.recordedAt), -lateDaysMax);
    const day = dayOf(movedAt);
    return {
      pos: event.pos,
      day: day < oldest ? oldest : day,
      ...(before === undefined ? {} : { from: { class: before.class, status: before.status } }),
      ...(after === undefined ? {} : { to: { class: after.class, status: after.status } }),
    };
  });

const classesOf = ({ from, to }: Move): string[] => [...new Set([from, to].flatMap((of) => of?.class ?? []))];

/** The classes that some happenings change, and from which day on. */
export const usedFrom = (
  happenings: readonly Happening[],
  dayOf: (instant: string) => Day,
): ReadonlyMap<string, Day> => {
  const first = new Map<string, Day>();
  for (const move of movesOf(happenings, dayOf))
    for (const name of classesOf(move)) {
      const known = first.get(name);
      if (known === undefined || move.day < known) first.set(name, move.day);
    }
  return first;
};

/** A move counts on its day and on all after it, so those that are known are written anew. */
const moveDays = (days: ClassDay[], name: string, { pos, day, from, to }: Move): void => {
  const at = days.findLastIndex((one) => one.day <= day);
  const before = days[at];
  if (before?.day !== day)
    days.splice(at + 1, 0, { class: name, day, statuses: before?.statuses ?? {}, pos });
  for (const [index, one] of days.entries()) {
    if (one.day < day) continue;
    let { statuses } = one;
    if (from?.class === name) statuses = addCounts(statuses, { [from.status]: -1 });
    if (to?.class === name) statuses = addCounts(statuses, { [to.status]: 1 });
    days[index] = { ...one, statuses, pos };
  }
};

/** The days of classes that are others than before, the one before each of them known. */
export const foldUse = (
  known: ClassUse,
  happenings: readonly Happening[],
  dayOf: (instant: string) => Day,
): readonly ClassDay[] => {
  const days = new Map<string, ClassDay[]>();
  for (const move of movesOf(happenings, dayOf))
    for (const name of classesOf(move)) {
      const own = days.get(name) ?? [...(known.get(name) ?? [])];
      days.set(name, own);
      moveDays(own, name, move);
    }
  return [...days].flatMap(([name, own]) => {
    const before = new Set(known.get(name) ?? []);
    return own.filter((one) => !before.has(one));
  });
};
