import { type Alert, alertingRule, type RecordingRule, type RuleGroup } from "./rule-file.ts";
import type { Slo } from "./slos.ts";

/*
 * Multiwindow, multi-burn-rate alerts as in chapter 5 of the SRE workbook, “Alerting on SLOs”: a budget that is
 * spent 14.4 times too fast is gone to 2 % in an hour. The short window, a twelfth of the long one, ends the alert soon after it is over.
 */

type Burn = { readonly factor: number; readonly long: string; readonly short: string };

const fast: readonly Burn[] = [
  { factor: 14.4, long: "1h", short: "5m" },
  { factor: 6, long: "6h", short: "30m" },
];
const slow: readonly Burn[] = [
  { factor: 3, long: "1d", short: "2h" },
  { factor: 1, long: "3d", short: "6h" },
];

const windows = [...fast, ...slow].flatMap(({ long, short }) => [short, long]);

/** A ratio of less than this many is none: of ten commands one that fails would wake somebody. */
const floor = 50;

const errorsName = (window: string): string => `tagwire:slo_errors:ratio_increase${window}`;
const eventsName = (window: string): string => `tagwire:slo_events:increase${window}`;

const recordings = (slo: Slo): RecordingRule[] =>
  [...new Set(windows)].flatMap((window) => [
    {
      record: eventsName(window),
      expr: slo.total(window),
      labels: { slo: slo.name },
    },
    {
      record: errorsName(window),
      // Never below nothing: the two sums are taken of buckets that rose at slightly different moments.
      expr: `clamp_min(1 - (${slo.good(window)} or vector(0)) / (${slo.total(window)} > 0), 0)`,
      labels: { slo: slo.name },
    },
  ]);

/** A share without the noise of floating point: 14.4 × 0.001 is 0.0144. */
const share = (value: number): string => String(Number(value.toPrecision(6)));

const burns = ({ name, objective }: Slo, { factor, long, short }: Burn): string => {
  const selector = `{slo="${name}"}`;
  const above = `> ${share(factor * (1 - objective))}`;
  return [
    `(${errorsName(long)}${selector} ${above}`,
    `and ${errorsName(short)}${selector} ${above}`,
    `and ${eventsName(long)}${selector} > ${floor})`,
  ].join(" ");
};

const alertOf = (slo: Slo, kind: "fast" | "slow"): Alert => ({
  name: `${slo.alert}${kind === "fast" ? "Fast" : "Slow"}Burn`,
  expr: (kind === "fast" ? fast : slow).map((burn) => burns(slo, burn)).join("\nor\n"),
  severity: kind === "fast" ? "page" : "ticket",
  service: slo.service,
  slo: slo.name,
  summary:
    kind === "fast"
      ? "{{ $value | humanizePercentage }} is not as promised, which spends the budget of 28 days within days"
      : "{{ $value | humanizePercentage }} is not as promised, which spends more than the budget of 28 days",
  description: `Promised: ${slo.promise}.`,
});

/** What is recorded of an objective, and who is called when its budget burns. */
export const sloGroup = (slo: Slo): RuleGroup => ({
  name: `tagwire slo ${slo.name}`,
  interval: "30s",
  rules: [...recordings(slo), ...(["fast", "slow"] as const).map((kind) => alertingRule(alertOf(slo, kind)))],
});
