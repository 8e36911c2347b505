import type { Transaction } from "@tagwire/actor";
import { dashboardMinutes, type LiveRow, type LoggedEvent } from "@tagwire/messages";
import { addChanges, dashboardRows, noFigures } from "../actors/figures.ts";
import { foldSite, type SiteChanges, tagsOf } from "../actors/fold-site.ts";
import { lagOf, lagWindowMinutes } from "../actors/lag.ts";
import { findFigures, findMinutesSince, saveFigures } from "../store/figures.ts";
import { findTags, saveItems, saveSeen, saveWaiting } from "../store/items.ts";
import { saveRecent } from "../store/recent-events.ts";
import { findGenerations } from "../store/sites.ts";

const minuteMs = 60_000;

/** What a batch did to one site: what changed, and the dashboard rows as they are now. */
export type AppliedSite = {
  readonly site: string;
  /** Names the build of the site's rows; undefined for a site that was never begun. */
  readonly generation: string | undefined;
  readonly events: readonly LoggedEvent[];
  readonly changes: SiteChanges;
  readonly rows: readonly LiveRow[];
};

const isCounted = ({ classes, minutes, quarantined }: SiteChanges): boolean =>
  classes.size > 0 || minutes.size > 0 || quarantined !== 0;

/**
 * Applies a run of events: reads what they concern, folds in memory, writes rows and figures; a handful of statements
 * whatever the number of events. `nowMs` decides only which minutes are still of interest to a screen.
 *
 * @throws Error when an event cannot be applied; the transaction must be rolled back then.
 */
export const applyBatch = async (
  transaction: Transaction,
  events: readonly LoggedEvent[],
  nowMs: number,
): Promise<AppliedSite[]> => {
  const bySite = Map.groupBy(events, ({ site }) => site);
  const wanted = [...bySite].flatMap(([site, own]) => [...tagsOf(own)].map((tag) => ({ site, tag })));
  const known = await findTags(transaction, wanted);
  const changed = new Map<string, SiteChanges>();
  for (const [site, own] of bySite) {
    changed.set(site, foldSite(known.get(site) ?? { items: new Map(), waiting: new Map() }, own));
  }
  const counted = new Map([...changed].filter(([, changes]) => isCounted(changes)));
  const before = counted.size === 0 ? new Map() : await findFigures(transaction, counted);
  const figures = new Map(
    [...counted].map(([site, changes]) => [site, addChanges(before.get(site) ?? noFigures, changes)]),
  );

  const writes = Promise.all([
    saveItems(transaction, changed),
    saveSeen(transaction, changed),
    saveWaiting(transaction, changed),
    saveRecent(transaction, bySite),
    ...(figures.size === 0 ? [] : [saveFigures(transaction, figures)]),
  ]);
  // Sent behind the writes on the same connection, so it sees them.
  const [, windows, generations] = await Promise.all([
    writes,
    figures.size === 0
      ? new Map()
      : findMinutesSince(transaction, [...figures.keys()], nowMs - lagWindowMinutes * minuteMs),
    findGenerations(transaction, [...bySite.keys()]),
  ]);

  return [...bySite].map(([site, own]) => {
    const after = figures.get(site);
    const generation = generations.get(site);
    const changes = changed.get(site) ?? foldSite({ items: new Map(), waiting: new Map() }, []);
    if (after === undefined) return { site, generation, events: own, changes, rows: [] };
    const shown = new Map(
      [...after.minutes].filter(([start]) => Date.parse(start) > nowMs - dashboardMinutes * minuteMs),
    );
    const lag = lagOf([...(windows.get(site)?.values() ?? [])]);
    return {
      site,
      generation,
      events: own,
      changes,
      rows: dashboardRows({ ...after, minutes: shown }, lag, own.at(-1)?.pos ?? 0),
    };
  });
};
