import { type LoggedEvent, SiteCreated } from "@tagwire/messages";
import type { Happening, SiteRun } from "../actors/happening.ts";
import { itemChanges } from "../actors/live-messages.ts";
import { heldChanges, standingChanges } from "../actors/standing.ts";
import { foldStock, nothingKnown, tagsOf } from "../actors/stock.ts";
import { findTags, saveItems, saveSeen, saveWaiting } from "../store/items.ts";
import type { Reader } from "../store/rows.ts";
import { findSites, timeZoneDefault } from "../store/sites.ts";
import type { Turned } from "./board.ts";

export const stockName = "stock.8";
export const stockTables = ["item", "quarantine"] as const;

export type StockTurned = Turned & {
  readonly runs: readonly SiteRun[];
  /** Names the build of a site's rows; undefined for a site that was never begun. */
  readonly generation: (site: string) => string | undefined;
};

/** A site states its zone in the first event of its log; what happens in the same batch already goes by it. */
const statedZone = (happenings: readonly Happening[]): string | undefined => {
  const created = happenings.find(({ event }) => event.type === SiteCreated.type);
  return created === undefined ? undefined : (created.event.data as SiteCreated).timeZone;
};

/**
 * The ground that the boards stand on: items and what waits in quarantine, by tag. Turned first, since the boards read what an
 * event made of its item.
 *
 * @throws Error when an event cannot be applied; the transaction must be rolled back then.
 */
export const turnStock = async (
  sql: Reader,
  events: readonly LoggedEvent[],
  nowMs: number,
): Promise<StockTurned> => {
  const bySite = Map.groupBy(events, ({ site }) => site);
  const wanted = [...bySite].flatMap(([site, own]) => [...tagsOf(own)].map((tag) => ({ site, tag })));
  const [known, sites] = await Promise.all([findTags(sql, wanted), findSites(sql, [...bySite.keys()])]);
  const folded = new Map(
    [...bySite].map(([site, own]) => [site, foldStock(known.get(site) ?? nothingKnown, own)]),
  );
  return {
    runs: [...folded].map(([site, { happenings }]) => ({
      site,
      timeZone: statedZone(happenings) ?? sites.get(site)?.timeZone ?? timeZoneDefault,
      happenings,
      pos: happenings.at(-1)?.event.pos ?? 0,
      nowMs,
    })),
    generation: (site) => sites.get(site)?.generation,
    save: (transaction) =>
      Promise.all([
        saveItems(transaction, folded),
        saveSeen(transaction, folded),
        saveWaiting(transaction, folded),
      ]),
    news: (site) => {
      const own = folded.get(site);
      if (own === undefined) return {};
      const pos = own.happenings.at(-1)?.event.pos ?? 0;
      return {
        items: itemChanges(own.items.values()),
        ...standingChanges(known.get(site) ?? nothingKnown, own, pos),
        quarantine: heldChanges(own, pos),
      };
    },
  };
};
