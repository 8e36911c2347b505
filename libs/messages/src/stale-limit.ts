import type { StaleParams } from "./alert-params.ts";
import type { UnseenItem } from "./stale-items.ts";

export type StaleLimit = StaleParams["limits"][number];

/** The limit of an item: that of its role, or else of its place, or else the one for everything, which has no name. */
export const staleLimitOf = (
  { days, limits }: StaleParams,
  { role, place }: Pick<UnseenItem, "role" | "place">,
): StaleLimit => {
  const named = (name: string | null) =>
    name === null ? undefined : limits.find((limit) => limit.name.toLowerCase() === name.toLowerCase());
  return named(role) ?? named(place) ?? { name: "", days };
};
