import type { Item, ItemSet, ItemStatus, Scan } from "@tagwire/messages";
import { isOlder } from "./decision.ts";
import type { HeardScan, Timing } from "./heard-scan.ts";
import { foundIn } from "./service-work.ts";

/* What a scan sets on its item besides the status: where it is, how it looks, and when it was last seen. */

export const outOnContract: ReadonlySet<ItemStatus> = new Set(["staged", "on_rent", "delivered"]);

const placeSet = (item: Item, { scan: { place } }: HeardScan, { atMs, at }: Timing): ItemSet => {
  if (place === undefined || isOlder(atMs, item.placeAt)) return {};
  return { ...(place === item.place ? {} : { place }), ...(at === item.placeAt ? {} : { placeAt: at }) };
};

export const qualitySet = (item: Item, { scan: { quality } }: HeardScan, { atMs, at }: Timing): ItemSet => {
  if (quality === undefined || isOlder(atMs, item.qualityAt)) return {};
  return { ...(quality === item.quality ? {} : { quality }), qualityAt: at };
};

/**
 * Place and last scan move only forward, each for itself: an older scan may change the status it is newer than, never where the
 * item is now, whether a newer scan or a person has said that. That a tag is of ISO is so whenever it was read, and stays.
 */
export const seenSet = (item: Item, heard: HeardScan, timing: Timing): ItemSet => {
  const { scan, origin, evidence } = heard;
  const { lastScan } = item;
  const place = placeSet(item, heard, timing);
  const iso = evidence?.isIso === true || lastScan?.isIso === true ? ({ isIso: true } as const) : {};
  if (lastScan !== null && isOlder(timing.atMs, lastScan.scannedAt))
    return iso.isIso === lastScan.isIso ? place : { ...place, lastScan: { ...lastScan, ...iso } };
  return {
    ...place,
    lastScan: {
      id: scan.id,
      type: scan.type,
      scannedAt: timing.at,
      place: scan.place ?? null,
      by: origin.by,
      ...iso,
    },
  };
};

/** What a look did not say stays as it was. */
const statedCondition = (item: Item, { condition }: Scan): ItemSet => {
  const stated = Object.entries(condition ?? {}).filter(([, found]) => found !== null);
  return stated.length === 0 ? {} : { condition: { ...item.condition, ...Object.fromEntries(stated) } };
};

/**
 * What was found on it stays with the item until it becomes ready or goes out again. What was set aside or missing is ready whatever a
 * look finds on it, and whoever rents it next is told.
 */
export const conditionSet = (item: Item, scan: Scan, to: ItemStatus): ItemSet => {
  if (to !== "ready" && !outOnContract.has(to)) return statedCondition(item, scan);
  const found = to === "ready" && scan.type !== "service" ? foundIn(scan.condition ?? {}) : {};
  if (Object.keys(found).length > 0) return { condition: found };
  return item.condition == null ? {} : { condition: null };
};

/**
 * What states what is so already confirms it at its own instant: older facts that come later are history. A delivery of what is delivered on
 * another contract confirms nothing: how the thing came from the one to the other may still be told.
 */
export const confirmedSet = (item: Item, { contract }: Scan, { at }: Timing): ItemSet => {
  const isOfOther = item.contract !== null && contract !== undefined && contract !== item.contract;
  return isOfOther || at === item.lastFactAt ? {} : { lastFactAt: at };
};

/** What a scan found on the thing and says of its grade counts, also where its status is what the scan states. */
export const foundSet = (item: Item, heard: HeardScan, timing: Timing): ItemSet => ({
  ...qualitySet(item, heard, timing),
  ...seenSet(item, heard, timing),
  ...(outOnContract.has(item.status) ? {} : statedCondition(item, heard.scan)),
});
