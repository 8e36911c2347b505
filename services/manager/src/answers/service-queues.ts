import type { AskServiceQueues } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { queuedItem } from "../actors/queue-book.ts";
import { readClasses } from "../store/classes.ts";
import { countQueues, listQueued } from "../store/service-queues.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";
import { parseSinceCursor, sinceCursorText } from "./since-cursor.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskServiceQueues)["question"]>;
type Answer = Static<(typeof AskServiceQueues)["answer"]>;

/** What waits in service, by queue, crew and age, and a page of the part asked for, what waits longest first. */
export const answerServiceQueues = (
  sql: Sql,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readBoard(sql, question.site, { nowMs, lastLevel }, async (transaction) => {
    const { site, cursor, limit, ...filter } = question;
    const after = parseSinceCursor(cursor);
    const classes = await readClasses(transaction, site);
    const [counts, waiting] = await Promise.all([
      countQueues(transaction, site, { classes, nowMs }),
      listQueued(transaction, { site, filter, classes, after, limit: limit + 1 }),
    ]);
    const rows = waiting.map((one) => queuedItem(one, classes.get(one.item.class)));
    return { counts, ...pageThatFits(rows, limit, sinceCursorText) };
  });
