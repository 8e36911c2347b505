import type { Bus } from "@tagwire/bus";
import type { AskRelations, AskTimes, FindingCode, RulePlace } from "@tagwire/messages";
import type { Static } from "typebox";
import type { Sighting } from "../actors/sighting.ts";
import { askAgain } from "./ask-again.ts";
import { inPortions } from "./portions.ts";
import { isRuleInParts } from "./rule-parts.ts";

/** So many things that break one rule are seen in an audit: of those that follow, only how many there are. */
const violationsPerRuleMax = 1_000;

/** And so many of all rules together, in however many parts they are asked. */
const violationsMax = 50_000;

export type Broken = {
  readonly rules: number;
  readonly found: readonly Sighting[];
  /** How many more break a rule than were seen. */
  readonly untold: ReadonlyMap<FindingCode, number>;
  /** Rules that took too long, as `code entity`: nothing is known of what breaks them. */
  readonly late: readonly string[];
  /** The first part of which a rule in parts took too long: it was not looked at. */
  readonly lateFrom: number | undefined;
};

/** A rule may take ten seconds, and a page a second more: whoever asked again before would only have it done twice. */
const firstTryMs = 15_000;

type Page = Static<typeof AskRelations.answer>;

/** What has broken rules so far. */
const openBroken = () => {
  const found: Sighting[] = [];
  const late = new Set<string>();
  const untold = new Map<FindingCode, number>();
  let lateFrom: number | undefined;
  const count = (code: FindingCode, more: number) => untold.set(code, (untold.get(code) ?? 0) + more);
  return {
    put: ({ violations, late: slow = [] }: Page, part: number) => {
      for (const { code, entity } of slow) {
        const rule = `${code} ${entity}`;
        late.add(rule);
        if (isRuleInParts(rule)) lateFrom = Math.min(part, lateFrom ?? part);
      }
      for (const { code, entity, key, detail } of violations)
        if (found.length < violationsMax)
          found.push({ code: code as FindingCode, entity, key, evidence: { detail }, isCertain: false });
        else count(code as FindingCode, 1);
    },
    count,
    all: (rules: number): Broken => ({ rules, found, untold, late: [...late], lateFrom }),
  };
};

type Task = {
  readonly site: string;
  /** Groups of buckets, each for one question: what rules in parts look at. All of them in one where nothing is said. */
  readonly parts?: readonly (readonly number[])[];
  readonly signal: AbortSignal;
};

/** What breaks the rules of the record, page after page: where many do, one that is new is among them, whatever it is called. */
export const askRules = async (
  bus: Bus,
  asked: typeof AskRelations | typeof AskTimes,
  { site, parts = [], signal }: Task,
): Promise<Broken> => {
  const broken = openBroken();
  const read = async (from: RulePlace | undefined, part: number): Promise<Page> => {
    const buckets = parts[part];
    let [at, ofRule] = [from, 0];
    for (;;) {
      signal.throwIfAborted();
      const page: Page = await askAgain(
        bus,
        asked,
        { site, ...(at && { from: at }), ...(buckets && { buckets: [...buckets] }) },
        { firstTryMs },
      );
      broken.put(page, part);
      const { rules, violations, next, left } = page;
      if (next === null) return page;
      const last = violations.at(-1);
      ofRule = next.rule === at?.rule ? ofRule + violations.length : violations.length;
      at = next;
      if (left === 0 || ofRule < violationsPerRuleMax || last === undefined) continue;
      broken.count(last.code as FindingCode, left);
      at = { rule: next.rule + 1, key: "", detail: "" };
      if (at.rule >= rules) return page;
    }
  };
  const { rules, partsFrom } = await read(undefined, 0);
  // Whoever does not know of parts has looked at all of them.
  if (partsFrom === undefined || parts.length <= 1) return broken.all(rules);
  const from = { rule: partsFrom, key: "", detail: "" };
  let at = 1;
  const portion = async () => {
    await read(from, at);
    at += 1;
    return { isDone: at === parts.length };
  };
  await inPortions(portion, signal);
  return broken.all(rules);
};
