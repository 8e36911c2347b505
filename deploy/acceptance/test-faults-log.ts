import { drop, flip, isPast, keyOf, type SeededFault, silently } from "./test-fault.ts";

const event = "epoch || ':' || pos";

/** What can be wrong with what happened, as it was written down. */
export const logFaults: readonly SeededFault[] = [
  {
    name: "an event says something else than it said",
    code: "event_changed",
    also: ["digest_drift"],
    seed: flip("operations.event", "data", `data || '{"flags": ["made_up"]}'`, event, isPast),
  },
  {
    name: "an event says somebody else did it",
    code: "event_changed",
    // It may be what tells of a scan that waits.
    also: ["digest_drift", "waiting_changed"],
    seed: flip("operations.event", "by", `'{"person": "somebody else"}'`, event, isPast),
  },
  {
    name: "an event is gone from the log",
    code: "event_changed",
    also: ["digest_drift", "receipt_without_event", "waiting_changed"],
    seed: drop("operations.event", event, isPast),
  },
  {
    name: "an event was recorded before the one it follows",
    code: "record_order",
    also: ["event_changed", "digest_drift"],
    seed: flip(
      "operations.event",
      "recorded_at",
      "recorded_at - interval '1 day'",
      event,
      // One that has another before it even where the first is gone.
      `pos > 2 and ${isPast}`,
    ),
  },
  {
    name: "an event was changed past every trigger",
    code: "event_changed",
    seed: (sql) =>
      silently(
        sql,
        flip(
          "operations.event",
          "scanned_at",
          "scanned_at + interval '1 minute'",
          event,
          `scanned_at is not null and ${isPast}`,
        ),
      ),
  },
  {
    name: "a line of the log of findings was changed",
    code: "findings_changed",
    seed: (sql) =>
      keyOf(sql`
        update health_check.line set by = coalesce(by, '') || '!'
        where seq = (select max(seq) from health_check.line) returning seq::text as key`),
  },
  {
    name: "a receipt names an event that there is not",
    code: "receipt_without_event",
    seed: flip(
      "operations.receipt",
      "receipt",
      `jsonb_set(receipt, '{event,pos}', '99999999')`,
      "id::text",
      "receipt ? 'event'",
    ),
  },
];
