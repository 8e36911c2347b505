import { groupOf, statuses } from "../../words/statuses.ts";
import type { ItemFilter } from "./item-rows.ts";

export const exportFormats = ["csv", "xlsx", "ndjson"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/**
 * Where the items that are shown come out as a file. Undefined where a file could not hold the same: the search of this
 * screen looks at places and contracts, too, and for each word apart, which the list over HTTP does not.
 */
export const exportAddress = (
  site: string,
  { group, status, class: className, place, text }: ItemFilter,
  format: ExportFormat,
): string | undefined => {
  if (text.trim() !== "") return undefined;
  const query = new URLSearchParams({ format });
  if (status !== undefined) query.set("status", status);
  else if (group !== undefined)
    query.set("status", statuses.filter((each) => groupOf[each] === group).join(","));
  if (className !== undefined) query.set("class", className);
  if (place !== undefined) query.set("place", place);
  return `/api/v1/sites/${encodeURIComponent(site)}/items:export?${query}`;
};
