import { type AlertRule, type StaleParams, staleParamsDefault } from "@tagwire/messages";

/** The rule whose limits say what is stale at a site: the first of its kind that is enabled. */
export const staleRuleOf = (rules: readonly AlertRule[]): AlertRule | undefined =>
  rules.find(({ kind, enabled }) => kind === "stale" && enabled);

/** The limits that say what is stale at a site; without a rule those that every site begins with. */
export const staleLimitsOf = (rules: readonly AlertRule[]): StaleParams =>
  (staleRuleOf(rules)?.params as StaleParams | undefined) ?? staleParamsDefault;
