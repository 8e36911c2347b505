import { recordAlerts } from "./record-alerts.ts";
import type { Alert } from "./rule-file.ts";

/** The road from the scan to the screen. */
const road: readonly Alert[] = [
  {
    name: "ServiceDown",
    expr: 'up{job="tagwire"} == 0',
    for: "2m",
    severity: "page",
    service: "{{ $labels.service }}",
    summary: "{{ $labels.service }} at {{ $labels.instance }} does not answer",
    description: "Prometheus gets no figures from this process: it is gone, hangs, or cannot be reached.",
  },
  {
    name: "SyntheticScanFailing",
    expr: "max by (site) (tagwire_synthetic_scan_last_success_age_seconds) > 120",
    for: "1m",
    severity: "page",
    service: "api-gateway",
    summary: "No test scan of {{ $labels.site }} has come back for {{ $value | humanizeDuration }}",
    description: "A scan like anybody's, at a site for practice beside this one, is not seen on a screen.",
  },
  {
    name: "SyntheticScanSlow",
    expr: "histogram_quantile(0.9, sum by (site, le) (rate(tagwire_synthetic_scan_seconds_bucket[10m]))) > 2",
    for: "10m",
    severity: "ticket",
    service: "operations",
    summary: "Test scans of {{ $labels.site }} take {{ $value | humanizeDuration }} to the screen",
    description: "One in ten takes longer than 2 s, with next to nothing else at that site.",
  },
  {
    name: "PartitionsUnowned",
    expr: "sum(tagwire_partitions_owned) < 16",
    for: "1m",
    severity: "page",
    service: "operations",
    summary: "Only {{ $value }} of 16 partitions have an owner",
    description: "Nobody decides for the sites of the others: their scans wait on the devices.",
  },
  {
    name: "TurnsFenced",
    expr: "increase(tagwire_turn_fenced_total[30m]) > 3",
    severity: "ticket",
    service: "operations",
    summary: "{{ $labels.instance }} has lost {{ $value }} turns to another owner",
    description:
      "Nothing is lost by it, but owners change again and again: they pause, or lose the database.",
  },
  {
    name: "OutboxOldestAge",
    expr: "max by (instance) (tagwire_relay_lag_seconds) > 30",
    for: "2m",
    severity: "page",
    service: "operations",
    summary: "Events wait {{ $value | humanizeDuration }} to leave operations",
    description: "They are recorded, and no screen shows them: the stream does not take them.",
  },
  {
    name: "ProjectionLag",
    expr: "max(tagwire_projection_lag_seconds) > 10",
    for: "5m",
    severity: "page",
    service: "manager",
    summary: "Screens are {{ $value | humanizeDuration }} behind the record",
    description: "The manager does not keep up, or does not apply anything.",
  },
  {
    name: "ProjectionUnled",
    expr: "max(tagwire_projection_leading) < 1",
    for: "1m",
    severity: "page",
    service: "manager",
    summary: "No manager projects",
    description: "What is recorded comes to no screen: every manager only answers.",
  },
  {
    name: "MessagesParked",
    expr: "max(tagwire_projection_parked_events) > 0 or max(tagwire_observations_parked) > 0",
    for: "15m",
    severity: "ticket",
    service: "manager",
    summary: "{{ $value }} messages were put aside",
    description: "Nobody could read or apply them; later ones of the same thing wait behind them.",
  },
  {
    name: "LiveResets",
    expr: [
      'sum(increase(tagwire_live_resumes_total{result="reset"}[15m]))',
      "/ (sum(increase(tagwire_live_resumes_total[15m])) > 20) > 0.05",
    ].join(" "),
    for: "15m",
    severity: "ticket",
    service: "api-gateway",
    summary: "{{ $value | humanizePercentage }} of screens that come back begin anew",
    description: "What they missed is not kept any more, so each loads its whole view again.",
  },
  {
    name: "WebhookEndpointFailing",
    expr: [
      'sum(increase(tagwire_webhook_attempts_total{outcome="failed"}[1h]))',
      "/ (sum(increase(tagwire_webhook_attempts_total[1h])) > 10) > 0.5",
    ].join(" "),
    for: "5m",
    severity: "ticket",
    service: "manager",
    summary: "{{ $value | humanizePercentage }} of deliveries to webhooks fail",
    description: "Systems of others do not hear what happens; each is tried again, in order.",
  },
];

/** The floor: readers and tablets. */
const floor: readonly Alert[] = [
  {
    name: "ReaderOffline",
    expr: 'max by (site, reader) (tagwire_reader_up) == 0 unless max by (site, reader) (tagwire_reader_phase{phase="stopped"}) == 1',
    for: "1m",
    severity: "ticket",
    service: "reader-gateway",
    summary: "Reader {{ $labels.reader }} of {{ $labels.site }} does not read",
    description: "It was started and is not connected; what passes it is not seen.",
  },
  {
    name: "ReadersMostlyOffline",
    expr: [
      "sum by (site) (max by (site, reader) (tagwire_reader_up))",
      '/ (sum by (site) (1 - max by (site, reader) (tagwire_reader_phase{phase="stopped"})) > 1) < 0.5',
    ].join(" "),
    for: "2m",
    severity: "page",
    service: "reader-gateway",
    summary: "Of the readers of {{ $labels.site }} only {{ $value | humanizePercentage }} read",
    description: "More than half of those that were started are away at once: their network or power is.",
  },
  {
    name: "ReaderPendingGrowing",
    expr: "sum by (site) (tagwire_reader_pending) > 1000 and sum by (site) (deriv(tagwire_reader_pending[5m])) > 0",
    for: "5m",
    severity: "page",
    service: "operations",
    summary: "{{ $value }} observations of {{ $labels.site }} wait, and they become more",
    description: "Readers see more than operations takes. The reader-gateway keeps all of it.",
  },
  {
    name: "ReaderLedgerBroken",
    expr: "max by (site, reader) (tagwire_reader_ledger_broken) > 0",
    for: "2m",
    severity: "page",
    service: "reader-gateway",
    summary: "The ledger of reader {{ $labels.reader }} of {{ $labels.site }} does not add up",
    description:
      "Reads may have been lost: read is not accepted + already applied + rejected + quarantined + pending.",
  },
  {
    name: "DeviceQueueStuck",
    expr: [
      "max by (site) (tagwire_device_queue_age_seconds) > 600",
      'or max by (site) (tagwire_device_waiting_scans{awaits="person"}) > 0',
    ].join(" "),
    for: "1h",
    severity: "ticket",
    service: "api-gateway",
    summary: "A tablet of {{ $labels.site }} has a network, and scans that it does not hand in",
    description: "They wait for a person there, or something refuses them again and again.",
  },
];

/** Every alert but those of objectives. */
export const alerts: readonly Alert[] = [
  ...road,
  ...recordAlerts,
  ...floor,
  {
    name: "Watchdog",
    expr: "vector(1)",
    severity: "none",
    service: "prometheus",
    summary: "Alerts arrive",
    description: "It is always so. Whoever listens raises an alarm when this stops coming.",
  },
];
