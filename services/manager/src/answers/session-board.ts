import { type AskSessionBoard, Fault, Instant, idleMinutesDefault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { Compile } from "typebox/compile";
import { sessionRow } from "../actors/session-book.ts";
import { countSessions, listSessionsByActivity, type SessionCursor } from "../store/session-board.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskSessionBoard)["question"]>;
type Answer = Static<(typeof AskSessionBoard)["answer"]>;

const minuteMs = 60_000;
const instantCheck = Compile(Instant);

const cursorOf = (text: string): SessionCursor => {
  const [activeAt = "", ...id] = text.split(" ");
  if (!instantCheck.Check(activeAt)) throw new Fault("malformed", "cursor");
  return { activeAt, id: id.join(" ") };
};

/** What goes on in sessions, and a page of the part asked for, the one that was active last first. */
export const answerSessionBoard = (
  sql: Sql,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readBoard(sql, question.site, { nowMs, lastLevel }, async (transaction) => {
    const { site, cursor, limit, ...filter } = question;
    const idleMs = (filter.idleMinutes ?? idleMinutesDefault) * minuteMs;
    const idleBefore = new Date(nowMs - idleMs).toISOString();
    const after = cursor === null ? undefined : cursorOf(cursor);
    const [counts, sessions] = await Promise.all([
      countSessions(transaction, site, idleBefore),
      listSessionsByActivity(transaction, { site, filter, idleBefore, after, limit: limit + 1 }),
    ]);
    const page = pageThatFits(sessions.map(sessionRow), limit, (last) => `${last.activeAt} ${last.id}`);
    return {
      counts,
      ...page,
    };
  });
