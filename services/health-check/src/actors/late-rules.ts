import { ofSite, type Sighting } from "./sighting.ts";

/**
 * Rules that the database did not answer in time, as `code entity`: nothing is known of what breaks them. Once that may be a busy moment;
 * at two audits in a row it is a finding, or nobody would ever look for what is silently unproven.
 */
export const lateRules = (rules: readonly string[]): Sighting[] =>
  rules.map((rule) => ofSite("rule_late", rule, "the database did not answer the rule in time", false));
