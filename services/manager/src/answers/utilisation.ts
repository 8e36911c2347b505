import {
  type AskUtilisation,
  crewOf,
  type DayWindow,
  Fault,
  idleDaysDefault,
  utilisationDaysDefault,
  utilisationDaysMax,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { daysIn, nothingAvailable, totalUsage, usageRows } from "../actors/usage.ts";
import { readClasses } from "../store/classes.ts";
import { findTimeZone } from "../store/sites.ts";
import { readAvailability, readItemDays } from "../store/usage.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskUtilisation)["question"]>;
type Answer = Static<(typeof AskUtilisation)["answer"]>;

const dayMs = 86_400_000;

/** The window asked for. @throws Fault `malformed` when it ends before it begins, is too long, or reaches beyond today. */
const windowOf = ({ from, to }: Question, today: string): DayWindow => {
  const end = to ?? today;
  const window = { from: from ?? daysAfter(end, 1 - utilisationDaysDefault), to: end };
  if (window.to > today) throw new Fault("malformed", `to: the day after ${today} has not come yet`);
  const days = daysIn(window);
  if (days < 1) throw new Fault("malformed", "from: the window ends before it begins");
  if (days > utilisationDaysMax)
    throw new Fault("malformed", `from: a window has ${utilisationDaysMax} days at most`);
  return window;
};

/** How long before now an item must have been on contract last to be idle. */
export const idleBeforeOf = (idleDays: number, nowMs: number): string =>
  new Date(nowMs - idleDays * dayMs).toISOString();

/**
 * Utilisation of each class over a window of days, and what it has idle now.
 *
 * @throws Fault `malformed` for a window that cannot be.
 */
export const answerUtilisation = (
  sql: Sql,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readBoard(sql, question.site, { nowMs, lastLevel }, async (transaction) => {
    const { site, cursor, limit, idleDays = idleDaysDefault, crew, category, class: wanted } = question;
    const timeZone = await findTimeZone(transaction, site);
    const window = windowOf(question, calendarOf(timeZone)(nowMs));
    const [classes, days, availability] = await Promise.all([
      readClasses(transaction, site),
      readItemDays(transaction, site, window),
      readAvailability(transaction, site, idleBeforeOf(idleDays, nowMs)),
    ]);
    const isWanted = (name: string): boolean =>
      (wanted === undefined || name === wanted) &&
      (category === undefined || classes.get(name)?.category === category) &&
      (crew === undefined || crewOf(classes.get(name)) === crew);
    const names = new Set([...days.keys(), ...availability.keys()]);
    const byClass = new Map(
      [...names]
        .filter(isWanted)
        .map((name) => [
          name,
          { days: days.get(name) ?? {}, now: availability.get(name) ?? nothingAvailable },
        ]),
    );
    const rows = usageRows(byClass, classes).filter((row) => cursor === null || row.class > cursor);
    return {
      timeZone,
      ...window,
      idleDays,
      totals: totalUsage(byClass.values()),
      ...pageThatFits(rows.slice(0, limit + 1), limit, (last) => last.class),
    };
  });
