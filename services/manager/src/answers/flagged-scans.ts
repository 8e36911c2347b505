import { type AskFlaggedScans, Fault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { listFlagged } from "../store/flagged-scans.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskFlaggedScans)["question"]>;
type Answer = Static<(typeof AskFlaggedScans)["answer"]>;

const cursorOf = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new Fault("malformed", "cursor");
  return Number(text);
};

/** A page of late, flagged and rejected scans, newest first. */
export const answerFlaggedScans = (
  sql: Sql,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readBoard(sql, question.site, { nowMs, lastLevel }, async (transaction) => {
    const { site, mark, cursor, limit } = question;
    const before = cursor === null ? undefined : cursorOf(cursor);
    const scans = await listFlagged(transaction, { site, mark, before, limit: limit + 1 });
    return pageThatFits(scans, limit, ({ pos }) => String(pos));
  });
