import { Fault, type RfidproRun } from "@tagwire/messages";
import { checkSchedule } from "../scheduling/check-schedule.ts";
import type { Comparing } from "./compare-run.ts";

/** After so many runs in a row that were begun only for what was pending, the next one that somebody else begins decides. */
export const rechecksMax = 3;

/** When RFIDpro is read again by itself for what a run finds pending; null where it is not, and the next pull decides. */
export const recheckAtOf = async (
  { bus, recheckAfterMs, now = Date.now }: Comparing,
  { site, rechecks }: Pick<RfidproRun, "site" | "rechecks">,
): Promise<string | null> => {
  if (recheckAfterMs === undefined || (rechecks?.number ?? 0) >= rechecksMax) return null;
  try {
    await checkSchedule(bus, site);
  } catch (error) {
    // A site that has switched is read by nobody but people; and where nobody says how far it is, nothing is promised.
    if (error instanceof Fault) return null;
    throw error;
  }
  return new Date(now() + recheckAfterMs).toISOString();
};
