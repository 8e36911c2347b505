import type { LaundryRound, RoundState } from "@tagwire/messages";
import { countOf } from "./time.ts";

export const roundStateWords: Record<RoundState, string> = {
  open: "Being counted",
  finalized: "At the cleaner",
  returned: "Back from the cleaner",
  closed: "Closed",
};

const and = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;

const amounts = (items: number, goods: number): string =>
  and([
    ...(items === 0 ? [] : [countOf(items, "item")]),
    ...(goods === 0 ? [] : [`${countOf(goods, "piece")} counted by hand`]),
  ]);

/** What a round comes to, in a sentence or two. A round that is under way is not called incomplete. */
export const roundSum = ({ state, endedAt, items, lots }: LaundryRound): string => {
  const sent = amounts(items.sent, lots.sent);
  if (sent === "" && items.surplus + lots.surplus === 0) return "Nothing has been counted yet.";
  if (state === "open" && endedAt === null) return `Counted so far: ${sent === "" ? "nothing" : sent}.`;
  const lacking = amounts(items.missing, lots.missing);
  const more = amounts(items.surplus, lots.surplus);
  const moreText = more === "" ? "" : ` ${more} more than was sent.`;
  if (state === "finalized" && endedAt === null)
    return lacking === "" ? `Everything is back.${moreText}` : `Still there: ${lacking}.${moreText}`;
  return `${lacking === "" ? "Everything came back." : `Missing: ${lacking}.`}${moreText}`;
};
