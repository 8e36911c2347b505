import type { Transaction } from "@tagwire/actor";
import { type Dashboard, dashboardMinutes, type Position } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { dashboardOf, type Figures } from "../actors/figures.ts";
import { lagOf, lagWindowMinutes } from "../actors/lag.ts";
import { minutesSince } from "../actors/minute.ts";
import { readClasses } from "../store/classes.ts";
import { readCounts } from "../store/counts.ts";
import { readMinutes } from "../store/minutes.ts";
import { listRecent } from "../store/recent-events.ts";
import { readAtOnce } from "./read-at-once.ts";
import { findWholePosition } from "./whole-position.ts";

const minuteMs = 60_000;

/** The figures of a site as they look at an instant. */
export const figuresAt = async (transaction: Transaction, site: string, nowMs: number): Promise<Figures> => {
  const [counts, classes, minutes] = await Promise.all([
    readCounts(transaction, site),
    readClasses(transaction, site),
    readMinutes(transaction, site, nowMs - dashboardMinutes * minuteMs),
  ]);
  return { counts, classes, minutes, lag: lagOf(minutesSince(minutes, nowMs, lagWindowMinutes).values()) };
};

/** Gives when rows of a site at a position were last known to be all there is, in ms since 1970. */
export type LastLevel = (site: string, position: Position) => number | undefined;

/**
 * The dashboard of a site with the position it shows; null for a site of which nothing is known.
 *
 * `asOf` is the last instant at which these figures were known to be those of the log: when its owner last said that it is no
 * further, or else when the newest event that they hold was recorded. Not the clock's time, which goes on without evidence.
 */
export const answerDashboard = async (
  sql: Sql,
  site: string,
  nowMs: number,
  lastLevel: LastLevel = () => undefined,
): Promise<{ dashboard: Dashboard | null }> =>
  readAtOnce(sql, async (transaction) => {
    const position = await findWholePosition(transaction, site);
    const [newest] = position === undefined ? [] : await listRecent(transaction, site, 1);
    if (position === undefined) return { dashboard: null };
    const figures = await figuresAt(transaction, site, nowMs);
    // Of a site of which nothing was ever said nobody can be late to know.
    const recordedAtMs = newest === undefined ? nowMs : Date.parse(newest.recordedAt);
    const asOfMs = Math.max(recordedAtMs, lastLevel(site, position) ?? 0);
    return { dashboard: dashboardOf(figures, { site, ...position, asOf: new Date(asOfMs).toISOString() }) };
  });
