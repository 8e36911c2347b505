import type { ContractMove, ItemCreated, ItemStatus, LoggedEvent } from "@tagwire/messages";
import { changeOf, type Meaning, type Shape, statusAfter, type Telling } from "./shape.ts";
import { statusMeanings } from "./status-meaning.ts";

/*
 * A thing that is out and gets another tag stays out: whoever reads EPCIS alone would see the old tag on the contract for good, and see the
 * new one come back that never went. The old tag is freed from the contract, and the new one linked to it. Nothing moves by it, so no
 * step is named.
 */

const freed: Shape = { type: "TransactionEvent", action: "DELETE" };

const linked = (status: ItemStatus): Shape => {
  const { disposition } = statusMeanings[status];
  return {
    type: "TransactionEvent",
    action: "ADD",
    ...(disposition === undefined ? {} : { disposition }),
  };
};
const outStatuses: readonly ItemStatus[] = ["on_rent", "delivered"];
const isOut = (status: ItemStatus | undefined): status is ItemStatus =>
  status !== undefined && outStatuses.includes(status);

const onContracts = (
  moves: readonly ContractMove[] | undefined,
  shape: Shape,
  to: ContractMove["to"],
): Telling[] => (moves ?? []).flatMap((move) => (move.to === to ? [{ shape, contract: move.contract }] : []));

/** The meaning of a tag's end by which its thing got another one; what is only set aside was never linked. */
export const retagged: Meaning = {
  shapes: [freed, statusMeanings.retired],
  isCounted: false,
  of: (event) => {
    const { was, moves } = changeOf(event);
    return [
      ...(isOut(was?.status) ? onContracts(moves, freed, "none") : []),
      { shape: statusMeanings.retired },
    ];
  },
};

/** The meaning of a beginning, with the link of a thing that was out already when it got this tag. */
export const goingOn = (meaning: Meaning): Meaning => ({
  shapes: [...meaning.shapes, ...outStatuses.map(linked)],
  isCounted: meaning.isCounted,
  of: (event: LoggedEvent) => {
    const status = statusAfter(event);
    const { moves } = event.data as Partial<ItemCreated>;
    return [...meaning.of(event), ...(isOut(status) ? onContracts(moves, linked(status), "out") : [])];
  },
});
