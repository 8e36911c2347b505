import type { ClassDay } from "./class-days.ts";
import type { Day } from "./contract-board.ts";
import { type StatusGroup, statusGroups } from "./status-groups.ts";
import type { Usage } from "./utilisation.ts";

/** Both ends are days of the site, and count. */
export type DayWindow = { readonly from: Day; readonly to: Day };
export type ItemDays = Pick<Usage, "itemDays" | "outDays" | "readyDays" | "inServiceDays" | "missingDays">;

const dayMs = 86_400_000;
const noDays: ItemDays = { itemDays: 0, outDays: 0, readyDays: 0, inServiceDays: 0, missingDays: 0 };

const daysBetween = (from: Day, to: Day): number =>
  (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs;

const inGroup = ({ statuses }: Pick<ClassDay, "statuses">, group: StatusGroup): number =>
  statusGroups[group].reduce((sum, status) => sum + (statuses[status] ?? 0), 0);

const addDays = (sum: ItemDays, row: ClassDay, days: number): ItemDays => {
  const out = days * inGroup(row, "out");
  const ready = days * inGroup(row, "ready");
  const inService = days * inGroup(row, "inService");
  const missing = days * inGroup(row, "missing");
  return {
    itemDays: sum.itemDays + out + ready + inService + missing,
    outDays: sum.outDays + out,
    readyDays: sum.readyDays + ready,
    inServiceDays: sum.inServiceDays + inService,
    missingDays: sum.missingDays + missing,
  };
};

/**
 * The item-days of each class within a window, from the rows of the live view. Pure, for whoever shows them: so nothing has to be said
 * at midnight, when the window moves on.
 */
export const itemDaysOf = (
  rows: Iterable<ClassDay>,
  { from, to }: DayWindow,
): ReadonlyMap<string, ItemDays> => {
  const byClass = Map.groupBy(rows, (row) => row.class);
  return new Map(
    [...byClass].map(([name, own]) => {
      const inOrder = own.filter(({ day }) => day <= to).sort((one, other) => (one.day < other.day ? -1 : 1));
      const days = inOrder.reduce((sum, row, index) => {
        const next = inOrder[index + 1]?.day;
        const begins = row.day < from ? from : row.day;
        const held = next === undefined ? daysBetween(begins, to) + 1 : daysBetween(begins, next);
        return held > 0 ? addDays(sum, row, held) : sum;
      }, noDays);
      return [name, days];
    }),
  );
};
