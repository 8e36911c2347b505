/**
 * How the statuses are grouped for people: every status is in exactly one group, so that the groups add up to the total. What is
 * `ready` is at hand, and only a part of it is available.
 */
export const statusGroups = {
  ready: ["provisioned", "ready", "staged"],
  out: ["on_rent", "delivered"],
  inService: ["inspect", "repair", "wash", "wet"],
  missing: ["missing"],
  ended: ["sold", "retired"],
} as const;
/** Things in these are at a place of the house, so that somebody who looks there finds them. */
export const onFloorStatuses = [...statusGroups.ready, ...statusGroups.inService] as const;

export type StatusGroup = keyof typeof statusGroups;
