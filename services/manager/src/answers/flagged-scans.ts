import { type AskFlaggedScans, Fault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { listFlagged } from "../store/flagged-scans.ts";
import { asOfNow, type LastLevel, neverLevel } from "./as-of.ts";
import { readAtOnce } from "./read-at-once.ts";
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
  { site, mark, cursor, limit }: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readAtOnce(sql, async (transaction) => {
    const before = cursor === null ? undefined : cursorOf(cursor);
    const [of, scans] = await Promise.all([
      asOfNow(transaction, site, { nowMs, lastLevel }),
      listFlagged(transaction, { site, mark, before, limit: limit + 1 }),
    ]);
    return { ...of, ...pageThatFits(scans, limit, ({ pos }) => String(pos)) };
  });
