import { createHash } from "node:crypto";
import {
  type Day,
  type PrefetchArm,
  type PrefetchGuess,
  type PrefetchSource,
  type PrefetchState,
  prefetchGuesses,
  prefetchTriedEvery,
} from "@tagwire/messages";

/** One device-day in so many gets only recents. */
const recentsEvery = 10;

/** One of so many, always the same for the same words, and nobody chooses. */
const isDrawn = (words: readonly string[], of: number): boolean =>
  createHash("sha256").update(words.join("\n")).digest().readUInt32BE(0) % of === 0;

/**
 * Which arm a device is in on a day: always the same, and nobody chooses. Days of one device differ, so that a busy device is not
 * in one arm for ever.
 */
export const armOf = (site: string, device: string, day: Day): PrefetchArm =>
  isDrawn([site, device, day], recentsEvery) ? "recents" : "predicted";

/** Whether a source that keeps quiet is tried on a device on a day. */
export const isTried = (site: string, device: string, day: Day, source: PrefetchGuess): boolean =>
  isDrawn([site, device, day, source], prefetchTriedEvery);

/** The sources that take part in a device's set on a day; `stateOf` tells how each stands at the site. */
export const sourcesOf = (
  { site, device, day, arm }: { site: string; device: string; day: Day; arm: PrefetchArm },
  stateOf: (source: PrefetchGuess) => PrefetchState,
): PrefetchSource[] => {
  if (arm === "recents") return ["recent"];
  const guesses = prefetchGuesses.filter((source) => {
    const state = stateOf(source);
    return state !== "off" && (state !== "quiet" || isTried(site, device, day, source));
  });
  return ["recent", ...guesses];
};
