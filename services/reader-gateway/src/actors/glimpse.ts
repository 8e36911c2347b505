import type { TagRead } from "../drivers/driver.ts";
import { addProof, isStrong } from "./proof.ts";
import type { ReadRule } from "./read-rule.ts";
import { countOf, type Window } from "./window.ts";

/** What one moment has of one window: when it was heard well enough and how often, and how strongly at best. */
export type Glimpse = {
  peakDbm: number | null;
  /** When it was heard last. */
  heardMs: number;
  readonly strong: { readonly nowMs: number; readonly count: number }[];
};

export const glimpse = (
  glimpses: Map<Window, Glimpse>,
  window: Window,
  { read, rule, heardMs }: { readonly read: TagRead; readonly rule: ReadRule; readonly heardMs: number },
): void => {
  const seen = glimpses.get(window) ?? { peakDbm: null, heardMs, strong: [] };
  glimpses.set(window, seen);
  const { rssiDbm } = read;
  seen.heardMs = Math.max(seen.heardMs, heardMs);
  if (rssiDbm !== null) seen.peakDbm = Math.max(seen.peakDbm ?? rssiDbm, rssiDbm);
  if (isStrong(rssiDbm, rule)) seen.strong.push({ nowMs: heardMs, count: countOf(read) });
};

/** Takes in what was heard well enough, as it was heard; says whether it is of a tag that is proven to be there, and how often it was heard. */
export const prove = ({ proof, binding: { rule } }: Window, { strong }: Glimpse) => {
  let [proves, count] = [false, 0];
  for (const one of strong.toSorted((earlier, later) => earlier.nowMs - later.nowMs)) {
    proves = addProof(proof, one, rule);
    count += one.count;
  }
  return { proves, count };
};
