import { type AskPrefetchFigures, prefetchDaysDefault } from "@tagwire/messages";
import type { Static } from "typebox";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { worthOf } from "../actors/prefetch-worth.ts";
import { listDays, listFollowed } from "../store/prefetch-accounts.ts";
import { findSites, timeZoneDefault } from "../store/sites.ts";
import type { PrefetchStores } from "./prefetch.ts";
import { readAtOnce } from "./read-at-once.ts";

type Question = Static<(typeof AskPrefetchFigures)["question"]>;
type Answer = Static<(typeof AskPrefetchFigures)["answer"]>;

/** What handing devices their items ahead was worth in the days up to now. */
export const answerPrefetchFigures = async (
  { sql, notices }: PrefetchStores,
  { site, days = prefetchDaysDefault }: Question,
  nowMs: number,
): Promise<Answer> => {
  const sites = await readAtOnce(sql, (transaction) => findSites(transaction, [site]));
  const to = calendarOf(sites.get(site)?.timeZone ?? timeZoneDefault)(nowMs);
  const from = daysAfter(to, 1 - days);
  const [followed, counted] = await Promise.all([
    listFollowed(notices),
    listDays(notices, site, { from, to }),
  ]);
  const own = followed.find((one) => one.site === site);
  return { from, to, countedTo: own?.position ?? null, ...worthOf(counted) };
};
