import type { RfidproAgreement } from "@tagwire/messages";
import { spokenScore } from "./agreement.ts";
import { percent } from "./report.ts";

const numbers = new Intl.NumberFormat("en-US");
const counted = (count: number): string =>
  `${numbers.format(count)} ${count === 1 ? "item or scan" : "items and scans"}`;

/** What a comparison came to, for whoever clicked. What was changing meanwhile is said beside the score, which leaves it out. */
export const comparedWords = (agreement: RfidproAgreement): string => {
  const { items, scans } = agreement;
  const differing = items.differing + scans.differing;
  const pending = items.pending + scans.pending;
  const score = spokenScore(agreement);
  const judged =
    agreement.score === null && pending === 0
      ? "There was nothing to compare."
      : score === null
        ? "Too much was changing meanwhile to say how well both agree."
        : `Compared with our record, ${percent(score)} agree; ${counted(differing)} ${differing === 1 ? "differs" : "differ"}.`;
  return pending === 0
    ? judged
    : `${judged} Something happened to ${counted(pending)} meanwhile: the next pull decides about ${pending === 1 ? "it" : "them"}.`;
};
