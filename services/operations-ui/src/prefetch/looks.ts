import { uuidv7 } from "uuidv7";
import { reportNames } from "../api/prefetch.ts";
import type { Row } from "../outbox/rows.ts";
import { nameHeld } from "./names.ts";

/** Scans of one report; the record takes no more at once. */
const namesPerReport = 500;
/** Whatever took longer was no scan that anybody waited for, in s. */
const secondsMax = 600;
const waitingMax = 1_000;

type Look = { readonly hit: boolean; readonly seconds: number };

/**
 * How long it was from each scan to a name: of one that is held, to the next picture of the screen; of any other, to the answer of the
 * record. Told now and then, since only this device can know.
 */
export const createLooks = (site: string, counted: (looks: { hits: number; misses: number }) => void) => {
  let looks: Look[] = [];
  const seen = new Set<string>();
  const waiting = new Map<string, number>();
  const add = (hit: boolean, sinceMs: number): void => {
    const seconds = Math.max(0, (performance.now() - sinceMs) / 1_000);
    counted({ hits: hit ? 1 : 0, misses: hit ? 0 : 1 });
    if (seconds <= secondsMax) looks = [...looks, { hit, seconds }].slice(-namesPerReport);
  };
  const remember = (id: string): void => {
    seen.add(id);
    const [oldest] = seen;
    if (seen.size > waitingMax && oldest !== undefined) seen.delete(oldest);
  };
  return {
    /** Rows of the station, whenever they change. */
    look: (rows: readonly Row[]): void => {
      for (const { scan, receipt, site: at } of rows) {
        if (at !== site) continue;
        if (!seen.has(scan.id)) {
          remember(scan.id);
          const sinceMs = performance.now();
          if (nameHeld(site, scan.tag) === undefined) waiting.set(scan.id, sinceMs);
          else requestAnimationFrame(() => add(true, sinceMs));
        }
        const sinceMs = waiting.get(scan.id);
        if (receipt === undefined || sinceMs === undefined) continue;
        waiting.delete(scan.id);
        // What the record does not know either has no name that this device could have held.
        if (receipt.item !== undefined) add(false, sinceMs);
      }
      for (const id of waiting.keys()) if (waiting.size > waitingMax) waiting.delete(id);
    },
    /** Tells the record; what could not be told is told the next time. */
    tell: async (device: string): Promise<void> => {
      if (looks.length === 0) return;
      const told = looks;
      looks = [];
      const answer = await reportNames(site, device, { id: uuidv7(), names: told });
      if (answer.kind !== "ok") looks = [...told, ...looks].slice(-namesPerReport);
    },
  };
};
