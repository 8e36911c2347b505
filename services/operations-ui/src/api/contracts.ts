import type { ContractMember, MemberState } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** Items of a contract that are shown at once; whoever looks for others narrows them down. */
export const contractItemsShownMax = 100;

/** What is on a contract, item by item, of its own record: everything, or what stands there in one way. */
export const fetchContractItems = (
  site: string,
  { number, state }: { readonly number: string; readonly state: MemberState | undefined },
  signal: AbortSignal,
): Promise<Answer<{ data: ContractMember[]; nextCursor: string | null }>> => {
  const query = new URLSearchParams({ limit: String(contractItemsShownMax) });
  if (state !== undefined) query.set("state", state);
  const path = `/sites/${encodeURIComponent(site)}/contracts/${encodeURIComponent(number)}/items`;
  return call(`${path}?${query}`, { signal });
};
