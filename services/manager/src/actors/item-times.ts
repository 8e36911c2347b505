import { type Item, type ItemStatus, statusGroups } from "@tagwire/messages";
import { countedFrom, type Step, stepBack, stepForward } from "./item-steps.ts";

/** Since when an item is what it is, as instants of the floor: those of the facts that led there. Undefined: as it was before. */
export type ItemTimes = {
  /** Since when it is in its status. */
  readonly statusAt: string | undefined;
  /** Since when it is not on contract, or when it was commissioned; of what is out, since when it had not been before it went. */
  readonly freeAt: string | undefined;
  /** How it came to count in its class and status. */
  readonly steps: readonly Step[] | undefined;
};

const out: ReadonlySet<ItemStatus> = new Set(statusGroups.out);
const isOut = ({ status }: Pick<Item, "status">): boolean => out.has(status);

export const unchangedTimes: ItemTimes = { statusAt: undefined, freeAt: undefined, steps: undefined };

/** The times after an event, so far as they are not those from before the run. `factAt` gives the instant of the fact that it states. */
export const timesAfter = (
  { before, after, times }: { before: Item | undefined; after: Item; times: ItemTimes },
  factAt: () => string,
): ItemTimes => {
  if (before?.status === after.status) return times;
  const at = factAt();
  const cameBack = before === undefined || (isOut(before) && !isOut(after));
  return { ...times, statusAt: at, freeAt: cameBack ? at : times.freeAt };
};

/** What a change of an item's class or status makes of its steps, and from when on it counts. */
export type Moved = { readonly at: string; readonly steps: readonly Step[] };

/**
 * From when on an item counts where it counts after an event: from the fact that the event states, however late it was told. A thing
 * counts from when it was commissioned, whatever was known of it under a tag before; what states no new fact, from the record; and what
 * takes a fact back, from where that fact counted, so that the days between are as if it had not been.
 */
export const movedAfter = (
  { before, after, steps }: { before: Item | undefined; after: Item; steps: readonly Step[] },
  {
    pos,
    undoes,
    factAt,
    recordedAt,
  }: {
    readonly pos: number;
    /** The position of the event that this one takes back. */
    readonly undoes: number | undefined;
    readonly factAt: () => string;
    readonly recordedAt: () => string;
  },
): Moved | undefined => {
  if (before?.status === after.status && before.class === after.class) return undefined;
  if (before !== undefined && undoes !== undefined) {
    const at = countedFrom(steps) ?? recordedAt();
    return stepBack(steps, { pos, undoes }) ?? stepForward(steps, { pos, at });
  }
  const isStated = before !== undefined && before.lastFactAt !== after.lastFactAt;
  return stepForward(steps, { pos, at: isStated ? factAt() : recordedAt() });
};
