import type { ClassUsage, DayWindow, Usage } from "@tagwire/messages";
import { type Classes, classAbout } from "./class-book.ts";
import { addCounts, groupCounts, type StatusCounts } from "./status-counts.ts";

/** What a class has that is available now. */
export type Availability = {
  readonly available: number;
  readonly idle: number;
  readonly idleSince: string | null;
};
export const nothingAvailable: Availability = { available: 0, idle: 0, idleSince: null };

/** What is known of a class over a window: its item-days by status, and what is available now. */
export type ClassDays = { readonly days: StatusCounts; readonly now: Availability };

const dayMs = 86_400_000;

/** How many days a window has; not positive when it ends before it begins. */
export const daysIn = ({ from, to }: DayWindow): number =>
  (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs + 1;

const older = (left: string | null, right: string | null): string | null => {
  if (left === null || right === null) return left ?? right;
  return left < right ? left : right;
};

const addDays = (left: ClassDays, right: ClassDays): ClassDays => ({
  days: addCounts(left.days, right.days),
  now: {
    available: left.now.available + right.now.available,
    idle: left.now.idle + right.now.idle,
    idleSince: older(left.now.idleSince, right.now.idleSince),
  },
});

/** What people see of it. */
export const usageOf = ({ days, now }: ClassDays): Usage => {
  const { total, ended, out, ready, available, staged, provisioned, inService, missing } = groupCounts(days);
  const itemDays = total - ended;
  return {
    itemDays,
    outDays: out,
    readyDays: ready,
    availableDays: available,
    stagedDays: staged,
    provisionedDays: provisioned,
    inServiceDays: inService,
    missingDays: missing,
    utilisation: itemDays === 0 ? null : out / itemDays,
    ...now,
  };
};

export const totalUsage = (all: Iterable<ClassDays>): Usage =>
  usageOf([...all].reduce(addDays, { days: {}, now: nothingAvailable }));

/** A row for each class, in the order of their names. */
export const usageRows = (byClass: ReadonlyMap<string, ClassDays>, classes: Classes): ClassUsage[] =>
  [...byClass]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, days]) => {
      const described = classes.get(name);
      const about = described === undefined ? {} : classAbout(described);
      return { class: name, ...usageOf(days), ...about };
    });
