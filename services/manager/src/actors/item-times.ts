import { type Item, type ItemStatus, statusGroups } from "@tagwire/messages";

/** Since when an item is what it is, as instants of the floor: those of the facts that led there. */
export type ItemTimes = {
  /** Since when it is in its status. */
  readonly statusAt: string;
  /** Since when it is not on contract, or when it was commissioned; of what is out, since when it had not been before it went. */
  readonly freeAt: string;
};

const out: ReadonlySet<ItemStatus> = new Set(statusGroups.out);
export const isOut = ({ status }: Pick<Item, "status">): boolean => out.has(status);

/** The times after an event. `factAt` gives the instant of the fact that it states. */
export const timesAfter = (
  {
    before,
    after,
    timesBefore,
  }: {
    readonly before: Item | undefined;
    readonly after: Item;
    readonly timesBefore: ItemTimes | undefined;
  },
  factAt: () => string,
): ItemTimes => {
  if (timesBefore === undefined || before === undefined) {
    const at = factAt();
    return { statusAt: at, freeAt: at };
  }
  if (before.status === after.status) return timesBefore;
  const at = factAt();
  return { statusAt: at, freeAt: isOut(before) && !isOut(after) ? at : timesBefore.freeAt };
};
