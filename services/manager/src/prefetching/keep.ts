import { prefetchDaysKept, prefetchUseHours } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { judgeAll } from "../actors/prefetch-standing.ts";
import { recentDays } from "../answers/prefetch-candidates.ts";
import { readAtOnce } from "../answers/read-at-once.ts";
import type { NoticesLease } from "../noticing/lead.ts";
import { addToDays, forgetPrefetched, savePairs, settleItems } from "../store/prefetch-accounts.ts";
import { findPairs } from "../store/prefetch-candidates.ts";
import { listSourceDays, listStandings, saveStandings } from "../store/prefetch-standings.ts";
import { findTimeZone } from "../store/sites.ts";
import type { PrefetchMeters } from "./meters.ts";
import { tallySettled } from "./tally.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** What a device without a network tells late still counts for so long, in hours. */
const lateHours = 6;
const settledMax = 5_000;
/** A device that asks for nothing for so long is no longer kept account of, in days. */
const deviceIdleDays = 30;

/** See {@link findPairs}. Over two in one session and three in all, or pairs would be accidents. */
const pairBounds = { sessionsMax: 2_000, tagsMax: 100, sessionsMin: 3, liftMin: 2, pairsMax: 100_000 };
const pairsEveryMs = dayMs;

export type KeepOptions = {
  readonly sql: Sql;
  readonly lease: NoticesLease;
  readonly meters: PrefetchMeters;
};

/** Counts what was handed over so long ago that its time is over. Gives how many items that were. */
export const settle = async ({ sql, lease, meters }: KeepOptions, nowMs: number): Promise<number> => {
  const before = new Date(nowMs - (prefetchUseHours + lateHours) * hourMs);
  const settled = await inTransaction(sql, async (transaction) => {
    await lease.hold(transaction);
    const over = await settleItems(transaction, { before, limit: settledMax });
    for (const [site, own] of Map.groupBy(over.settled, (item) => item.site))
      await addToDays(transaction, site, tallySettled(own));
    return over;
  });
  for (const { arm, prefetched, used, wasteBytes } of tallySettled(settled.settled)) {
    meters.settled(arm, "used", used, 0);
    meters.settled(arm, "unused", prefetched - used, wasteBytes);
  }
  return settled.taken;
};

/** Settles all there is, and forgets what is too old. */
export const keepAccounts = async (options: KeepOptions, nowMs: number): Promise<void> => {
  for (let taken = settledMax; taken === settledMax; ) taken = await settle(options, nowMs);
  await inTransaction(options.sql, async (transaction) => {
    await options.lease.hold(transaction);
    await forgetPrefetched(transaction, {
      recentsBefore: new Date(nowMs - recentDays * dayMs),
      devicesBefore: new Date(nowMs - deviceIdleDays * dayMs),
      daysBefore: daysAfter(new Date(nowMs).toISOString().slice(0, 10), -prefetchDaysKept),
    });
  });
};

/**
 * Judges by what was counted which sources earn their place at a site, once on each of its days: whoever looks again and again sees every source
 * below the mark at some time.
 */
export const judgeSources = async (
  { sql, projection, lease }: Pick<KeepOptions, "sql" | "lease"> & { readonly projection: Sql },
  site: string,
  nowMs: number,
): Promise<void> => {
  const timeZone = await readAtOnce(projection, (transaction) => findTimeZone(transaction, site));
  const dayOf = calendarOf(timeZone);
  const today = dayOf(nowMs);
  await inTransaction(sql, async (transaction) => {
    await lease.hold(transaction);
    const before = await listStandings(transaction, site);
    if (before.some(({ judgedAtMs }) => dayOf(judgedAtMs) === today)) return;
    const days = await listSourceDays(transaction, site, daysAfter(today, -prefetchDaysKept));
    await saveStandings(transaction, site, judgeAll(days, before, { today, nowMs }));
  });
};

/** Looks once a day which items of a site are seen together. */
export const joinPairs = async (
  { sql, projection, lease }: Pick<KeepOptions, "sql" | "lease"> & { readonly projection: Sql },
  { site, joinedAt }: { readonly site: string; readonly joinedAt: Date | null },
  nowMs: number,
): Promise<void> => {
  if (joinedAt !== null && nowMs - joinedAt.getTime() < pairsEveryMs) return;
  const pairs = await readAtOnce(projection, (transaction) => findPairs(transaction, site, pairBounds));
  await inTransaction(sql, async (transaction) => {
    await lease.hold(transaction);
    await savePairs(transaction, site, { pairs, at: new Date(nowMs) });
  });
};
