import type { Transaction } from "@tagwire/actor";
import type { AskClassCounts, AsOf, Moment } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { classTree } from "../actors/class-tree.ts";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { classRows } from "../actors/figures.ts";
import { addCounts, groupCounts, type StatusCounts } from "../actors/status-counts.ts";
import { readClasses } from "../store/classes.ts";
import { readCounts } from "../store/counts.ts";
import { findHeldAt, findMoveAt, findMoveUntil, readCountsAfter } from "../store/past-counts.ts";
import { findTimeZone } from "../store/sites.ts";
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
type Counted = {
  readonly of: AsOf;
  readonly classes: ReadonlyMap<string, StatusCounts>;
  readonly quarantined: number;
};

const countNow = async (transaction: Transaction, site: string, now: Now): Promise<Counted> => {
  const [of, { classes, quarantined }] = await Promise.all([
    asOfNow(transaction, site, now),
    readCounts(transaction, site),
  ]);
  return { of, classes, quarantined };
};

const countThen = async (
  transaction: Transaction,
  site: string,
  { moment, nowMs }: { readonly moment: Moment; readonly nowMs: number },
): Promise<Counted> => {
  const past = await placeMoment(transaction, site, { moment, nowMs });
  if (past === undefined) return { of: unknownSite(nowMs), classes: new Map(), quarantined: 0 };
  const { atMs, posMax } = past;
  const zone = await findTimeZone(transaction, site);
  const until = atMs === undefined ? undefined : { atMs, nextDay: daysAfter(calendarOf(zone)(atMs), 1) };
  const [move, held] = await Promise.all([
    until === undefined ? findMoveAt(transaction, site, posMax) : findMoveUntil(transaction, site, until),
    findHeldAt(transaction, site, { posMax, until }),
  ]);
  const newest = (held?.pos ?? 0) > (move?.pos ?? 0) ? held : move;
  return {
    of: asOfMoment(past, newest, nowMs),
    classes: move === undefined ? new Map() : await readCountsAfter(transaction, site, move),
    quarantined: held?.quarantined ?? 0,
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
    const { of, classes, quarantined } =
      moment === undefined
        ? await countNow(transaction, site, { nowMs, lastLevel })
        : await countThen(transaction, site, { moment, nowMs });
    const rows = classRows(classes, await readClasses(transaction, site));
    return {
      ...of,
      totals: { ...groupCounts([...classes.values()].reduce(addCounts, {})), quarantined },
      classes: rows,
      tree: classTree(rows),
    };
  });
