import { type AskLag, lagDistribution, lagMinutesDefault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { lagsIn } from "../actors/lag.ts";
import { minuteOf } from "../actors/minute.ts";
import { readMinutes } from "../store/minutes.ts";
import { asOfNow, type LastLevel, neverLevel } from "./as-of.ts";
import { readAtOnce } from "./read-at-once.ts";

type Question = Static<(typeof AskLag)["question"]>;
type Answer = Static<(typeof AskLag)["answer"]>;

const minuteMs = 60_000;

/** How long scans took from the device to the record, over the minutes up to now. */
export const answerLag = (
  sql: Sql,
  { site, minutes: count = lagMinutesDefault }: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readAtOnce(sql, async (transaction) => {
    const from = minuteOf(nowMs - (count - 1) * minuteMs);
    const [of, minutes] = await Promise.all([
      asOfNow(transaction, site, { nowMs, lastLevel }),
      readMinutes(transaction, site, Date.parse(from)),
    ]);
    const deviceToRecord = lagDistribution(lagsIn(minutes.values()));
    return { ...of, from, to: new Date(nowMs).toISOString(), deviceToRecord };
  });
