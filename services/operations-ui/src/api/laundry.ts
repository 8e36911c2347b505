import type { ContractView, LaundryRound } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** Contracts that are shown at once; whoever looks for another one writes a part of its number. */
export const laundryShownMax = 50;
/** As many rounds as one answer has; the file has all of them. */
const roundsShownMax = 50;

export type LaundryList = { readonly data: ContractView[]; readonly nextCursor: string | null };
export type Differences = {
  readonly number: string;
  readonly data: LaundryRound[];
  readonly nextCursor: string | null;
};

const contractsPath = (site: string): string => `/sites/${encodeURIComponent(site)}/contracts`;
const differencesPath = (site: string, number: string): string =>
  `${contractsPath(site)}/${encodeURIComponent(number)}/differences`;

/** Laundry contracts whose number or client has this text in it. */
export const fetchLaundry = (site: string, q: string, signal: AbortSignal): Promise<Answer<LaundryList>> => {
  const query = new URLSearchParams({ kind: "laundry", limit: String(laundryShownMax) });
  if (q !== "") query.set("q", q);
  return call(`${contractsPath(site)}?${query}`, { signal });
};

/** The rounds of a laundry contract, the newest first. */
export const fetchDifferences = (
  site: string,
  number: string,
  signal: AbortSignal,
): Promise<Answer<Differences>> =>
  call(`${differencesPath(site, number)}?limit=${roundsShownMax}`, { signal });

/** Where the report is taken out as a file. */
export const differencesFile = (site: string, number: string, format: "csv" | "xlsx"): string =>
  `/api/v1${differencesPath(site, number)}:export?format=${format}`;
