import type { Transaction } from "@tagwire/actor";
import { type Dashboard, dashboardMinutes, type Lag } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { dashboardOf, type Figures } from "../actors/figures.ts";
import { lagOf, lagWindowMinutes } from "../actors/lag.ts";
import { readFigures } from "../store/figures.ts";
import { findPosition } from "../store/sites.ts";
import { readAtOnce } from "./read-at-once.ts";

const minuteMs = 60_000;

/** The figures of a site and its lag as they look at an instant. */
export const figuresAt = async (
  transaction: Transaction,
  site: string,
  nowMs: number,
): Promise<{ figures: Figures; lag: Lag }> => {
  const figures = await readFigures(transaction, site, nowMs - dashboardMinutes * minuteMs);
  const recent = [...figures.minutes].filter(
    ([start]) => Date.parse(start) >= nowMs - lagWindowMinutes * minuteMs,
  );
  return { figures, lag: lagOf(recent.map(([, minute]) => minute)) };
};

/** The dashboard of a site with the position it shows; null for a site of which nothing is known. */
export const answerDashboard = async (
  sql: Sql,
  site: string,
  nowMs: number,
): Promise<{ dashboard: Dashboard | null }> =>
  readAtOnce(sql, async (transaction) => {
    const position = await findPosition(transaction, site);
    if (position === undefined) return { dashboard: null };
    const { figures, lag } = await figuresAt(transaction, site, nowMs);
    return {
      dashboard: dashboardOf(figures, lag, { site, ...position, asOf: new Date(nowMs).toISOString() }),
    };
  });
