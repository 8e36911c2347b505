import type {
  ContractKind,
  ContractProgress,
  ContractState,
  MemberState,
  Trip,
  TripLeg,
  TripStatus,
  Trips,
} from "@tagwire/messages";
import { roundStateWords } from "./laundry.ts";

/** How far a contract is, by what its own record says and not by what its items are. */
const progressWords: Record<ContractProgress, string> = {
  empty: "Nothing ordered yet",
  ready: "Nothing out yet",
  partial_out: "Going out",
  all_out: "All out",
  partial_in: "Coming back",
  none_out: "None out, not all scanned in",
  all_returned: "All back",
};

/** While laundry is counted nothing of it is with the cleaner: what goes out on its contract has been counted. */
const countedWords: Partial<Record<ContractProgress, string>> = {
  ready: "Nothing counted yet",
  partial_out: "Being counted",
  all_out: "All counted",
};

/** Of laundry it is told what was sent once it is, and what of that is back when the cleaner has brought it. */
const laundryWords: Record<ContractProgress, string> = {
  empty: "Nothing counted yet",
  ready: "Nothing sent yet",
  partial_out: "Partly sent",
  all_out: "All sent",
  partial_in: "Partly back",
  none_out: "None there, not all scanned in",
  all_returned: "All of it back",
};

/** How far a contract is; laundry in the words of its rounds. */
export const progressText = ({
  kind,
  state,
  progress,
}: {
  kind: ContractKind;
  state: ContractState;
  progress: ContractProgress;
}): string => {
  if (kind !== "laundry") return progressWords[progress];
  return (state === "open" ? countedWords[progress] : undefined) ?? laundryWords[progress];
};

export const kindWords: Record<ContractKind, string> = {
  rental: "Rental",
  laundry: "Laundry",
  manual: "Written by hand",
};

const stateWords: Record<ContractState, string> = {
  open: "Open",
  finalized: "Finalized",
  returned: "Returned",
  closed: "Closed",
  merged: "Merged",
};

/** Where a contract stands as a whole; laundry in the words of its rounds. */
export const contractStateText = ({ kind, state }: { kind: ContractKind; state: ContractState }): string =>
  kind === "laundry" && state !== "merged" ? roundStateWords[state] : stateWords[state];

export const legWords: Record<TripLeg, string> = { delivery: "Delivery", pickup: "Pickup" };

export const tripWords: Record<TripStatus, string> = {
  scheduled: "Scheduled",
  out_for_delivery: "Out for delivery",
  out_for_pickup: "Out for pickup",
  delivered: "Delivered",
  picked_up: "Picked up",
  failed: "Failed",
  rescheduled: "Rescheduled",
};

/** How far a trip is and with what: `Out for delivery · truck 7 · trip T-204`. */
export const tripText = ({ status, truck, trip }: Trip): string =>
  [
    tripWords[status],
    ...(truck === null ? [] : [`truck ${truck}`]),
    ...(trip === null ? [] : [`trip ${trip}`]),
  ].join(" · ");

/** The trip that people wait for: the way back once anything is planned of it. */
export const nextTripText = (trips: Trips | undefined): string | undefined => {
  const next = trips?.pickup ?? trips?.delivery;
  return next === undefined ? undefined : tripText(next);
};

/** Where an item stands on a contract, of its own record. */
export const memberWords: Record<MemberState, string> = {
  staged: "Staged",
  out: "Out",
  returned: "Back",
  not_recorded: "Gone on without a return",
};
export const memberStates = Object.keys(memberWords) as readonly MemberState[];
