import type { Transaction } from "@tagwire/actor";
import { type AskContractAt, contractView, Fault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { type ContractEvent, contractOf, mergedInto } from "../actors/contract-book.ts";
import { readContractSteps } from "../store/contract-steps.ts";
import { asOfMoment, type PastMoment, placeMoment, unknownSite } from "./as-of.ts";
import { readAtOnce } from "./read-at-once.ts";
import { answerBytesMax, pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskContractAt)["question"]>;
type Answer = Static<(typeof AskContractAt)["answer"]>;

/** Far more than the fullest contract on record has: 226 items, each scanned out and in. */
const stepsMax = 50_000;
/** Manual contracts that became part of one contract, and those that became part of them. */
const mergedMax = 100;

/** The steps of a contract and of every contract that became part of it, in their order. */
const readHistory = async (
  transaction: Transaction,
  site: string,
  { number, past }: { readonly number: string; readonly past: PastMoment },
): Promise<ContractEvent[]> => {
  const known = new Set([number]);
  for (;;) {
    const query = { numbers: [...known], ...past, limit: stepsMax + 1 };
    const steps = await readContractSteps(transaction, site, query);
    if (steps.length > stepsMax) throw new Fault("too_large", `more than ${stepsMax} events of ${number}`);
    const merged = [...known].flatMap((one) => mergedInto(one, steps));
    const unread = merged.filter((one) => !known.has(one));
    if (unread.length === 0) return steps;
    for (const one of unread) known.add(one);
    if (known.size > mergedMax)
      throw new Fault("too_large", `more than ${mergedMax} contracts became part of ${number}`);
  }
};

/** Room for a contract with all its lines, beside its items. */
const membersBytesMax = answerBytesMax / 2;

/**
 * A contract as it was at a moment, folded from its own steps alone, however long the log is.
 *
 * @throws Fault `too_large` when it has more than {@link stepsMax} steps; otherwise as {@link placeMoment}.
 */
export const answerContractAt = (sql: Sql, question: Question, nowMs: number): Promise<Answer> =>
  readAtOnce(sql, async (transaction) => {
    const { site, number, at: moment, limit, cursor } = question;
    const past = await placeMoment(transaction, site, { moment, nowMs });
    if (past === undefined) return { ...unknownSite(nowMs), contract: null, members: [], next: null };
    const steps = await readHistory(transaction, site, { number, past });
    const found = contractOf(number, steps);
    const newest = steps.findLast(({ pos }) => pos === found?.contract.pos);
    const of = asOfMoment(past, newest, nowMs);
    if (found === undefined) return { ...of, contract: null, members: [], next: null };
    const wanted = found.members.filter(({ tag }) => cursor === null || tag > cursor);
    const { rows, next } = pageThatFits(wanted.slice(0, limit + 1), limit, ({ tag }) => tag, membersBytesMax);
    return { ...of, contract: contractView(found.contract), members: rows, next };
  });
