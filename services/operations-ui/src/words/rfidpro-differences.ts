import type { RfidproDifference, RfidproDifferenceClass, RfidproDifferenceState } from "@tagwire/messages";
import type { LucideIcon } from "lucide-react";
import { CircleAlert, CircleCheck, CircleDashed, CircleSlash, Eye } from "lucide-react";
import type { Tone } from "../look/tone.ts";

type Shown = { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone };

export const differenceStateWords: Readonly<Record<RfidproDifferenceState, Shown>> = {
  pending: { word: "The next pull decides", icon: CircleDashed, tone: "ended" },
  open: { word: "Open", icon: CircleAlert, tone: "missing" },
  acknowledged: { word: "Taken up", icon: Eye, tone: "inService" },
  resolved: { word: "Resolved", icon: CircleCheck, tone: "ready" },
  false_positive: { word: "Was never wrong", icon: CircleSlash, tone: "ended" },
  gone: { word: "Not there any more", icon: CircleCheck, tone: "ended" },
};

export const differenceClassWords: Readonly<Record<RfidproDifferenceClass, string>> = {
  only_in_rfidpro: "Only in RFIDpro",
  missing_from_rfid: "Missing from RFIDpro",
  only_in_ops: "Scan only in our record",
  status_mismatch: "Another state",
  location_mismatch: "Another place",
  quantity_mismatch: "Another quantity of a class",
  return_not_recorded: "Return not recorded on one side",
  double_booked: "Out on two contracts",
  state_without_event: "Changed without a scan",
  late_upload: "Uploaded late",
  clock_skew: "The clocks differ",
  duplicate: "More than once in RFIDpro",
  malformed: "Cannot be read",
};

export const differenceResolutionWords: Readonly<
  Record<NonNullable<RfidproDifference["resolution"]>, string>
> = {
  fixed_in_operations: "Put right in our record",
  fixed_in_rfidpro: "Put right in RFIDpro",
  accepted_difference: "Is so, and may stay so",
  false_positive: "Was never wrong",
};
