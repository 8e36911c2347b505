import type { ContractMove, LoggedEvent } from "@tagwire/messages";
import { changeOf, type Meaning, type Shape, type Telling } from "./shape.ts";

/*
 * What begins and what ends the link of a thing to a contract besides a plain rental and return.
 *
 * A thing that is delivered and was not out on that contract before was never scanned out, and is on it all the same: whoever reads EPCIS
 * alone would see it come back that never went.
 *
 * What ends the link of a thing to a contract: the log's event says it in its `moves`, and is on another contract
 * or on none: a thing that goes out on the next contract was never scanned back in, a pickup takes it from the customer, a return
 * that comes late settles what is owed. Without it whoever reads EPCIS alone would think the thing on both contracts.
 */

const received: Shape = {
  type: "TransactionEvent",
  action: "DELETE",
  bizStep: "receiving",
  disposition: "returned",
};
const collected: Shape = { ...received, bizStep: "collecting", disposition: "in_transit" };
/** Nobody saw it come back, so no step is named. */
const unseen: Shape = { type: "TransactionEvent", action: "DELETE" };

const endOf = ({ to }: ContractMove, event: LoggedEvent): Shape | undefined => {
  const type = changeOf(event).scan?.type;
  if (to === "returned" && type === "pickup") return collected;
  if (to === "returned" && type === "return") return received;
  // What a scan says too late was never told as a beginning.
  return to === "not_recorded" && event.type !== "item.sighted.v1" ? unseen : undefined;
};

const standsOn: ReadonlySet<ContractMove["to"] | undefined> = new Set(["out", "staged"]);

const isToldBy = (tellings: readonly Telling[], event: LoggedEvent, contract: string): boolean =>
  tellings.some(
    ({ shape }) =>
      shape.type === "TransactionEvent" && shape.action === "DELETE" && event.contract === contract,
  );

/** Nobody saw it leave, so no step is named. */
const arrived: Shape = { type: "TransactionEvent", action: "ADD", disposition: "in_progress" };

/** The meaning of an arrival, with the link before it that begins by it; one that began by a rental goes on. */
export const beginningLinks = (meaning: Meaning): Meaning => ({
  shapes: [...meaning.shapes, arrived],
  isCounted: meaning.isCounted,
  of: (event) => [
    ...(changeOf(event).moves ?? []).flatMap(({ to, contract }): Telling[] =>
      to === "out" ? [{ shape: arrived, contract }] : [],
    ),
    ...meaning.of(event),
  ],
});

/** A meaning, with the ends of links before it that it does not tell itself. */
export const endingLinks = (meaning: Meaning): Meaning => ({
  shapes: [...meaning.shapes, received, collected, unseen],
  isCounted: meaning.isCounted,
  of: (event) => {
    const tellings = meaning.of(event);
    const moves = changeOf(event).moves ?? [];
    const ends = moves.flatMap((move, index): Telling[] => {
      // Who tells an earlier time too late says again how the thing stands on that contract: it ended once, or goes on.
      const own = ({ contract }: ContractMove) => contract === move.contract;
      if (moves.findIndex(own) !== index || standsOn.has(moves.findLast(own)?.to)) return [];
      const shape = endOf(move, event);
      const isTold = isToldBy(tellings, event, move.contract);
      return shape === undefined || isTold ? [] : [{ shape, contract: move.contract }];
    });
    return [...ends, ...tellings];
  },
});
