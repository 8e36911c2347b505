import type { ItemStatus, KnownItem, Warehouse } from "@tagwire/emulators";
import { demoSiteId, type Item, newId, normaliseTag } from "@tagwire/messages";
import type { DemoCall } from "./demo-client.ts";

export const demoSite = { id: demoSiteId, name: "Harbor Street (demo)", timeZone: "America/Chicago" };

const callsAtOnce = 8;
const pageSize = 200;
/** What only scans lead to: such an item begins ready, and a scan takes it there. */
const fromScansAlone = new Set(["staged", "on_rent", "delivered"]);

/** The site's items by their tags, as a start of the demo finds them. */
export type StoredItems = ReadonlyMap<string, Item>;

const storedOf = (stored: StoredItems, tag: string): Item | undefined => stored.get(normaliseTag(tag) ?? tag);
/** Nothing has happened to it since it was commissioned, or it was not. */
const isUntouched = (item: Item | undefined): boolean => item === undefined || item.version === 1;

/** What is in the demo site now. */
export const readStoredItems = async (call: DemoCall): Promise<StoredItems> => {
  const stored = new Map<string, Item>();
  for (let cursor: string | null = ""; cursor !== null; ) {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await call("GET", `/sites/${demoSite.id}/items?limit=${pageSize}${from}`);
    const page = body as { readonly data: readonly Item[]; readonly nextCursor: string | null };
    for (const item of page.data) stored.set(item.tag, item);
    cursor = page.nextCursor;
  }
  return stored;
};

/** Makes the demo site when it is not there yet, and tells what is in it. */
export const openDemoSite = async (call: DemoCall): Promise<StoredItems> => {
  await call("POST", "/sites", demoSite);
  return readStoredItems(call);
};

/** The warehouse knows fewer statuses than the system: what waits is ready to it, what ended is sold. */
const statusOf = ({ status }: Item): ItemStatus => {
  if (status === "provisioned" || status === "staged") return "ready";
  return status === "retired" ? "sold" : status;
};

/** What a warehouse has to know of the stored items so that it goes on where the last start of the demo ended. */
export const knownFrom =
  (stored: StoredItems) =>
  (tag: string): KnownItem | undefined => {
    const item = storedOf(stored, tag);
    if (item === undefined || isUntouched(item)) return undefined;
    const status = statusOf(item);
    const isOut = status === "on_rent" || status === "delivered";
    const whereabouts = { place: isOut ? null : item.place, role: item.role ?? null };
    return { status, ...whereabouts, contract: isOut ? item.contract : null };
  };

/** Commissions what is missing of the warehouse's stock. */
const commission = async (call: DemoCall, { items }: Warehouse, stored: StoredItems): Promise<void> => {
  const queue = items.filter(({ tag }) => storedOf(stored, tag) === undefined);
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await call("POST", `/sites/${demoSite.id}/items`, {
        tag: item.tag,
        class: item.name,
        status: fromScansAlone.has(item.status) ? "ready" : item.status,
        ...(item.quality === null ? {} : { quality: item.quality }),
        ...(item.place === null ? {} : { place: item.place }),
        ...(item.role === null ? {} : { role: item.role }),
      });
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, work));
};

const rentOut = async (call: DemoCall, { items }: Warehouse, stored: StoredItems): Promise<void> => {
  const scans = items
    .filter(({ status, tag }) => status === "on_rent" && isUntouched(storedOf(stored, tag)))
    .map(({ tag, contract }) => ({
      id: newId(),
      tag,
      type: "rental",
      contract,
      scannedAt: new Date().toISOString(),
    }));
  if (scans.length > 0) await call("POST", `/sites/${demoSite.id}/scans`, { scans });
};

/**
 * Brings the site to how the warehouse's day begins. What is there already stays as it is, so a second start changes nothing, and
 * one after an interrupted first one completes it.
 */
export const stockDemoSite = async (
  call: DemoCall,
  warehouse: Warehouse,
  stored: StoredItems,
): Promise<void> => {
  await commission(call, warehouse, stored);
  await rentOut(call, warehouse, stored);
};
