import type { Item } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type Act, tagOf } from "../actors/act.ts";
import type { Known } from "../actors/known.ts";
import type { TurnOutcome } from "../actors/site.ts";
import { findItems } from "./items.ts";
import { findQuarantined, findReceipts } from "./receipts.ts";

/** Items (and tags known to carry none) that an owner keeps in memory, over all its sites. */
const rememberedTagsMax = 200_000;

export type Memory = {
  /**
   * Everything the acts ask about: from memory where the owner has it, from the store in one round trip where not. `known-ids`
   * looks for the receipts of their ids; `new-ids` takes them for new, which the commit then has to prove.
   */
  readonly recall: (site: string, acts: readonly Act[], ids: "known-ids" | "new-ids") => Promise<Known>;
  /** What a committed turn left. */
  readonly learn: (site: string, outcome: TurnOutcome) => void;
  /** Forgets a site: somebody else may own it from now on. */
  readonly forget: (site: string) => void;
};

/**
 * An owner's memory. It is right because nobody else writes its sites; whoever loses a site forgets it.
 * The tags remembered longest ago are forgotten first.
 */
export const createMemory = (sql: Sql): Memory => {
  const sites = new Map<string, Map<string, Item | null>>();
  let remembered = 0;

  const siteOf = (site: string) => {
    const items = sites.get(site) ?? new Map<string, Item | null>();
    sites.set(site, items);
    return items;
  };

  const remember = (items: Map<string, Item | null>, tag: string, item: Item | null) => {
    if (items.delete(tag)) remembered -= 1;
    items.set(tag, item);
    remembered += 1;
  };

  const trim = (items: Map<string, Item | null>) => {
    for (const tag of items.keys()) {
      if (remembered <= rememberedTagsMax) return;
      items.delete(tag);
      remembered -= 1;
    }
  };

  return {
    recall: async (site, acts, ids) => {
      const memory = siteOf(site);
      const tags = [...new Set(acts.flatMap((act) => tagOf(act) ?? []))];
      const unknown = tags.filter((tag) => !memory.has(tag));
      // Both are on their way before either is awaited: one round trip.
      const [found, receipts] = await Promise.all([
        unknown.length === 0 ? [] : findItems(sql, site, unknown),
        ids === "new-ids" ? new Map() : findReceipts(sql, site, [...new Set(acts.map(({ id }) => id))]),
      ]);
      for (const tag of unknown) remember(memory, tag, null);
      for (const item of found) remember(memory, item.tag, item);
      const items = new Map<string, Item>();
      for (const tag of tags) {
        const item = memory.get(tag);
        if (item) items.set(tag, item);
      }
      const without = tags.filter((tag) => !items.has(tag));
      const quarantined = without.length === 0 ? new Map() : await findQuarantined(sql, site, without);
      trim(memory);
      return { items, receipts, quarantined };
    },
    learn: (site, outcome) => {
      const memory = siteOf(site);
      for (const [tag, item] of outcome.items) remember(memory, tag, item);
      trim(memory);
    },
    forget: (site) => {
      remembered -= sites.get(site)?.size ?? 0;
      sites.delete(site);
    },
  };
};
