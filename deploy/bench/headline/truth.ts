import type { WarehouseItem } from "@tagwire/emulators";
import { normaliseTag } from "@tagwire/messages";
import type { TrueScan } from "./month.ts";

/** Statuses of things by their tags. */
export type Statuses = ReadonlyMap<string, string>;

/** What the books say when the month begins. */
export const booksOf = (items: readonly WarehouseItem[]): Map<string, string> =>
  new Map(items.map(({ tag, status }) => [normaliseTag(tag) ?? tag, status]));

/**
 * What is so of each thing, as somebody knows who hears of scans in whatever order, and puts each in its place: of those that state a status the
 * one that was really made last counts. Tags that nobody knows are no things.
 */
export const openTruth = (books: Statuses) => {
  const statuses = new Map(books);
  const turns = new Map<string, number>();
  return {
    statuses: statuses as Statuses,
    hear: ({ tag, turn, states }: TrueScan): void => {
      if (states === undefined || !statuses.has(tag) || turn < (turns.get(tag) ?? -1)) return;
      turns.set(tag, turn);
      statuses.set(tag, states);
    },
  };
};

/** How many things somebody has otherwise than they are. */
export const wrongStatuses = (truth: Statuses, had: Statuses): readonly string[] =>
  [...truth].flatMap(([tag, status]) => (had.get(tag) === status ? [] : [tag]));
