import type { Item, ItemStatus, StatusGroup } from "@tagwire/messages";
import type { LiveRow } from "../../live/protocol.ts";
import { groupOf, isGroup, isStatus } from "../../words/statuses.ts";

export const orders = {
  newest: "Last changed",
  tag: "By tag",
  class: "By class",
  place: "By place",
} as const;
export type Order = keyof typeof orders;

/** Which items are shown, as the address says it. */
export type ItemFilter = {
  readonly group: StatusGroup | undefined;
  readonly status: ItemStatus | undefined;
  readonly class: string | undefined;
  readonly place: string | undefined;
  readonly text: string;
  readonly order: Order;
};

export const filterOf = (query: URLSearchParams): ItemFilter => {
  const group = query.get("group") ?? "";
  const status = query.get("status") ?? "";
  const order = query.get("sort") ?? "";
  return {
    group: isGroup(group) ? group : undefined,
    status: isStatus(status) ? status : undefined,
    class: query.get("class") ?? undefined,
    place: query.get("place") ?? undefined,
    text: query.get("q") ?? "",
    order: Object.hasOwn(orders, order) ? (order as Order) : "newest",
  };
};

const matches = (item: Item, filter: ItemFilter, words: readonly string[]): boolean => {
  if (filter.status !== undefined && item.status !== filter.status) return false;
  if (filter.group !== undefined && groupOf[item.status] !== filter.group) return false;
  if (filter.class !== undefined && item.class !== filter.class) return false;
  if (filter.place !== undefined && item.place !== filter.place) return false;
  if (words.length === 0) return true;
  const text =
    `${item.tag} ${item.class} ${item.name ?? ""} ${item.place ?? ""} ${item.contract ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
};

const compare: Record<Exclude<Order, "newest">, (a: Item, b: Item) => number> = {
  tag: (a, b) => (a.tag < b.tag ? -1 : 1),
  class: (a, b) => a.class.localeCompare(b.class) || compare.tag(a, b),
  place: (a, b) => (a.place ?? "\uffff").localeCompare(b.place ?? "\uffff") || compare.tag(a, b),
};

/** The items of a live view that pass the filter. The view keeps the newest change last; here it is first. */
export const chooseItems = (rows: ReadonlyMap<string, LiveRow>, filter: ItemFilter): Item[] => {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen: Item[] = [];
  for (const row of rows.values()) {
    const item = row as unknown as Item;
    if (matches(item, filter, words)) chosen.push(item);
  }
  return filter.order === "newest" ? chosen.reverse() : chosen.sort(compare[filter.order]);
};

export type Facets = { readonly classes: readonly string[]; readonly places: readonly string[] };

/** The classes and places there are, for the filters. */
export const facetsOf = (rows: ReadonlyMap<string, LiveRow>): Facets => {
  const classes = new Set<string>();
  const places = new Set<string>();
  for (const row of rows.values()) {
    const item = row as unknown as Item;
    classes.add(item.class);
    if (item.place !== null) places.add(item.place);
  }
  const sorted = (set: Set<string>): string[] => [...set].sort((a, b) => a.localeCompare(b));
  return { classes: sorted(classes), places: sorted(places) };
};

/** The order of a list that is held still, under the filter it was made for. */
export type StillOrder = {
  readonly filter: ItemFilter;
  readonly tags: readonly string[];
  /** The newest change at that time. */
  readonly pos: number;
};

/** Holds the order of a list; one that is held already under the same filter stays. */
export const stillOrder = (
  items: readonly Item[],
  filter: ItemFilter,
  before: StillOrder | undefined,
): StillOrder =>
  before?.filter === filter
    ? before
    : {
        filter,
        tags: items.map(({ tag }) => tag),
        pos: items.reduce((pos, item) => Math.max(pos, item.pos), 0),
      };

/**
 * The items in the order that is held, as they are now, and how many changed since. An order that was held for other items
 * holds nothing, and a list in an order of its own (by tag) needs none: there a change moves no row.
 */
export const inStillOrder = (
  items: readonly Item[],
  filter: ItemFilter,
  still: StillOrder | undefined,
): { shown: readonly Item[]; newer: number } => {
  if (still?.filter !== filter || filter.order !== "newest") return { shown: items, newer: 0 };
  const byTag = new Map(items.map((item) => [item.tag, item]));
  const known = items.findIndex((item) => item.pos <= still.pos);
  return {
    shown: still.tags.flatMap((tag) => byTag.get(tag) ?? []),
    newer: known === -1 ? items.length : known,
  };
};
