import type { Random } from "../random.ts";
import type { ScanCondition } from "./acts.ts";
import type { ItemStatus } from "./items.ts";

/** Condition flags are empty on 37 % of the real rows. */
const lookedAtShare = 0.63;
const wornShare = 0.12;
const signs = ["wet", "dirty", "leaves", "mold", "stain", "rip", "grommet"] as const;

const flawless: ScanCondition = {
  wet: false,
  dirty: false,
  leaves: false,
  mold: false,
  stain: false,
  rip: false,
  grommet: false,
};

/** Where goods of such a condition go: the worst sign wins. */
export const statusAfter = (condition: ScanCondition | null): ItemStatus => {
  if (condition === null) return "ready";
  if (condition.rip || condition.grommet) return "repair";
  if (condition.dirty || condition.leaves || condition.mold || condition.stain) return "wash";
  return condition.wet ? "wet" : "ready";
};

/** What somebody saw of an item that came back; null where nobody looked. */
export const drawCondition = (random: Random, isClean: boolean): ScanCondition | null => {
  if (!random.chance(lookedAtShare)) return null;
  return isClean || !random.chance(wornShare) ? flawless : { ...flawless, [random.pick(signs)]: true };
};
