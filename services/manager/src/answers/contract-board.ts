import { type AskContractBoard, boardDaysDefault, contractRow, Fault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { cursorText, parseCursor, partOf } from "../actors/contract-board.ts";
import { calendarOf } from "../actors/day.ts";
import { countContracts, listContracts } from "../store/contract-board.ts";
import { findTimeZone } from "../store/sites.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskContractBoard)["question"]>;
type Answer = Static<(typeof AskContractBoard)["answer"]>;

/** The contract board of a site: what is due when, today being the site's own, and a page of the part asked for. */
export const answerContractBoard = (
  sql: Sql,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> =>
  readBoard(sql, question.site, { nowMs, lastLevel }, async (transaction) => {
    const { site, cursor, limit, bucket: _bucket, day: _day, days = boardDaysDefault, ...filter } = question;
    const after = cursor === null ? undefined : parseCursor(cursor);
    if (cursor !== null && after === undefined) throw new Fault("malformed", "cursor");
    const timeZone = await findTimeZone(transaction, site);
    const dayOf = calendarOf(timeZone);
    const today = dayOf(nowMs);
    const part = partOf(question, today);
    const [counts, contracts] = await Promise.all([
      countContracts(transaction, site, { today, days }),
      listContracts(transaction, { ...filter, site, part, after, limit: limit + 1 }),
    ]);
    const page = pageThatFits(
      contracts.map((contract) => contractRow(contract, dayOf)),
      limit,
      (last) => {
        const day = part.due?.way === "out" ? last.dueOutDay : last.dueInDay;
        return cursorText({
          day: part.due === undefined ? undefined : (day ?? undefined),
          number: last.number,
        });
      },
    );
    return {
      timeZone,
      today,
      counts,
      ...page,
    };
  });
