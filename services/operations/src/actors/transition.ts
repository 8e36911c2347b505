import type { Flag, ItemStatus, ScanType } from "@tagwire/messages";

/**
 * What a scan means for an item that stands in a given status.
 *
 * - `move`: the status changes to `to`; "status" and "condition" are filled in from the scan.
 * - `move_unless_same_contract`: as move, but the same contract again is already applied.
 * - `already`: the scan states what is so already.
 * - `sight`: the item was seen; its status stays.
 * - `refuse`: not allowed; the sighting is kept.
 * - `force`: refused unless the scan forces it and says why.
 */
export type Transition =
  | {
      readonly kind: "move";
      readonly to: ItemStatus | "status" | "condition";
      readonly flags?: readonly Flag[];
    }
  | {
      readonly kind: "move_unless_same_contract";
      readonly to: ItemStatus;
      /** Flags when the item was on another contract. */
      readonly flags?: readonly Flag[];
    }
  | { readonly kind: "already" }
  | { readonly kind: "sight"; readonly flags?: readonly Flag[] }
  | { readonly kind: "refuse" }
  | { readonly kind: "force"; readonly to: ItemStatus };

const already: Transition = { kind: "already" };
const refuse: Transition = { kind: "refuse" };
const sight: Transition = { kind: "sight" };
const move = (to: ItemStatus | "status" | "condition", ...flags: Flag[]): Transition => ({
  kind: "move",
  to,
  flags,
});
const moveToContract = (to: ItemStatus, ...flags: Flag[]): Transition => ({
  kind: "move_unless_same_contract",
  to,
  flags,
});
const force = (to: ItemStatus): Transition => ({ kind: "force", to });

type Row = Readonly<Record<ScanType, Transition>>;

const onTheFloor: Row = {
  rental: move("on_rent"),
  stage: move("staged"),
  delivery: move("delivered", "rental_not_recorded"),
  return: already,
  pickup: already,
  service: move("status"),
  touch: sight,
  count: sight,
};

const staged: Row = {
  rental: move("on_rent"),
  stage: moveToContract("staged"),
  delivery: move("delivered"),
  return: move("ready"),
  pickup: move("ready"),
  service: move("status"),
  touch: sight,
  count: sight,
};

const seenOut: Transition = { kind: "sight", flags: ["seen_while_out"] };

const onRent: Row = {
  rental: moveToContract("on_rent", "return_not_recorded"),
  stage: refuse,
  delivery: move("delivered"),
  return: move("condition"),
  pickup: move("condition"),
  service: move("status", "return_not_recorded"),
  touch: seenOut,
  count: seenOut,
};

const inService: Row = {
  rental: force("on_rent"),
  stage: force("staged"),
  delivery: force("delivered"),
  return: already,
  pickup: already,
  service: move("status"),
  touch: sight,
  count: sight,
};

const missing: Row = {
  rental: move("on_rent", "found"),
  stage: move("staged", "found"),
  delivery: move("delivered", "found"),
  return: move("ready", "found"),
  pickup: move("ready", "found"),
  service: move("status", "found"),
  touch: move("ready", "found"),
  count: move("ready", "found"),
};

const seenAfterEnd: Transition = { kind: "sight", flags: ["seen_after_end"] };

const ended: Row = {
  rental: refuse,
  stage: refuse,
  delivery: refuse,
  return: refuse,
  pickup: refuse,
  service: refuse,
  touch: seenAfterEnd,
  count: seenAfterEnd,
};

/** Every pair of status and scan has its answer: a new status or scan type does not compile until it is given one. */
export const transitions: Readonly<Record<ItemStatus, Row>> = {
  provisioned: onTheFloor,
  ready: onTheFloor,
  staged,
  on_rent: onRent,
  delivered: { ...onRent, delivery: already },
  inspect: inService,
  repair: inService,
  wash: inService,
  wet: inService,
  missing,
  sold: ended,
  retired: ended,
};
