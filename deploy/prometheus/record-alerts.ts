import type { Alert } from "./rule-file.ts";

/** A finding that stands: nobody has settled it yet. */
const standing = 'state=~"open|acknowledged|in_review"';
const standingOf = (codes: readonly string[]): string =>
  `sum by (site, code) (tagwire_findings{code=~"${codes.join("|")}",${standing}})`;

/** Whether the record is whole: what audits say, and whether there are any. */
export const recordAlerts: readonly Alert[] = [
  {
    name: "AuditMissed",
    expr: "max by (site) (tagwire_audit_last_success_age_seconds) > 660",
    severity: "page",
    service: "health-check",
    summary: "{{ $labels.site }} was last audited {{ $value | humanizeDuration }} ago",
    description:
      "Two audits in a row did not come to their end: nobody knows whether screens and record agree.",
  },
  {
    name: "RecordDamaged",
    expr: `${standingOf(["event_changed", "receipt_without_event", "findings_changed", "record_order"])} > 0`,
    severity: "page",
    service: "operations",
    summary: "{{ $value }} findings {{ $labels.code }} at {{ $labels.site }}",
    description: "The log or its receipts are not what they were: something acknowledged may be gone.",
  },
  {
    name: "DeviceSeqGap",
    expr: `${standingOf(["read_gap", "sequence_reused"])} > 0`,
    severity: "page",
    service: "health-check",
    summary: "{{ $value }} devices of {{ $labels.site }} have counted scans that never came",
    description: "They wait on the device, or are lost there.",
  },
  {
    name: "DeviceIncarnationLost",
    expr: `${standingOf(["device_lost"])} > 0`,
    severity: "page",
    service: "health-check",
    summary: "A device of {{ $labels.site }} has lost its memory with scans in it",
    description: "These scans exist nowhere else: somebody has to count again what was scanned.",
  },
  {
    name: "FindingsOpen",
    expr: 'sum by (site) (tagwire_findings{state="open"}) > 0',
    for: "15m",
    severity: "ticket",
    service: "health-check",
    summary: "{{ $value }} findings of {{ $labels.site }} are open",
    description: "Something does not agree, in two audits running, and nobody has looked at it.",
  },
  {
    name: "FindingsMany",
    expr: 'sum by (site) (tagwire_findings{state="open"}) > 20',
    for: "6m",
    severity: "page",
    service: "health-check",
    summary: "{{ $value }} findings of {{ $labels.site }} are open",
    description: "Much does not agree at once: this is one cause, and not twenty.",
  },
  {
    name: "RfidproPullOld",
    expr: "max by (site) (tagwire_rfidpro_last_success_age_seconds) > 93600",
    for: "30m",
    severity: "ticket",
    service: "rfidpro-backup",
    summary: "RFIDpro was last read whole for {{ $labels.site }} {{ $value | humanizeDuration }} ago",
    description: "The copy of the old system is older than 26 hours: pulls fail, or nobody starts them.",
  },
];
