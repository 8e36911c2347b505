import {
  type AlertParams,
  type AlertRule,
  alertParams,
  type CreateAlertRule,
  type EscalateTo,
  type PatchAlertRule,
  staleParamsDefault,
  type ThresholdParams,
} from "@tagwire/messages";
import { Compile } from "typebox/compile";
import { complaintOfFigure } from "./figure-pointer.ts";

/** Of one site. */
export const rulesMax = 200;

const checks = {
  stale: Compile(alertParams.stale),
  overdue: Compile(alertParams.overdue),
  missing: Compile(alertParams.missing),
  queue_age: Compile(alertParams.queue_age),
  reader_silent: Compile(alertParams.reader_silent),
  finding_opened: Compile(alertParams.finding_opened),
  webhook_failing: Compile(alertParams.webhook_failing),
  threshold: Compile(alertParams.threshold),
};

type Complete = Pick<
  AlertRule,
  "kind" | "name" | "severity" | "params" | "enabled" | "quietHours" | "escalateAfterMinutes" | "channels"
> & { readonly escalateTo: EscalateTo | null };

/** A rule with everything that was left out. */
export const completeRule = (rule: CreateAlertRule): Complete => ({
  kind: rule.kind,
  name: rule.name,
  severity: rule.severity ?? "warning",
  params: rule.params as AlertParams,
  enabled: rule.enabled ?? true,
  quietHours: rule.quietHours ?? null,
  escalateAfterMinutes: rule.escalateAfterMinutes ?? null,
  channels: rule.channels ?? [{ kind: "in_app" }],
  escalateTo: rule.escalateTo ?? null,
});

export const patchRule = (rule: Complete, patch: PatchAlertRule): Complete => ({
  ...rule,
  ...(patch as Partial<Complete>),
});

/** Why a rule cannot be as it is; undefined when it can. What a schema says of each field has been checked before. */
export const complaintOf = ({
  kind,
  params,
  channels,
  escalateTo,
  escalateAfterMinutes,
}: Complete): string | undefined => {
  if (!checks[kind].Check(params)) return `params are not those of ${kind}`;
  const isTwice = (named: readonly { readonly kind: string }[]) =>
    new Set(named.map((channel) => channel.kind)).size < named.length;
  if (isTwice(channels) || isTwice(escalateTo?.channels ?? [])) return "a channel is named twice";
  if (escalateTo !== null && escalateAfterMinutes === null)
    return "escalateTo without escalateAfterMinutes: nothing is ever escalated";
  return undefined;
};

export type Complaint = { readonly code: "figure_unknown"; readonly why: string };

/**
 * Why what a rule watches can never be; undefined when it can. Only what somebody says now is looked at: a rule of before stays, and can
 * be changed otherwise.
 */
export const complaintOfWatched = ({
  kind,
  params,
}: Pick<Complete, "kind" | "params">): Complaint | undefined => {
  if (kind !== "threshold") return undefined;
  const why = complaintOfFigure((params as ThresholdParams).figure);
  return why === undefined ? undefined : { code: "figure_unknown", why };
};

/** What every site begins with. */
export const defaultRules: readonly CreateAlertRule[] = [
  {
    kind: "stale",
    name: "Not scanned for long",
    severity: "info",
    params: staleParamsDefault,
  },
  { kind: "missing", name: "Missing items", params: {} },
  {
    kind: "queue_age",
    name: "Waiting in service for long",
    params: { hours: { inspect: 72, repair: 336, wash: 72, wet: 48 } },
  },
  // A gate hears nothing all night, so only a day without a read says that something is wrong.
  { kind: "reader_silent", name: "Reader silent", params: { minutes: 15, minutesWithoutReads: 1_440 } },
  { kind: "overdue", name: "Contracts overdue", params: {} },
  { kind: "finding_opened", name: "Findings", severity: "info", params: {} },
  { kind: "webhook_failing", name: "Webhook failing", params: {} },
];
