import { Fault, type SetStockRule, type StockRule, StockRuleSet } from "@tagwire/messages";
import type { Decision, Origin } from "./decision.ts";

/** Sets a rule of the site; what is not named stays as it was. Stated as it is, it says nothing. */
export const decideRuleSet = (
  was: StockRule | undefined,
  { rule, set }: SetStockRule,
  origin: Origin,
): Decision => {
  if (was === undefined) throw new Fault("internal", "a rule without its ground");
  const now: StockRule = { ...was, ...set };
  if (now.enabled === was.enabled && now.days === was.days) return { outcome: "already_applied", flags: [] };
  return {
    outcome: "accepted",
    flags: [],
    said: { type: StockRuleSet.type, data: { rule, set: now, was }, ...origin },
  };
};
