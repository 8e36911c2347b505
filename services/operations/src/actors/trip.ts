import {
  type Contract,
  ContractTripSet,
  Fault,
  type SetTrip,
  type StateTrip,
  statusesOfLeg,
  type Trip,
  type TripLeg,
  type TripStatus,
  tripWords,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import type { Decision, Origin } from "./decision.ts";

/** A leg of which nothing was stated yet. */
const nothingPlanned: Trip = {
  ...{ status: "scheduled", promisedAt: null, actualAt: null, truck: null, trip: null, notes: null },
};

const instantOf = (at: string | null): string | null => (at === null ? null : new Date(at).toISOString());
const textOf = (text: string | null): string | null =>
  text === null || text.trim() === "" ? null : text.trim();

/** Whether a trip may come to be in a status: what is over is over, and what has failed is driven again only once it is planned anew or on its way. */
const mayBecome = (leg: TripLeg, from: TripStatus | undefined, to: TripStatus): boolean => {
  const { underWay, done } = tripWords[leg];
  if (!statusesOfLeg(leg).includes(to)) return false;
  if (from === undefined) return to !== "rescheduled";
  if (from === done) return false;
  if (to === "scheduled") return false;
  return from !== "failed" || to === "rescheduled" || to === underWay;
};

/** What is stated, over what was known: an end has an instant, and what goes on has none. */
const tripAfter = (leg: TripLeg, before: Trip, state: StateTrip, at: string): Trip => {
  const { status = before.status, promisedAt, actualAt, truck, trip, notes } = state;
  const isOver = status === tripWords[leg].done;
  return {
    status,
    promisedAt: promisedAt === undefined ? before.promisedAt : instantOf(promisedAt),
    actualAt: isOver ? (instantOf(actualAt ?? null) ?? before.actualAt ?? at) : null,
    truck: truck === undefined ? before.truck : textOf(truck),
    trip: trip === undefined ? before.trip : textOf(trip),
    notes: notes === undefined ? before.notes : textOf(notes),
  };
};

/** A row comes back from the store with its members in another order. */
const isSame = (left: Trip, right: Trip): boolean =>
  (Object.keys(nothingPlanned) as (keyof Trip)[]).every((name) => left[name] === right[name]);

const get = (book: Book, number: string): Contract => {
  const contract = book.contract(number.trim());
  if (contract === undefined) throw new Fault("contract_unknown", number);
  return contract;
};

/**
 * States a trip of a contract: when it is promised, by which truck, and how far it is. The things on it are moved by their own scans.
 *
 * @throws Fault `contract_unknown`; `contract_state` when the leg cannot come to be so, or is planned anew without a promise, or would have arrived without having.
 */
export const decideTrip = (book: Book, { number, leg, state }: SetTrip, origin: Origin): Decision => {
  const contract = get(book, number);
  const known = contract.trips?.[leg];
  const { status } = state;
  if (status !== undefined && status !== known?.status && !mayBecome(leg, known?.status, status))
    throw new Fault("contract_state", `the ${leg} is ${known?.status ?? "not planned"}`);
  if (status === "rescheduled" && state.promisedAt == null && known?.status !== "rescheduled")
    throw new Fault("contract_state", `a ${leg} that is rescheduled has another promise`);
  const set = tripAfter(leg, known ?? nothingPlanned, state, origin.receivedAt);
  if (state.actualAt != null && set.actualAt === null)
    throw new Fault("contract_state", `the ${leg} is ${set.status}, and has no instant at which it arrived`);
  if (known !== undefined && isSame(set, known)) return { outcome: "already_applied", flags: [] };
  const data: ContractTripSet = { leg, set, was: known ?? null };
  return {
    outcome: "accepted",
    flags: [],
    said: { type: ContractTripSet.type, contract: contract.number, data, ...origin },
  };
};
