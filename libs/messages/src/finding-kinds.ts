export const findingSeverityNames = ["critical", "high", "medium"] as const;
export type FindingSeverity = (typeof findingSeverityNames)[number];

/**
 * What a finding is healed by. `replay`: the manager's rows of the site are made anew from the log. `recount`: what is kept of a bucket is
 * what its rows come to from then on; where those are wrong, that is a finding of its own. `edit`: an ordinary edit sets fields of an
 * item back to what its events come to, and is an event itself.
 */
export const remedies = ["replay", "recount", "edit", "none"] as const;
export type Remedy = (typeof remedies)[number];

type Kind = {
  readonly severity: FindingSeverity;
  readonly remedy: Remedy;
  /** What it is, and what a person does about it. */
  readonly advice: string;
};

/** When no audit of a site has come to its end for so many intervals, that is a finding: one may be long, or be given up, and the next is in time. */
export const lateAuditIntervals = 2;

/** Every kind of discrepancy that an audit finds. */
export const findingKinds = {
  field_diff: {
    severity: "high",
    remedy: "replay",
    advice:
      "Both sides hold the thing, and not the same of it; the record agrees with its events. Heal: the manager's rows are made anew.",
  },
  missing_in_manager: {
    severity: "high",
    remedy: "replay",
    advice:
      "Operations holds it, and the manager does not. Heal: the manager's rows are made anew from the log.",
  },
  missing_in_operations: {
    severity: "high",
    remedy: "replay",
    advice: "The manager holds what no event explains. Heal: the manager's rows are made anew from the log.",
  },
  state_unexplained: {
    severity: "critical",
    remedy: "none",
    advice:
      "The record is not what its events come to, so it was changed past Tagwire. Look at both rows, ask who writes to the database, and set the thing right by an ordinary scan or edit. Where only fields differ that an edit sets, healing does so.",
  },
  bucket_diff: {
    severity: "medium",
    remedy: "none",
    advice:
      "Sums of both sides differed at a barrier, and their rows did not a moment later: somebody changed something behind their backs and put it back. Find out by whom.",
  },
  digest_drift: {
    severity: "high",
    remedy: "recount",
    advice:
      "What was kept while writing is not what the rows come to: rows were written with triggers off, or restored from elsewhere. Find out by whom; rows that differ are findings of their own. Heal: the rows are counted anew.",
  },
  event_changed: {
    severity: "critical",
    remedy: "none",
    advice:
      "An event of the log no longer carries its own hash, or the chain is broken there. History was changed: keep the database as it is, and compare with a backup or an export.",
  },
  events_not_applied: {
    severity: "high",
    remedy: "replay",
    advice: "The log is whole, and the manager has not applied all of it. Look at what is parked, then heal.",
  },
  events_parked: {
    severity: "high",
    remedy: "none",
    advice:
      "The manager could not apply some events and put them aside. Their errors are in its table parked.",
  },
  projection_lag: {
    severity: "high",
    remedy: "none",
    advice: "The manager did not come to the barrier in time. See whether it runs and what it waits for.",
  },
  forms_differ: {
    severity: "medium",
    remedy: "none",
    advice: "Both sides are of different releases and cannot be compared. Finish the upgrade.",
  },
  audit_incomplete: {
    severity: "high",
    remedy: "none",
    advice: "An audit did not come to its end, so nothing is proven. The reason is in the finding.",
  },
  audit_late: {
    severity: "high",
    remedy: "none",
    advice:
      "For more than twice the interval no audit of the site came to its end, so nothing was proven meanwhile. Either no health-check ran, or its audits failed: its log says why. What was missed is made up for by the next audits.",
  },
  rule_late: {
    severity: "high",
    remedy: "none",
    advice:
      "At two audits in a row the database did not answer a rule in time, so what breaks it is not found. See what the database is busy with, and whether its statistics are old: `analyze` of the tables of operations helps where plans are bad.",
  },
  systemic: {
    severity: "high",
    remedy: "replay",
    advice:
      "So much differs that it is one trouble and not many. Look for one cause; examples are listed as findings of their own.",
  },
  ledger_open: {
    severity: "high",
    remedy: "none",
    advice:
      "What became of the reads of a reader does not add up to what was read. Its ledger in the reader-gateway says where; keep its log.",
  },
  orphan_member: {
    severity: "medium",
    remedy: "none",
    advice: "A contract names a tag that no item carries. Commission the tag, or look for who deleted it.",
  },
  orphan_contract: {
    severity: "medium",
    remedy: "none",
    advice: "An item or a line of a contract names a contract that is not there.",
  },
  orphan_session_tag: {
    severity: "medium",
    remedy: "none",
    advice: "A session that is not there holds tags.",
  },
  orphan_history: {
    severity: "medium",
    remedy: "none",
    advice: "The log speaks of an item that is not there. Somebody deleted its row.",
  },
  double_rental: {
    severity: "high",
    remedy: "none",
    advice: "One thing is out on two contracts at once. Scan it, and see which of them it is on.",
  },
  out_without_contract: {
    severity: "high",
    remedy: "none",
    advice: "An item is out, and the contract that it names does not have it out, or the other way round.",
  },
  contract_quantity: {
    severity: "high",
    remedy: "none",
    advice: "The counts of a contract are not those of what is on it.",
  },
  session_count: {
    severity: "medium",
    remedy: "none",
    advice: "The counts of a session are not those of its tags.",
  },
  clock_ahead: {
    severity: "medium",
    remedy: "none",
    advice:
      "The clock of a device is ahead. Its scans count from when they arrived, so nothing is lost but their true time. Set its clock, and have it set itself from then on.",
  },
  backdated: {
    severity: "medium",
    remedy: "none",
    advice:
      "Scans came more than 72 hours after they were made, or the device's clock is far behind. They are in the history and changed no newer fact. See whether the device was offline for so long.",
  },
  findings_changed: {
    severity: "critical",
    remedy: "none",
    advice:
      "A line of the log of findings is not the one that was written. Somebody edits what is known of discrepancies: keep the database as it is.",
  },
  record_order: {
    severity: "critical",
    remedy: "none",
    advice:
      "The log says that an event was recorded before the one that it follows. Nobody but a hand in the database does that.",
  },
  duplicate_tag: {
    severity: "critical",
    remedy: "none",
    advice: "One GS1 EPC is on two things. Re-tag one of them.",
  },
  tag_cloned: {
    severity: "critical",
    remedy: "none",
    advice:
      "One EPC was read from two chips within a day: somebody has copied a tag, or one label was printed twice. Look at both things, and re-tag one of them.",
  },
  travel_impossible: {
    severity: "critical",
    remedy: "none",
    advice:
      "One EPC was scanned at two sites within minutes: somebody has copied a tag, or one of the two scans was not made where it says. Look at both things.",
  },
  mass_change: {
    severity: "critical",
    remedy: "none",
    advice:
      "Somebody wrote off hundreds of things by hand within an hour. Ask who it was; what was a mistake is undone from the history.",
  },
  waiting_known: {
    severity: "medium",
    remedy: "none",
    advice:
      "Scans wait for a tag that an item carries. They should have been decided when it was commissioned.",
  },
  waiting_changed: {
    severity: "high",
    remedy: "none",
    advice:
      "A scan that waits for its tag is not the one that the log tells of, or the log tells of none. It would be decided otherwise than it was made: dismiss it, and scan the thing again.",
  },
  receipt_without_event: {
    severity: "high",
    remedy: "none",
    advice: "A receipt names an event that the log does not have.",
  },
  record_unreadable: {
    severity: "critical",
    remedy: "none",
    advice:
      "Something in the record is not of the kind that it has to be, so that a rule cannot be asked at all. The finding has the words of the database; somebody wrote there past Tagwire.",
  },
  class_unknown: {
    severity: "medium",
    remedy: "none",
    advice: "An item has no class, or the word for nothing as its class. Set it right where it came from.",
  },
  return_twice: {
    severity: "high",
    remedy: "none",
    advice: "The log returns a thing twice, and it did not go out between. Look at its timeline.",
  },
  stuck_in_transit: {
    severity: "medium",
    remedy: "none",
    advice:
      "A thing has been set aside for a contract for more than a week and never went out. Scan it: it is on the shelf, on the lorry, or gone.",
  },
  outbox_stuck: {
    severity: "high",
    remedy: "none",
    advice:
      "Events of the record are not in the stream after a minute, so that nobody sees them. Look at NATS.",
  },
  lease_unheld: {
    severity: "high",
    remedy: "none",
    advice: "No process of operations owns the site, so that nothing can be recorded. See whether one runs.",
  },
  transaction_old: {
    severity: "medium",
    remedy: "none",
    advice:
      "A transaction in the database has been open for more than ten minutes, or whatever is set. Nothing that ended since is cleared away, and everything gets slower. End it.",
  },
  read_gap: {
    severity: "high",
    remedy: "none",
    advice:
      "A device has made scans that never came: its own count goes further than what is here. Bring it into the network and let it send, or scan these things again.",
  },
  device_lost: {
    severity: "critical",
    remedy: "none",
    advice:
      "A device has lost its memory with scans in it that had not been sent: it counts from the beginning again. Look at who worked with it when, and scan these things again, or hand in its rescue file.",
  },
  sequence_reused: {
    severity: "high",
    remedy: "none",
    advice:
      "Two scans came under one number of a device. It was set back to an earlier state, or two devices go by one name.",
  },
  clock_skew: {
    severity: "medium",
    remedy: "none",
    advice:
      "The clock of a device or reader is more than 30 seconds off, as measured when it sent. Have it set itself from the network.",
  },
  late_arrival: {
    severity: "medium",
    remedy: "none",
    advice:
      "Scans came after newer facts of the same things. They are in the history and changed nothing. Boards, Odd scans, lists which things and how late. A device that was offline explains it; of a fixed reader look at its line and its clock.",
  },
  time_travel: {
    severity: "medium",
    remedy: "none",
    advice:
      "A device has sent scans that are more than ten minutes older than those it sent before. Its clock was set back, or two devices go by one name.",
  },
} as const satisfies Record<string, Kind>;

export type FindingCode = keyof typeof findingKinds;
export const findingCodes = Object.keys(findingKinds) as [FindingCode, ...FindingCode[]];
