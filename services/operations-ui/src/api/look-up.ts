import type { ContractView, Item } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

type Page<Row> = { readonly data: readonly Row[]; readonly nextCursor: string | null };

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;

/** Things whose tag, class or name has a text in it. */
export const fetchItemsWith = (
  site: string,
  { text, limit }: { readonly text: string; readonly limit: number },
  signal: AbortSignal,
): Promise<Answer<Page<Item>>> => {
  const query = new URLSearchParams({ q: text, limit: String(limit) });
  return call(`${sitePath(site)}/items?${query}`, { signal });
};

/** Contracts whose number or client has a text in it. */
export const fetchContractsWith = (
  site: string,
  { text, limit }: { readonly text: string; readonly limit: number },
  signal: AbortSignal,
): Promise<Answer<Page<ContractView>>> => {
  const query = new URLSearchParams({ q: text, limit: String(limit) });
  return call(`${sitePath(site)}/contracts?${query}`, { signal });
};
