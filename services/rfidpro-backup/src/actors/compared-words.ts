import type { RfidproAgreement } from "@tagwire/messages";
import { spokenScore } from "./agreement.ts";
import { percent } from "./report.ts";

const numbers = new Intl.NumberFormat("en-US");
const counted = (count: number): string =>
  `${numbers.format(count)} ${count === 1 ? "item or scan" : "items and scans"}`;

/** Who decides what was pending: nothing is promised that is not begun by itself. */
const decided = (recheckAt: string | null): string =>
  recheckAt === null
    ? "the next pull"
    : `another pull, which begins by itself at ${recheckAt.slice(11, 16)} UTC,`;

/** What a comparison came to, for whoever clicked. What was changing meanwhile is said beside the score, which leaves it out. */
export const comparedWords = (agreement: RfidproAgreement, recheckAt: string | null = null): string => {
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
  const ahead = (items.ahead ?? 0) + (scans.ahead ?? 0);
  const newer =
    ahead === 0
      ? ""
      : ` ${counted(ahead)} ${ahead === 1 ? "is" : "are"} newer here than the last scan that RFIDpro took.`;
  return pending === 0
    ? `${judged}${newer}`
    : `${judged}${newer} Something happened to ${counted(pending)} meanwhile: ${decided(recheckAt)} decides about ${pending === 1 ? "it" : "them"}.`;
};
