import type { Transaction } from "@tagwire/actor";
import { type Dashboard, dashboardMinutes } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { dashboardOf, type Figures } from "../actors/figures.ts";
import { lagWindowMinutes } from "../actors/lag.ts";
import { minutesSince } from "../actors/minute.ts";
import { readClasses } from "../store/classes.ts";
import { readCounts } from "../store/counts.ts";
import { readMinutes } from "../store/minutes.ts";
import { asOfNow, type LastLevel, neverLevel } from "./as-of.ts";
import { readAtOnce } from "./read-at-once.ts";

const minuteMs = 60_000;

/** The figures of a site as they look at an instant. */
export const figuresAt = async (transaction: Transaction, site: string, nowMs: number): Promise<Figures> => {
  const [counts, classes, known] = await Promise.all([
    readCounts(transaction, site),
    readClasses(transaction, site),
    readMinutes(transaction, site, nowMs - dashboardMinutes * minuteMs),
  ]);
  const minutes = minutesSince(known, nowMs, dashboardMinutes);
  return { counts, classes, minutes, recent: minutesSince(minutes, nowMs, lagWindowMinutes) };
};

/** The dashboard of a site with the position it shows; null for a site of which nothing is known. */
export const answerDashboard = async (
  sql: Sql,
  site: string,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<{ dashboard: Dashboard | null }> =>
  readAtOnce(sql, async (transaction) => {
    const { known, ...at } = await asOfNow(transaction, site, { nowMs, lastLevel });
    if (!known) return { dashboard: null };
    return { dashboard: dashboardOf(await figuresAt(transaction, site, nowMs), { site, ...at }) };
  });
