import type { AsOf, ClassRow, ContractMember, ContractView, DashboardTotals } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;

/** Items of a contract of the past that are shown at once. */
export const pastItemsShownMax = 100;

export type PastContract = AsOf & {
  readonly contract: ContractView;
  readonly data: readonly ContractMember[];
  readonly nextCursor: string | null;
};
export type PastClasses = AsOf & {
  readonly totals: DashboardTotals;
  readonly classes: readonly ClassRow[];
};

/** A contract and what was on it at an instant, from the log. */
export const fetchPastContract = (
  site: string,
  number: string,
  at: string,
): Promise<Answer<PastContract>> => {
  const query = new URLSearchParams({ at, limit: String(pastItemsShownMax) });
  return call(`${sitePath(site)}/past/contracts/${encodeURIComponent(number)}?${query}`);
};

/** How many items of each class there were at an instant, from the log. */
export const fetchPastClasses = (site: string, at: string): Promise<Answer<PastClasses>> =>
  call(`${sitePath(site)}/boards/classes?${new URLSearchParams({ at })}`);
