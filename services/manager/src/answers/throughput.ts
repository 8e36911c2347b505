import {
  type AskThroughput,
  Fault,
  throughputCountDefault,
  throughputDaysKept,
  throughputHoursKept,
  type WorkerKind,
  workerKinds,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { byWorker, hourOf } from "../actors/throughput.ts";
import { findTimeZone } from "../store/sites.ts";
import { listTallies, type TallyCursor } from "../store/throughput.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskThroughput)["question"]>;
type Answer = Static<(typeof AskThroughput)["answer"]>;

const hourMs = 3_600_000;
const isKind = (text: string): text is WorkerKind => workerKinds.some((kind) => kind === text);

const cursorOf = (text: string): TallyCursor => {
  const [kind = "", ...who] = text.split(" ");
  if (!isKind(kind)) throw new Fault("malformed", "cursor");
  return { kind, who: who.join(" ") };
};

/** What people, devices and readers scanned in the hours or days up to now, by who it was. */
export const answerThroughput = (
  sql: Sql,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readBoard(sql, question.site, { nowMs, lastLevel }, async (transaction) => {
    const { site, cursor, limit, span = "hour", kind, who } = question;
    const count = question.count ?? throughputCountDefault[span];
    const zone = await findTimeZone(transaction, site);
    const today = calendarOf(zone)(nowMs);
    const window =
      span === "hour"
        ? {
            from: hourOf(nowMs - (Math.min(count, throughputHoursKept) - 1) * hourMs),
            to: hourOf(nowMs),
          }
        : { from: daysAfter(today, 1 - Math.min(count, throughputDaysKept)), to: today };
    const after = cursor === null ? undefined : cursorOf(cursor);
    const tallies = await listTallies(transaction, {
      ...{ site, span, ...window, kind, who, after },
      limit: limit + 1,
    });
    const page = pageThatFits(byWorker(tallies), limit, (last) => `${last.kind} ${last.who}`);
    return { span, ...window, ...page };
  });
