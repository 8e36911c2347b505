import type { PrefetchArm, PrefetchRow } from "@tagwire/messages";
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { HeldName } from "./names.ts";

/*
 * The set of a device, apart from the outbox: it may be thrown away at any time, and nothing that is scanned waits for it.
 */

const name = "tagwire-prefetch";
const version = 1;

/** What a tablet holds, less than the record would hand it: names for a yard, in a few megabytes. */
export const heldItemsMax = 5_000;
export const heldBytesMax = 4_000_000;

/** Which revision this device has taken whole, and what became of its scans since it was kept. */
export type HeldSet = {
  readonly device: string;
  readonly revision: number;
  readonly arm: PrefetchArm;
  readonly day: string;
  readonly takenAtMs: number;
  readonly items: number;
  readonly hits: number;
  readonly misses: number;
};

type Schema = DBSchema & {
  items: { key: [string, string]; value: HeldName & { readonly site: string } };
  sets: { key: string; value: HeldSet };
};
export type PrefetchDatabase = IDBPDatabase<Schema>;

export const openPrefetch = (): Promise<PrefetchDatabase> =>
  openDB<Schema>(name, version, {
    upgrade: (database) => {
      database.createObjectStore("items", { keyPath: ["site", "tag"] });
      database.createObjectStore("sets");
    },
  });

const ofSite = (site: string): IDBKeyRange => IDBKeyRange.bound([site], [site, []]);

export const readSet = (database: PrefetchDatabase, site: string): Promise<HeldSet | undefined> =>
  database.get("sets", site);

/** Everything that is held of a site, as many as there may be. */
export const readNames = async (database: PrefetchDatabase, site: string): Promise<Map<string, HeldName>> =>
  new Map((await database.getAll("items", ofSite(site), heldItemsMax)).map((item) => [item.tag, item]));

/** Takes changes, or everything anew where `isWhole`, and what they make of the set: all of it or nothing. */
export const takeChanges = async (
  database: PrefetchDatabase,
  site: string,
  {
    rows,
    isWhole,
    set,
  }: { readonly rows: readonly PrefetchRow[]; readonly isWhole: boolean; readonly set: HeldSet },
): Promise<void> => {
  const transaction = database.transaction(["items", "sets"], "readwrite", { durability: "relaxed" });
  const items = transaction.objectStore("items");
  if (isWhole) void items.delete(ofSite(site));
  for (const row of rows)
    if ("gone" in row) void items.delete([site, row.tag]);
    else void items.put({ ...row, site });
  void transaction.objectStore("sets").put(set, site);
  await transaction.done;
};

/** Counts scans that found a name here, and those that did not; for the screen of this device. */
export const countLooks = async (
  database: PrefetchDatabase,
  site: string,
  looks: { readonly hits: number; readonly misses: number },
): Promise<void> => {
  const transaction = database.transaction("sets", "readwrite", { durability: "relaxed" });
  const set = await transaction.store.get(site);
  if (set !== undefined)
    void transaction.store.put(
      { ...set, hits: set.hits + looks.hits, misses: set.misses + looks.misses },
      site,
    );
  await transaction.done;
};
