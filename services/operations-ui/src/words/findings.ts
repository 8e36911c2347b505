import type { Audit, AuditTier, FindingSeverity, FindingState, Resolution } from "@tagwire/messages";
import type { LucideIcon } from "lucide-react";
import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  CornerDownRight,
  Eye,
  SearchCheck,
  TriangleAlert,
} from "lucide-react";
import type { Tone } from "../look/tone.ts";

type Shown = { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone };

export const findingStateWords: Readonly<Record<FindingState, Shown>> = {
  suspect: { word: "Suspected", icon: CircleDashed, tone: "ended" },
  open: { word: "Open", icon: CircleAlert, tone: "missing" },
  acknowledged: { word: "Taken up", icon: Eye, tone: "inService" },
  in_review: { word: "In review", icon: SearchCheck, tone: "inService" },
  resolved: { word: "Resolved", icon: CircleCheck, tone: "ready" },
  closed: { word: "Closed", icon: CircleSlash, tone: "ended" },
  auto_healed: { word: "Healed", icon: CircleCheck, tone: "ready" },
  superseded: { word: "Another in its place", icon: CornerDownRight, tone: "ended" },
};

export const severityWords: Readonly<Record<FindingSeverity, string>> = {
  critical: "Critical",
  high: "Serious",
  medium: "Minor",
};

export const verdictWords: Readonly<Record<Audit["verdict"], Shown>> = {
  agree: { word: "Both sides agree", icon: CircleCheck, tone: "ready" },
  differ: { word: "Something does not agree", icon: CircleAlert, tone: "missing" },
  incomplete: { word: "Nothing is proven", icon: TriangleAlert, tone: "inService" },
};

export const tierWords: Readonly<Record<AuditTier, string>> = {
  T0: "Who is there, and what came in",
  T1: "Sums of all rows",
  T2: "Rows that differ",
  T3: "Rows and log from the ground",
  T4: "What belongs together, and lives by their events",
  T5: "Clocks and the order of time",
};

export const resolutionWords: Readonly<Record<Resolution, string>> = {
  fixed_forward: "Put right by a later scan or edit",
  source_corrected: "Put right where it came from",
  accepted_difference: "Is so, and may stay so",
  false_positive: "Was never wrong",
};

const known: Readonly<Record<string, string>> = {
  field_diff: "The screens show something else",
  missing_in_manager: "The screens do not have it",
  missing_in_operations: "The screens have what nobody recorded",
  state_unexplained: "The record is not what its events say",
  bucket_diff: "Sums differed for a moment",
  class_unknown: "No class",
  return_twice: "Returned twice",
  stuck_in_transit: "Set aside for too long",
  record_unreadable: "The record cannot be read",
  outbox_stuck: "Events do not leave",
  lease_unheld: "Nobody owns the site",
  transaction_old: "A transaction that does not end",
  read_gap: "Scans that never came",
  device_lost: "A device lost scans",
  sequence_reused: "One number for two scans",
  clock_skew: "A clock is off",
  late_arrival: "Scans came too late to count",
  time_travel: "A device went back in time",
  digest_drift: "Rows were written past the count",
  event_changed: "The log was changed",
  events_not_applied: "The screens have not taken in all events",
  events_parked: "Events could not be shown and were put aside",
  projection_lag: "The screens were late",
  forms_differ: "Two releases at once",
  audit_incomplete: "An audit did not finish",
  audit_late: "No audit came to its end for long",
  rule_late: "A rule was not answered in time",
  systemic: "Much of one kind",
  ledger_open: "Reads are not accounted for",
  orphan_member: "A contract has a tag that no item carries",
  orphan_contract: "A contract is named that is not there",
  orphan_session_tag: "A session is named that is not there",
  orphan_history: "The log has an item that is not there",
  double_rental: "One thing is out twice",
  out_without_contract: "Item and contract do not say the same",
  contract_quantity: "A contract counts wrongly",
  session_count: "A session counts wrongly",
  clock_ahead: "A clock is ahead",
  backdated: "Scans came days late",
  findings_changed: "The log of findings was changed",
  record_order: "The log is out of order",
  duplicate_tag: "One EPC on two things",
  tag_cloned: "One EPC on two chips",
  travel_impossible: "One EPC at two sites at once",
  mass_change: "Very many things written off",
  waiting_known: "Scans wait for a known tag",
  waiting_changed: "A waiting scan is not the one in the log",
  receipt_without_event: "A receipt without its event",
};

/** What a finding is, in a few words; one that a newer server knows is shown by its code. */
export const findingWord = (code: string): string => known[code] ?? code.replaceAll("_", " ");

/** What became of a finding, as its history tells it. */
export const changeWord = (what: string): string => {
  const words: Readonly<Record<string, string>> = {
    suspected: "Suspected",
    opened: "Opened",
    revised: "Changed: something else differs",
    acknowledged: "Taken up",
    in_review: "Looked into",
    proposed: "Resolution proposed",
    resolved: "Resolved",
    closed: "Closed",
    reopened: "Opened again",
    healing: "Being healed",
    auto_healed: "Healed",
    heal_proposed: "Healing proposed",
    superseded: "Another came in its place",
    touched: "Changed",
  };
  return words[what] ?? what;
};
