import type { Rule } from "./rule.ts";

/** Who made a scan, as far as the log says: its device, its reader or its person. */
const who = `coalesce(by->>'device', by->>'reader', by->>'person', 'nobody')`;

/** Scans of the last hour that carry a flag, by who made them. The words do not count them, so that the same trouble stays the same. */
const flaggedLately = (flag: string, detail: string, where = "true"): string =>
  `select distinct ${who} as key, '${detail}' as detail from event
    where site = $1 and recorded_at > now() - interval '1 hour' and data->'flags' ? '${flag}' and ${where}`;

/**
 * What a reader goes on hearing after its first report of a thing, it tells with the next one: a minute later, unless it is set otherwise.
 * Somebody with a scanner is often quicker, and neither is late.
 */
const isNoHeldReport = "not (by ? 'reader' and received_at - scanned_at <= interval '5 minutes')";

/** What time says of a site. The entity `clock` is about whoever made scans, and no disagreement of anybody with the record. */
export const timeRules: readonly Rule[] = [
  {
    code: "clock_ahead",
    entity: "clock",
    sql: flaggedLately("future_scan", "scans were made later than they arrived"),
  },
  {
    code: "backdated",
    entity: "clock",
    sql: flaggedLately("backdated", "scans were made more than 72 hours before they arrived"),
  },
  {
    // Of the newest events only: the chain proves that none of them changed since it was proven.
    code: "record_order",
    entity: "event",
    sql: `select epoch || ':' || pos as key, 'recorded before the event before it' as detail from (
        select epoch, pos, recorded_at, lag(recorded_at) over (order by epoch, pos) as before
        from (select * from event where site = $1 order by epoch desc, pos desc limit 5000) newest
      ) ordered where recorded_at < before`,
  },
  {
    code: "late_arrival",
    entity: "clock",
    sql: flaggedLately(
      "late_history_only",
      "scans came after newer facts of the same things",
      isNoHeldReport,
    ),
  },
  {
    // A device sends in the order in which it scanned, whenever it can: what it scanned before it does not send afterwards.
    code: "time_travel",
    entity: "clock",
    sql: `select distinct device as key, 'scans more than ten minutes older than those it had sent' as detail from (
        select by->>'device' as device, scanned_at, max(scanned_at) over (
          partition by by->>'device' order by received_at range between unbounded preceding and interval '1 millisecond' preceding
        ) as sent_before
        from event where site = $1 and recorded_at > now() - interval '1 hour' and by ? 'device' and scanned_at is not null
      ) ordered where scanned_at < sent_before - interval '10 minutes'`,
  },
];
