import { type AskIdleItems, crewOf, idleDaysDefault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { readClasses } from "../store/classes.ts";
import { listIdle } from "../store/usage.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";
import { parseSinceCursor, sinceCursorText } from "./since-cursor.ts";
import { idleBeforeOf } from "./utilisation.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskIdleItems)["question"]>;
type Answer = Static<(typeof AskIdleItems)["answer"]>;

/** A page of items that are available and were not on contract for long, those that are not for longest first. */
export const answerIdleItems = (
  sql: Sql,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readBoard(sql, question.site, { nowMs, lastLevel }, async (transaction) => {
    const { site, cursor, limit, idleDays = idleDaysDefault, class: name } = question;
    const after = parseSinceCursor(cursor);
    const idleBefore = idleBeforeOf(idleDays, nowMs);
    const [classes, items] = await Promise.all([
      readClasses(transaction, site),
      listIdle(transaction, { site, idleBefore, class: name, after, limit: limit + 1 }),
    ]);
    const rows = items.map(({ item, since, lastSeenAt }) => ({
      tag: item.tag,
      class: item.class,
      className: classes.get(item.class)?.name ?? null,
      crew: crewOf(classes.get(item.class)),
      status: item.status,
      quality: item.quality,
      place: item.place,
      role: item.role ?? null,
      since,
      lastSeenAt,
    }));
    return { idleDays, ...pageThatFits(rows, limit, sinceCursorText) };
  });
