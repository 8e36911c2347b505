import type { AskPlaceCounts } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { listPlaceCounts } from "../store/place-counts.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskPlaceCounts)["question"]>;
type Answer = Static<(typeof AskPlaceCounts)["answer"]>;

/** What is at each place of a site, and when it was seen last. */
export const answerPlaceCounts = (
  sql: Sql,
  { site, cursor, limit }: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readBoard(sql, site, { nowMs, lastLevel }, async (transaction) => {
    const asked = { site, after: cursor ?? undefined, limit: limit + 1, nowMs };
    return pageThatFits(await listPlaceCounts(transaction, asked), limit, ({ place }) => place);
  });
