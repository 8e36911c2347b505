import { type Item, type ItemStatus, statusGroups } from "@tagwire/messages";

/** Since when an item is what it is, as instants of the floor: those of the facts that led there. Undefined: as it was before. */
export type ItemTimes = {
  /** Since when it is in its status. */
  readonly statusAt: string | undefined;
  /** Since when it is not on contract, or when it was commissioned; of what is out, since when it had not been before it went. */
  readonly freeAt: string | undefined;
};

const out: ReadonlySet<ItemStatus> = new Set(statusGroups.out);
const isOut = ({ status }: Pick<Item, "status">): boolean => out.has(status);

export const unchangedTimes: ItemTimes = { statusAt: undefined, freeAt: undefined };

/** The times after an event, so far as they are not those from before the run. `factAt` gives the instant of the fact that it states. */
export const timesAfter = (
  { before, after, times }: { before: Item | undefined; after: Item; times: ItemTimes },
  factAt: () => string,
): ItemTimes => {
  if (before?.status === after.status) return times;
  const at = factAt();
  const cameBack = before === undefined || (isOut(before) && !isOut(after));
  return { statusAt: at, freeAt: cameBack ? at : times.freeAt };
};
