import type {
  Contract,
  CreateItem,
  Item,
  OpenContract,
  PutInField,
  PutStation,
  Reader,
  ReaderAct,
  Receipt,
  Scan,
  SessionView,
  TrainingField,
  WalkThroughGate,
} from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;
const post = <T>(path: string, body?: unknown): Promise<Answer<T>> => call(path, { method: "POST", body });

/* What a trainer asks for at a training site: of all other screens, none makes stations, stock and contracts. */

export const putStation = (site: string, id: string, station: PutStation): Promise<Answer<unknown>> =>
  call(`${sitePath(site)}/stations/${id}`, { method: "PUT", body: station });
export const actOnReader = (site: string, id: string, act: ReaderAct): Promise<Answer<Reader>> =>
  post(`${sitePath(site)}/readers/${id}:${act}`);
export const createItem = (site: string, item: CreateItem): Promise<Answer<Item>> =>
  post(`${sitePath(site)}/items`, item);
export const openContract = (site: string, contract: OpenContract): Promise<Answer<Contract>> =>
  post(`${sitePath(site)}/contracts`, contract);
export const actOnContract = (site: string, number: string, act: string): Promise<Answer<unknown>> =>
  post(`${sitePath(site)}/contracts/${encodeURIComponent(number)}:${act}`);
export const undoScans = (site: string, scans: readonly string[]): Promise<Answer<unknown>> =>
  post(`${sitePath(site)}/events:undo`, { scans });
export const recordScans = (
  site: string,
  scans: readonly Scan[],
): Promise<Answer<{ receipts: readonly Receipt[] }>> => post(`${sitePath(site)}/scans`, { scans });

const itemsShownMax = 100;

/** Items of some statuses, and of a class where one is named: as many as a training site has. */
export const fetchItems = (
  site: string,
  { status, of }: { readonly status: string; readonly of?: string },
): Promise<Answer<{ data: Item[] }>> => {
  const query = { status, limit: String(itemsShownMax), ...(of === undefined ? {} : { class: of }) };
  return call(`${sitePath(site)}/items?${new URLSearchParams(query)}`);
};
export const fetchOpenSessions = (site: string): Promise<Answer<{ data: SessionView[] }>> =>
  call(`${sitePath(site)}/sessions?state=open&limit=${itemsShownMax}`);

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
