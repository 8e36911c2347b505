import type {
  Contract,
  ContractState,
  CountingDevice,
  CreateItem,
  Item,
  OpenContract,
  PutInField,
  Reader,
  ReaderAct,
  Receipt,
  Scan,
  SessionView,
  TrainingField,
  WalkThroughGate,
} from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** A page of a list; `nextCursor` leads to the next one, null when it is the last. */
export type Page<T> = { readonly data: readonly T[]; readonly nextCursor: string | null };

const rowsPerPage = 100;
const pageFrom = (cursor: string | null): Record<string, string> => ({
  limit: String(rowsPerPage),
  ...(cursor === null ? {} : { cursor }),
});
const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;
const post = <T>(path: string, body?: unknown): Promise<Answer<T>> => call(path, { method: "POST", body });

/* What a trainer asks for at a training site: of all other screens, none makes stations, stock and contracts. */

export const actOnReader = (site: string, id: string, act: ReaderAct): Promise<Answer<Reader>> =>
  post(`${sitePath(site)}/readers/${id}:${act}`);
export const createItem = (site: string, item: CreateItem): Promise<Answer<Item>> =>
  post(`${sitePath(site)}/items`, item);
export const openContract = (site: string, contract: OpenContract): Promise<Answer<Contract>> =>
  post(`${sitePath(site)}/contracts`, contract);
/** Contracts of a site in one state, a page of them from `cursor` on, or the first. */
export const fetchContracts = (
  site: string,
  { state, cursor }: { readonly state: ContractState; readonly cursor: string | null },
): Promise<Answer<Page<Contract>>> =>
  call(`${sitePath(site)}/contracts?${new URLSearchParams({ state, ...pageFrom(cursor) })}`);
export const actOnContract = (site: string, number: string, act: string): Promise<Answer<unknown>> =>
  post(`${sitePath(site)}/contracts/${encodeURIComponent(number)}:${act}`);
export const undoScans = (site: string, scans: readonly string[]): Promise<Answer<unknown>> =>
  post(`${sitePath(site)}/events:undo`, { scans });
export const recordScans = (
  site: string,
  scans: readonly Scan[],
  device?: CountingDevice,
): Promise<Answer<{ receipts: readonly Receipt[] }>> =>
  post(`${sitePath(site)}/scans`, { scans, ...(device === undefined ? {} : { device }) });

/** Items of some statuses, and of a class where one is named: a page of them from `cursor` on, or the first. */
export const fetchItems = (
  site: string,
  { status, of, cursor }: { readonly status: string; readonly of?: string; readonly cursor: string | null },
): Promise<Answer<Page<Item>>> => {
  const query = { status, ...pageFrom(cursor), ...(of === undefined ? {} : { class: of }) };
  return call(`${sitePath(site)}/items?${new URLSearchParams(query)}`);
};
export const fetchOpenSessions = (site: string, cursor: string | null): Promise<Answer<Page<SessionView>>> =>
  call(`${sitePath(site)}/sessions?${new URLSearchParams({ state: "open", ...pageFrom(cursor) })}`);

const fieldPath = (site: string, reader: string): string => `${sitePath(site)}/readers/${reader}/field`;

export const putInField = (site: string, reader: string, what: PutInField): Promise<Answer<TrainingField>> =>
  post(`${fieldPath(site, reader)}:put`, what);
export const takeFromField = (site: string, reader: string): Promise<Answer<TrainingField>> =>
  post(`${fieldPath(site, reader)}:take`, {});
export const walkThroughGate = (
  site: string,
  reader: string,
  walk: WalkThroughGate,
): Promise<Answer<TrainingField>> => post(`${fieldPath(site, reader)}:walk`, walk);
