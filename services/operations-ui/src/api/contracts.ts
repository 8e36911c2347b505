import type {
  ContractAct,
  ContractMember,
  ContractView,
  LoggedEvent,
  MemberState,
  OpenContract,
  Receipt,
  StateTrip,
  TripLeg,
} from "@tagwire/messages";
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

/** Events of a contract that are shown at once. */
export const contractEventsShownMax = 40;

/** What happened to a contract last, newest first, from the log. */
export const fetchContractEvents = (
  site: string,
  number: string,
  signal: AbortSignal,
): Promise<Answer<{ data: LoggedEvent[] }>> =>
  call(`${contractPath(site, number)}/events?limit=${contractEventsShownMax}`, { signal });

const contractPath = (site: string, number: string): string =>
  `/sites/${encodeURIComponent(site)}/contracts/${encodeURIComponent(number)}`;

/** States a contract: what goes out, to whom and when. Said again under the same id, it is the same one. */
export const openContract = (
  site: string,
  { id, contract }: { readonly id: string; readonly contract: OpenContract },
): Promise<Answer<ContractView>> =>
  call(`/sites/${encodeURIComponent(site)}/contracts`, {
    ...{ method: "POST", body: contract, idempotencyKey: id },
  });

export const actOnContract = (
  site: string,
  { number, act }: { readonly number: string; readonly act: ContractAct },
): Promise<Answer<unknown>> => call(`${contractPath(site, number)}:${act}`, { method: "POST" });

/** States how a contract is brought or fetched; with `items` what is on it goes along. */
export const stateTrip = (
  site: string,
  {
    number,
    leg,
    id,
    state,
  }: {
    readonly number: string;
    readonly leg: TripLeg;
    readonly id: string;
    readonly state: StateTrip & { readonly items?: boolean };
  },
): Promise<Answer<{ readonly receipts: readonly Receipt[] }>> =>
  call(`${contractPath(site, number)}/trips/${leg}`, { method: "PUT", body: state, idempotencyKey: id });

/** Makes a contract that was written by hand the real one. */
export const mergeContract = (
  site: string,
  { number, into }: { readonly number: string; readonly into: string },
): Promise<Answer<unknown>> =>
  call(`${contractPath(site, number)}:merge`, { method: "POST", body: { into } });
