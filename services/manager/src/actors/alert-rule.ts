import {
  type AlertParams,
  type AlertRule,
  alertParams,
  type CreateAlertRule,
  type PatchAlertRule,
  staleParamsDefault,
} from "@tagwire/messages";
import { Compile } from "typebox/compile";

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
>;

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
});

export const patchRule = (rule: Complete, patch: PatchAlertRule): Complete => ({
  ...rule,
  ...(patch as Partial<Complete>),
});

/** Why a rule cannot be as it is; undefined when it can. What a schema says of each field has been checked before. */
export const complaintOf = ({ kind, params, channels }: Complete): string | undefined => {
  if (!checks[kind].Check(params)) return `params are not those of ${kind}`;
  if (new Set(channels.map((channel) => channel.kind)).size < channels.length)
    return "a channel is named twice";
  return undefined;
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
