import { type Item, type ItemStatus, statusGroups } from "@tagwire/messages";
import {
  type Ages,
  agesBefore,
  agesOn,
  countedFrom,
  type Step,
  standingOn,
  stepBack,
  stepForward,
} from "./item-steps.ts";

/** Since when an item is what it is, and how it came to count in its class and status. Undefined: as it was before. */
export type ItemTimes = {
  readonly [age in keyof Ages]: Ages[age] | undefined;
} & { readonly steps: readonly Step[] | undefined };

const out: ReadonlySet<ItemStatus> = new Set(statusGroups.out);
const isOut = ({ status }: Pick<Item, "status">): boolean => out.has(status);

export const unchangedTimes: ItemTimes = { statusAt: undefined, freeAt: undefined, steps: undefined };

/** An item before and after an event, and its steps before. */
type Change = { readonly before: Item | undefined; readonly after: Item; readonly steps: readonly Step[] };

/** The ages after a fact of an instant: of a status that did not change, those from before. */
const agesAfter = ({ before, after, steps }: Change, at: string): Ages => {
  const { statusAt = at, freeAt = at } = standingOn(steps) ?? steps.at(-1) ?? {};
  if (before?.status === after.status) return { statusAt, freeAt };
  const cameBack = before === undefined || (isOut(before) && !isOut(after));
  return { statusAt: at, freeAt: cameBack ? at : freeAt };
};

/** What a change of an item's class or status makes of its steps, from when on it counts, and its ages then. */
export type Moved = { readonly at: string; readonly steps: readonly Step[]; readonly ages: Ages };

/**
 * From when on an item counts where it counts after an event: from the fact that the event states, however late it was told. A thing
 * counts from when it was commissioned, whatever was known of it under a tag before; what states no new fact, from the record; and what
 * takes a fact back, from where that fact counted, so that the days between are as if it had not been. Its ages are those of the fact,
 * or, of what is taken back, those from before; another tag changes none of them.
 */
export const movedAfter = (
  change: Change,
  {
    pos,
    undoes,
    inherited,
    factAt,
    recordedAt,
  }: {
    readonly pos: number;
    /** The position of the event that this one takes back. */
    readonly undoes: number | undefined;
    /** The ages that the thing had under the tag before, where this event gives it another. */
    readonly inherited: Ages | undefined;
    readonly factAt: () => string;
    readonly recordedAt: () => string;
  },
): Moved | undefined => {
  const { before, after, steps } = change;
  if (before?.status === after.status && before.class === after.class) return undefined;
  if (before !== undefined && undoes !== undefined) {
    const back = stepBack(steps, { pos, undoes, agesFrom: (at) => agesAfter(change, at) });
    if (back !== undefined) return { ...back, ages: agesOn(back.steps) ?? agesAfter(change, factAt()) };
    // A class that was stated since stands on top of what is taken back; the ages are those from before it all the same.
    const below = before.status === after.status ? undefined : agesBefore(steps, undoes);
    const ages = below ?? agesAfter(change, factAt());
    return { ...stepForward(steps, { pos, at: countedFrom(steps) ?? recordedAt(), ...ages }), ages };
  }
  const ages = inherited ?? agesAfter(change, factAt());
  const isStated = before !== undefined && before.lastFactAt !== after.lastFactAt;
  return { ...stepForward(steps, { pos, at: isStated ? factAt() : recordedAt(), ...ages }), ages };
};
