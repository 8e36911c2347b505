import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { AskContractRounds, AskRoundItems, Fault, type RoundItem } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { readRounds } from "../store/contract-rounds.ts";
import { readAtHead } from "./at-head.ts";
import { decodeText, encodeText, pageOf } from "./page.ts";

/** @throws Fault `malformed` when the cursor is none of ours. */
const roundOf = (cursor: string | null): number => {
  if (cursor === null) return Number.MAX_SAFE_INTEGER;
  const round = Number(decodeText(cursor));
  if (!Number.isSafeInteger(round)) throw new Fault("malformed", "cursor");
  return round;
};

/** An item may have two findings in a round: it came back from an earlier one, went out again and is missing. */
const keyOf = ({ tag, finding }: RoundItem): string => `${tag}\n${finding}`;

/** Questions about the rounds of a laundry contract, answered from its log. */
export const answerRounds = (bus: Bus, sql: Sql): readonly Subscription[] => [
  answer(bus, AskContractRounds, async ({ site, number: written, limit, cursor }) => {
    const before = roundOf(cursor);
    return readAtHead(sql, site, async (at) => {
      const { number, rounds } = await readRounds(at, site, written);
      const newest = rounds.filter(({ round }) => round < before).toReversed();
      const { page, more } = pageOf(newest, limit);
      const last = page.at(-1);
      return {
        number,
        rounds: page,
        next: more && last !== undefined ? encodeText(String(last.round)) : null,
      };
    });
  }),

  answer(bus, AskRoundItems, ({ site, number: written, round, finding, limit, cursor }) =>
    readAtHead(sql, site, async (at) => {
      const { number, rounds, items } = await readRounds(at, site, written);
      if (round > rounds.length) throw new Fault("round_unknown", String(round));
      const wanted = items(round).filter((item) => finding?.includes(item.finding) ?? true);
      const after = cursor === null ? undefined : decodeText(cursor);
      const rest = after === undefined ? wanted : wanted.filter((item) => keyOf(item) > after);
      const { page, more } = pageOf(rest, limit);
      const last = page.at(-1);
      return { number, items: page, next: more && last !== undefined ? encodeText(keyOf(last)) : null };
    }),
  ),
];
