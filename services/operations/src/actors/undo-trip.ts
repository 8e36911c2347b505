import { ContractTripSet, type ContractTripSet as ContractTripSetBody } from "@tagwire/messages";
import { blocked, type TakeBack, undone } from "./compensation.ts";
import { standingOf } from "./undo-contract.ts";

/** Takes back what was stated of a trip: what was stated of the same leg since depends on it. */
export const takeBackTrip: TakeBack = (undoing) => {
  const { event, origin } = undoing;
  const standing = standingOf(undoing);
  if ("verdict" in standing) return standing;
  const { leg, set, was } = event.data as ContractTripSetBody;
  const anew = standing.others.later.find(
    ({ type, data }) => type === ContractTripSet.type && (data as ContractTripSetBody).leg === leg,
  );
  if (anew !== undefined) return blocked(anew);
  const data = { leg, set: was, was: set, undoes: event.pos };
  return undone([{ type: ContractTripSet.type, contract: standing.contract.number, data, ...origin }], {
    [leg]: was,
  });
};
