import type { Flag, Outcome, ReceiptCode } from "@tagwire/messages";
import { Check, CheckCheck, CircleHelp, type LucideIcon, OctagonX } from "lucide-react";
import type { Tone } from "../look/tone.ts";

export type OutcomeShown = { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone };

export const outcomeWords: Record<Outcome, OutcomeShown> = {
  accepted: { word: "Accepted", icon: Check, tone: "ready" },
  already_applied: { word: "Already done", icon: CheckCheck, tone: "ended" },
  rejected: { word: "Refused", icon: OctagonX, tone: "missing" },
  quarantined: { word: "Held: unknown tag", icon: CircleHelp, tone: "inService" },
};

export const codeWords: Record<ReceiptCode, string> = {
  tag_unknown: "Kept, and applied once an item carries this tag.",
  tag_malformed: "This is not a tag: 1 to 64 printable characters are.",
  transition_refused: "The item's status does not allow this.",
  contract_required: "This kind of scan needs a contract number.",
  contract_closed: "The contract takes nothing more.",
  class_not_on_contract: "The contract has no line of this class: it counts as extra.",
  contract_unknown: "No contract has that number: it was taken off the one it was out on.",
  other_contract:
    "It was out on another contract than the scan named, and came back from that one. The named one counts it only if it went out there too.",
  contract_not_of_session:
    "Taken, but on another contract than the session's: it is not one of those expected.",
  type_not_of_session: "Taken, but it is not the kind of scan this session is for.",
  session_closed: "The session was closed before this scan.",
  duplicate_in_session: "Scanned in this session already.",
  status_required: "A service scan says which status it leads to.",
  quarantine_full: "Too many scans of this unknown tag wait already. Put it into stock first.",
  id_reused: "This scan id was used before for something else.",
  late_history_only: "Something newer is known, so this is history only.",
  future_scan: "The device's clock is ahead. The time of arrival was used.",
  backdated: "Scanned more than 72 hours before it arrived.",
};

export const flagWords: Record<Flag, string> = {
  return_not_recorded: "The return before this was never scanned",
  rental_not_recorded: "The rental before this was never scanned",
  found: "Was missing, is found",
  seen_while_out: "Seen here while out on a contract",
  seen_after_end: "Seen although sold or retired",
  scanned_before_sale: "Scanned before it was sold, which nobody knew then",
  forced: "Forced by a person",
  late_history_only: "Late: history only",
  backdated: "More than 72 h old",
  future_scan: "Device clock was ahead",
  from_quarantine: "Held as unknown tag, applied later",
  class_not_on_contract: "Not ordered on this contract: extra",
  contract_unknown: "Named a contract that nobody knows",
  other_contract: "Named another contract than the one it was out on",
  contract_not_of_session: "On another contract than its session",
  type_not_of_session: "Not the kind of scan its session is for",
  session_closed: "Scanned after the end of its session: none of its tags",
  stray: "Overheard by a reader: it is not taken to be there",
  items_out: "Closed with items still out",
  lots_out: "Closed with counted goods still out",
};

const spaced = (code: string): string => code.replaceAll("_", " ");

/** A receipt code in words; a code that a newer server invented is shown as it is. */
export const codeWord = (code: string): string => (codeWords as Record<string, string>)[code] ?? spaced(code);
export const flagWord = (flag: string): string => (flagWords as Record<string, string>)[flag] ?? spaced(flag);

/** What a scan is listed under as odd: a flag, else a code, else what the list itself says of it. */
export const markWord = (mark: string): string => {
  if (mark === "rejected") return outcomeWords.rejected.word;
  if (mark === "late") return "Came late";
  return mark in flagWords ? flagWord(mark) : codeWord(mark);
};
