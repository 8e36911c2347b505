import type { Bus } from "@tagwire/bus";
import type { AskRelations, AskTimes, FindingCode, RulePlace } from "@tagwire/messages";
import type { Static } from "typebox";
import type { Sighting } from "../actors/sighting.ts";
import { askAgain } from "./ask-again.ts";

/** So many things that break one rule are seen in an audit: of those that follow, only how many there are. */
const violationsPerRuleMax = 1_000;

export type Broken = {
  readonly rules: number;
  readonly found: readonly Sighting[];
  /** How many more break a rule than were seen. */
  readonly untold: ReadonlyMap<FindingCode, number>;
  /** Rules that took too long, as `code entity`: nothing is known of what breaks them. */
  readonly late: readonly string[];
};

/** A rule may take ten seconds, and a page a second more: whoever asked again before would only have it done twice. */
const firstTryMs = 15_000;

/** What breaks the rules of the record, page after page: where many do, one that is new is among them, whatever it is called. */
export const askRules = async (
  bus: Bus,
  asked: typeof AskRelations | typeof AskTimes,
  { site, signal }: { readonly site: string; readonly signal: AbortSignal },
): Promise<Broken> => {
  const found: Sighting[] = [];
  const late: string[] = [];
  const untold = new Map<FindingCode, number>();
  let [from, ofRule]: [RulePlace | undefined, number] = [undefined, 0];
  for (;;) {
    signal.throwIfAborted();
    const page: Static<typeof AskRelations.answer> = await askAgain(
      bus,
      asked,
      { site, ...(from === undefined ? {} : { from }) },
      { firstTryMs },
    );
    late.push(...(page.late ?? []).map(({ code, entity }) => `${code} ${entity}`));
    const { rules, violations, next, left } = page;
    found.push(
      ...violations.map(({ code, entity, key, detail }) => ({
        ...{ code: code as FindingCode, entity, key, evidence: { detail }, isCertain: false },
      })),
    );
    if (next === null) return { rules, found, untold, late };
    const last = violations.at(-1);
    ofRule = next.rule === from?.rule ? ofRule + violations.length : violations.length;
    from = next;
    if (left === 0 || ofRule < violationsPerRuleMax || last === undefined) continue;
    const code = last.code as FindingCode;
    untold.set(code, (untold.get(code) ?? 0) + left);
    from = { rule: next.rule + 1, key: "", detail: "" };
    if (from.rule >= rules) return { rules, found, untold, late };
  }
};
