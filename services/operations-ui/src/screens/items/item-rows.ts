import type { Item, ItemStatus, StatusGroup } from "@tagwire/messages";
import type { LiveRow } from "../../live/protocol.ts";
import { groupOf, isGroup, isStatus } from "../../words/statuses.ts";

export const orders = { newest: "Newest", tag: "By tag", class: "By class", place: "By place" } as const;
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
