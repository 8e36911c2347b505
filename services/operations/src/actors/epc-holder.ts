import { Fault, type Item } from "@tagwire/messages";
import { isGivenBack } from "./free-tag.ts";
import { heldNameOf } from "./held-name.ts";

/*
 * An EPC names one thing, and a house has several sites: the name is held by the site where the thing is. It is free for another once the thing is sold or retired here, or was never here after all. That is how a thing moves house.
 */

const ended: ReadonlySet<string> = new Set(["sold", "retired"]);

/** Whether a tag holds the name that it says. A tag that was replaced holds it still: its thing goes on under another one. */
export const isHolding = (item: Item | undefined): boolean =>
  item !== undefined && (!ended.has(item.status) || item.replacedBy != null) && !isGivenBack(item);

/** The names that a turn has begun to hold, and those that it holds no more. */
export type HeldNames = { readonly taken: readonly string[]; readonly freed: readonly string[] };

export const noNames: HeldNames = { taken: [], freed: [] };

/** What a turn's items hold after it, and did not before. Nearly all of them go on as they were, and are not looked at. */
export const heldAfter = (before: (tag: string) => Item | undefined, items: Iterable<Item>): HeldNames => {
  const taken = new Set<string>();
  const freed = new Set<string>();
  for (const item of items) {
    const isHeld = isHolding(item);
    if (isHeld === isHolding(before(item.tag))) continue;
    const name = heldNameOf(item.tag);
    if (name !== null) (isHeld ? taken : freed).add(name);
  }
  // Another tag of the same thing may hold what this one lets go.
  return { taken: [...taken], freed: [...freed].filter((name) => !taken.has(name)) };
};

/** Names that things of other sites have. */
export type HeldElsewhere = { readonly isHeldElsewhere: (name: string) => boolean };

export const isHeldElsewhere = ({ isHeldElsewhere: isHeld }: HeldElsewhere, tag: string): boolean => {
  const name = heldNameOf(tag);
  return name !== null && isHeld(name);
};

/**
 * Which site that is, and what it knows of the thing, is nobody's business here.
 *
 * @throws Fault `epc_held_elsewhere` when a thing of another site has the name that a tag says.
 */
export const refuseHeldElsewhere = (book: HeldElsewhere, tag: string): void => {
  if (isHeldElsewhere(book, tag)) throw new Fault("epc_held_elsewhere", tag);
};

/** @throws Fault `epc_held_elsewhere` when a thing that was sold or retired is to be in the stock again, and another site has it by now. */
export const refuseRevival = (
  book: HeldElsewhere,
  before: Item | undefined,
  after: Item | undefined,
): void => {
  if (after !== undefined && !isHolding(before) && isHolding(after)) refuseHeldElsewhere(book, after.tag);
};
