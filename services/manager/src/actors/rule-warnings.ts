import type { AlertRule, FindingOpenedParams, RuleWarning } from "@tagwire/messages";
import { findingCodes, unfoundCodes } from "./finding.ts";
import { channelsFor } from "./notification-plan.ts";

/** What is known of the ways by which people could be told. */
export type Reachable = {
  /** Push subscriptions that listen to the site. */
  readonly subscriptions: number;
  /** Whether there is a mail server to send by. */
  readonly isMailSet: boolean;
};

/** The codes that a rule names and nothing finds so far. */
const unfoundOf = ({ kind, params }: Pick<AlertRule, "kind" | "params">): readonly string[] =>
  kind === "finding_opened" ? unfoundCodes(params as FindingOpenedParams) : [];

/**
 * Why somebody who is meant to be told by a rule would not be, or something that it names is not found, as things are. The rule is taken
 * all the same: things change.
 */
export const warningsOf = (
  rule: Pick<AlertRule, "channels" | "escalateTo" | "kind" | "params">,
  { subscriptions, isMailSet }: Reachable,
): RuleWarning[] => {
  const has = (kind: string) => channelsFor(rule, "escalated").some((channel) => channel.kind === kind);
  const warnings: RuleWarning[] = [];
  if (rule.channels.length === 0)
    warnings.push({ code: "no_recipient", message: "The rule names no channel, so nobody is told." });
  if (has("push") && subscriptions === 0)
    warnings.push({ code: "no_recipient", message: "Nobody has subscribed to pushes of this site." });
  if (has("email") && !isMailSet)
    warnings.push({ code: "mail.unset", message: "No mail server is set (SMTP_URL), so no mail is sent." });
  const unfound = unfoundOf(rule);
  if (unfound.length > 0)
    warnings.push({
      code: "finding_code_unknown",
      message: `Nothing finds ${unfound.join(", ")} so far; there is ${findingCodes.join(", ")}.`,
    });
  return warnings;
};
