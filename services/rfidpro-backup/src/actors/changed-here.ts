import { importDevice, type OperationsItem } from "./operations-scan.ts";

const newestMs = (...instants: readonly (string | null | undefined)[]): number =>
  Math.max(0, ...instants.map((at) => (at == null ? 0 : Date.parse(at))));

/**
 * Whether somebody here changed a thing, or saw it, after an instant. What an import has stated is no change of ours: then only what was
 * stated of it since counts.
 */
export const isChangedHereSince = ({ item, touchedAt }: OperationsItem, sinceMs: number): boolean => {
  const { lastScan, lastFactAt, placeAt, qualityAt } = item;
  if (lastScan?.by.device !== importDevice) return Date.parse(touchedAt) > sinceMs;
  return newestMs(lastFactAt, placeAt, qualityAt) > Math.max(sinceMs, Date.parse(lastScan.scannedAt));
};
