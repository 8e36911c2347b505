import { type Condition, type ConditionFlag, conditionFlags, type ItemStatus } from "@tagwire/messages";

/** Where each condition flag sends an item that came back. */
const leadsTo: Readonly<Record<ConditionFlag, ItemStatus>> = {
  wet: "wet",
  dirty: "wash",
  leaves: "wash",
  oil: "wash",
  mold: "wash",
  stain: "wash",
  rip: "repair",
  sewing: "repair",
  grommet: "repair",
  rope: "repair",
  buckle: "repair",
  oxidation: "repair",
  service_required: "inspect",
};

/** The worst first: an item that is torn and wet is repaired, not only dried. */
const worstFirst: readonly ItemStatus[] = ["repair", "inspect", "wash", "wet"];

/** The status of an item that came back in this condition; ready when nothing is wrong or nobody looked. */
export const statusAfterReturn = (condition: Condition | undefined): ItemStatus => {
  if (condition === undefined) return "ready";
  const found = new Set(
    conditionFlags.filter((flag) => condition[flag] === true).map((flag) => leadsTo[flag]),
  );
  if ((condition.other ?? "").trim() !== "") found.add("inspect");
  return worstFirst.find((status) => found.has(status)) ?? "ready";
};
