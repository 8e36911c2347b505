import { bindingAt } from "./binding.ts";
import { type Heard, hearPassing, newPassage } from "./passage.ts";
import { addHeld, leave, type Smoothing } from "./smoothing.ts";
import { newWindow, type Window, windowKey } from "./window.ts";

/**
 * A tag that passes a portal, as it is kept while it does: which way it went is known only when it has passed, and a killed process must not
 * take that with it. Times are Unix ms, so that another process can go on.
 */
export type PassingTag = {
  readonly name: string;
  readonly tag: string;
  readonly tid: string | null;
  readonly isIso?: true;
  readonly antenna: number;
  readonly peakRssiDbm: number | null;
  /** How often each antenna heard it. */
  readonly readsBy: readonly (readonly [antenna: number, reads: number])[];
  readonly firstHeardAtMs: number;
  readonly lastHeardAtMs: number;
  readonly strongReads: number;
  readonly isProven: boolean;
  readonly sinceMs: number;
  readonly heard: readonly Heard[];
};

/** An instant by both clocks. */
export type Instant = { readonly nowMs: number; readonly unixMs: number };

/** Of one tag so many moments are kept: they tell the way as well as all that are remembered. */
const keptMomentsMax = 64;

const thinned = (heard: readonly Heard[]): readonly Heard[] => {
  const every = Math.ceil(heard.length / keptMomentsMax);
  return heard.filter((_, index) => index % every === 0 || index === heard.length - 1);
};

const tagOf = (window: Window, { nowMs, unixMs }: Instant): PassingTag[] => {
  const { name, tag, tid, isIso, antenna, peakRssiDbm, firstHeardAtMs, lastHeardAtMs, passage, proof } =
    window;
  if (passage === null || window.held === 0) return [];
  return [
    {
      ...{ name, tag, tid, antenna, peakRssiDbm, firstHeardAtMs, lastHeardAtMs },
      ...(isIso ? { isIso } : {}),
      readsBy: [...window.heldBy],
      strongReads: proof.strongReads,
      isProven: proof.isProven,
      sinceMs: unixMs - (nowMs - passage.sinceMs),
      heard: thinned(passage.heard),
    },
  ];
};

/** The tags that pass now. */
export const passingTags = ({ passing }: Smoothing, at: Instant): PassingTag[] =>
  [...passing].flatMap((window) => tagOf(window, at));

/** Reads that these tags hold, by what the reader calls its antennas. */
export const readsOfPassing = (tags: readonly PassingTag[]): Map<number, number> => {
  const sum = new Map<number, number>();
  for (const { readsBy } of tags)
    for (const [antenna, reads] of readsBy) sum.set(antenna, (sum.get(antenna) ?? 0) + reads);
  return sum;
};

const windowOf = (smoothing: Smoothing, kept: PassingTag, { nowMs, unixMs }: Instant): Window => {
  const { name, tag, antenna, readsBy } = kept;
  const binding = bindingAt(smoothing.bindings, antenna);
  const key = windowKey(name, binding, antenna);
  const window = newWindow({ key, name, tag }, binding, { nowMs, heardMs: nowMs - (unixMs - kept.sinceMs) });
  window.tid = kept.tid;
  window.isIso = kept.isIso === true;
  window.antenna = antenna;
  window.peakRssiDbm = kept.peakRssiDbm;
  window.firstHeardAtMs = kept.firstHeardAtMs;
  window.lastHeardAtMs = kept.lastHeardAtMs;
  window.heldBy = new Map(readsBy);
  window.held = readsBy.reduce((sum, [, reads]) => sum + reads, 0);
  window.proof.strongReads = kept.strongReads;
  window.proof.isProven = kept.isProven;
  if (window.passage === null) return window;
  window.passage = newPassage(nowMs - (unixMs - kept.sinceMs));
  for (const one of kept.heard) hearPassing(window.passage, one, nowMs - (unixMs - one.atMs));
  return window;
};

/**
 * Goes on with tags that were passing when a process was killed, before anything else is heard. Where there is no portal any more, what was
 * heard of them is said as it would be now.
 */
export const goOnPassing = (smoothing: Smoothing, tags: readonly PassingTag[], at: Instant): void => {
  for (const kept of tags) {
    const window = windowOf(smoothing, kept, at);
    smoothing.windows.set(window.key, window);
    addHeld(smoothing, window.heldBy, 1);
    if (window.passage === null) leave(smoothing, window);
    else smoothing.passing.add(window);
  }
};
