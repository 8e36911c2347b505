import { type AskLag, lagDistribution, lagMinutesDefault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { lagsIn } from "../actors/lag.ts";
import { minuteOf } from "../actors/minute.ts";
import { readMinutes } from "../store/minutes.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";

type Question = Static<(typeof AskLag)["question"]>;
type Answer = Static<(typeof AskLag)["answer"]>;

const minuteMs = 60_000;

/** How long scans took from the device to the record, over the minutes up to now. */
export const answerLag = (
  sql: Sql,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readBoard(sql, question.site, { nowMs, lastLevel }, async (transaction) => {
    const { site, minutes: count = lagMinutesDefault } = question;
    const from = minuteOf(nowMs - (count - 1) * minuteMs);
    const minutes = await readMinutes(transaction, site, Date.parse(from));
    const deviceToRecord = lagDistribution(lagsIn(minutes.values()));
    return { from, to: new Date(nowMs).toISOString(), deviceToRecord };
  });
