import type { Random } from "../random.ts";
import type { FloorItem } from "./floor.ts";
import { drawSome } from "./quantities.ts";

/** How many goods are in one pack. */
const packItems = 6;

/** Whatever is packed with any of some goods and passes, with these first. */
export type Whole = (
  items: readonly FloorItem[],
  passes: (item: FloorItem) => boolean,
) => readonly FloorItem[];

/** Nothing keeps company with anything. */
export const loose: Whole = (items) => items;

/**
 * Puts a share of the goods into packs that are carried as one: whoever takes, brings or counts one of a pack does so with all of it that
 * is there. Which goods are in a pack is drawn by lot, so that nothing but their company tells.
 */
export const packed = (random: Random, goods: readonly FloorItem[], share: number): Whole => {
  const inPacks = drawSome(random, goods, Math.floor((share * goods.length) / packItems) * packItems);
  const packOf = new Map<FloorItem, readonly FloorItem[]>();
  for (let at = 0; at < inPacks.length; at += packItems) {
    const pack = inPacks.slice(at, at + packItems);
    for (const item of pack) packOf.set(item, pack);
  }
  return (items, passes) => [
    ...new Set([...items, ...items.flatMap((item) => packOf.get(item) ?? []).filter(passes)]),
  ];
};
