import { type BaseScan, type Rfidpro, type RfidproBase, startRfidpro } from "@tagwire/emulators";
import type { DemoCall } from "./demo-client.ts";
import { readDemoHistory } from "./demo-history.ts";
import { demoSite, readStoredItems, type StoredItems } from "./demo-stock.ts";
import { type OldSystem, standInDatasets } from "./old-system.ts";

/**
 * Scans that the stand-in holds at most, which is about three quarters of an hour of the demo and 6 MB: the oldest stay, and once it is full
 * it takes no more, so that a demo that is left alone for days grows by nothing.
 */
export const oldScansMax = 12_000;

/** What the old system knows of the demo's stock when the demo starts: what operations know, and nothing else. */
export const knownToOldSystem = (stored: StoredItems, scans: readonly BaseScan[]): RfidproBase => {
  const last = new Map<string, BaseScan>();
  for (const scan of scans)
    if ((last.get(scan.tag)?.scannedAtMs ?? 0) <= scan.scannedAtMs) last.set(scan.tag, scan);
  const items = [...stored.values()];
  return {
    classes: [...new Set(items.map(({ class: name }) => name))].map((name) => ({ id: name, name })),
    items: items.map(({ tag, class: name, status, quality, place, role, contract }) => ({
      ...{ tag, class: name, name, status, quality, contract },
      // It has one field for both, and whoever scanned a thing onto a shelf wrote over what it is kept for.
      ...(place === null ? { role: role ?? null } : { place }),
      lastScannedAtMs: last.get(tag)?.scannedAtMs ?? null,
      lastScannedBy: last.get(tag)?.by ?? null,
    })),
    scans,
  };
};

/**
 * How the real one is: rows stand in another order whenever some have come, scans change the master, and what it tells it tells sloppily.
 * That its classes are counted in text, and that it gives 200 rows at most, no switch changes.
 */
export const asTheRealOne = {
  ...{ movesOnArrival: true, masterFollows: true },
  quirks: {
    ...{ junkBins: true, flagSpellings: true, missingFlags: true, decimalClasses: true },
    ...{ duplicates: true, junkStatuses: true },
  },
} as const;

/** Starts a stand-in for the old system that knows the demo's stock and history, so that pulling it shows something. */
export const startOldSystem = async (
  { port, username, password }: OldSystem,
  call: DemoCall,
  seed: string,
): Promise<Rfidpro> => {
  const scans = await readDemoHistory(call, oldScansMax);
  return startRfidpro({
    ...{ port, username, password, seed, datasets: standInDatasets, timeZone: demoSite.timeZone },
    base: knownToOldSystem(await readStoredItems(call), scans),
    ...asTheRealOne,
    uploadsMax: oldScansMax,
  });
};
