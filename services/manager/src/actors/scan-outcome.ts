import {
  type ItemChange,
  ItemCreated,
  type LoggedEvent,
  type Outcome,
  ScanQuarantined,
  ScanRefused,
} from "@tagwire/messages";
import type { Happening } from "./happening.ts";

const strayOutcomes: ReadonlyMap<string, Outcome> = new Map([
  [ScanQuarantined.type, "quarantined"],
  [ScanRefused.type, "rejected"],
]);

/** How a scan of what no item carries ended; undefined for every other event. */
export const strayOutcomeOf = ({ type }: Pick<LoggedEvent, "type">): Outcome | undefined =>
  strayOutcomes.get(type);

/**
 * How a scan ended. Undefined for what is no scan, and for one that waited in quarantine: it was counted when it came. The one
 * definition of what counts as a scan, so that minutes, devices and people add up to the same.
 */
export const scanOutcomeOf = ({ event, after }: Happening): Outcome | undefined => {
  const stray = strayOutcomeOf(event);
  if (stray !== undefined) return stray;
  if (after === undefined || event.type === ItemCreated.type) return undefined;
  const { scan, flags, outcome } = event.data as ItemChange;
  return scan === undefined || flags.includes("from_quarantine") ? undefined : outcome;
};

export const isScan = (happening: Happening): boolean => scanOutcomeOf(happening) !== undefined;
