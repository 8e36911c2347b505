import type { Transaction } from "@tagwire/actor";
import type { AskClassCounts, AsOf, Moment } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { classRows } from "../actors/figures.ts";
import { addCounts, groupCounts, type StatusCounts } from "../actors/status-counts.ts";
import { readClasses } from "../store/classes.ts";
import { readCounts } from "../store/counts.ts";
import { findMoveAt, findMoveUntil, readCountsAfter } from "../store/past-counts.ts";
import { findPosition, findSites, timeZoneDefault } from "../store/sites.ts";
import { asOfMoment, placeMoment, unknownSite } from "./as-of.ts";
import { readAtOnce } from "./read-at-once.ts";

type Question = Static<(typeof AskClassCounts)["question"]>;
type Answer = Static<(typeof AskClassCounts)["answer"]>;
type Counted = { readonly of: AsOf; readonly classes: ReadonlyMap<string, StatusCounts> };

const countNow = async (transaction: Transaction, site: string, nowMs: number): Promise<Counted> => {
  const [position, { classes }] = await Promise.all([
    findPosition(transaction, site),
    readCounts(transaction, site),
  ]);
  if (position === undefined) return { of: unknownSite(nowMs), classes };
  return { of: { known: true, ...position, asOf: new Date(nowMs).toISOString() }, classes };
};

const countThen = async (
  transaction: Transaction,
  site: string,
  { moment, nowMs }: { readonly moment: Moment; readonly nowMs: number },
): Promise<Counted> => {
  const past = await placeMoment(transaction, site, { moment, nowMs });
  if (past === undefined) return { of: unknownSite(nowMs), classes: new Map() };
  const { atMs, posMax } = past;
  const zone = (await findSites(transaction, [site])).get(site)?.timeZone ?? timeZoneDefault;
  const move =
    atMs === undefined
      ? await findMoveAt(transaction, site, posMax)
      : await findMoveUntil(transaction, site, { atMs, nextDay: daysAfter(calendarOf(zone)(atMs), 1) });
  return {
    of: asOfMoment(past, move, nowMs),
    classes: move === undefined ? new Map() : await readCountsAfter(transaction, site, move),
  };
};

/**
 * How many items of each class there are, or were at a moment. The past is told from how the day before ended and the moves since,
 * so it costs the same for last year as for yesterday.
 *
 * @throws Fault as {@link placeMoment}.
 */
export const answerClassCounts = (sql: Sql, { site, at: moment }: Question, nowMs: number): Promise<Answer> =>
  readAtOnce(sql, async (transaction) => {
    const { of, classes } =
      moment === undefined
        ? await countNow(transaction, site, nowMs)
        : await countThen(transaction, site, { moment, nowMs });
    const described = await readClasses(transaction, site);
    return {
      ...of,
      totals: groupCounts([...classes.values()].reduce(addCounts, {})),
      classes: classRows(classes, described),
    };
  });
