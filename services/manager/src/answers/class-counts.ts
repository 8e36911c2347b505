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
import { findSites, timeZoneDefault } from "../store/sites.ts";
import {
  asOfMoment,
  asOfNow,
  type LastLevel,
  type Now,
  neverLevel,
  placeMoment,
  unknownSite,
} from "./as-of.ts";
import { readAtOnce } from "./read-at-once.ts";

type Question = Static<(typeof AskClassCounts)["question"]>;
type Answer = Static<(typeof AskClassCounts)["answer"]>;
type Counted = { readonly of: AsOf; readonly classes: ReadonlyMap<string, StatusCounts> };

const countNow = async (transaction: Transaction, site: string, now: Now): Promise<Counted> => {
  const [of, { classes }] = await Promise.all([
    asOfNow(transaction, site, now),
    readCounts(transaction, site),
  ]);
  return { of, classes };
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
export const answerClassCounts = (
  sql: Sql,
  { site, at: moment }: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readAtOnce(sql, async (transaction) => {
    const { of, classes } =
      moment === undefined
        ? await countNow(transaction, site, { nowMs, lastLevel })
        : await countThen(transaction, site, { moment, nowMs });
    const described = await readClasses(transaction, site);
    return {
      ...of,
      totals: groupCounts([...classes.values()].reduce(addCounts, {})),
      classes: classRows(classes, described),
    };
  });
