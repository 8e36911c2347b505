/** Whom an alert calls: `page` somebody now, by day or night; `ticket` somebody within the day; `none` nobody, a machine listens. */
export type Severity = "page" | "ticket" | "none";

export type RecordingRule = {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
};

export type AlertingRule = {
  readonly alert: string;
  readonly expr: string;
  /** How long it has to be so. */
  readonly for?: string;
  readonly labels: { readonly severity: Severity; readonly service: string; readonly slo?: string };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
};

export type RuleGroup = {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
};

/** What Prometheus reads: “Defining recording rules” and “Alerting rules” of its documentation. */
export type RuleFile = { readonly groups: readonly RuleGroup[] };

export const isAlerting = (rule: RecordingRule | AlertingRule): rule is AlertingRule => "alert" in rule;

/** An alert as it is thought of: the rest of its rule follows from its name. */
export type Alert = {
  readonly name: string;
  readonly expr: string;
  readonly for?: string;
  readonly severity: Severity;
  /** Where to look first. */
  readonly service: string;
  readonly slo?: string;
  /** What is so, in a line; `{{ $labels.site }}` and the like are filled in. */
  readonly summary: string;
  /** What it means for people. */
  readonly description: string;
};

export const alertingRule = (alert: Alert): AlertingRule => ({
  alert: alert.name,
  expr: alert.expr,
  ...(alert.for === undefined ? {} : { for: alert.for }),
  labels: {
    severity: alert.severity,
    service: alert.service,
    ...(alert.slo === undefined ? {} : { slo: alert.slo }),
  },
  annotations: {
    summary: alert.summary,
    description: alert.description,
    // In the tree that this file is of: there is no other address that everybody has.
    runbook_url: `deploy/runbooks/${alert.name}.md`,
  },
});
