import { type FilterRule, normaliseTag } from "@tagwire/messages";
import type { TagRead } from "../drivers/driver.ts";
import type { StrayReason } from "./antenna-ledger.ts";
import { allBindings, type Binding, type Bindings, bindingAt } from "./binding.ts";
import { createFrameCount } from "./frame-tally.ts";
import { createIntervalQueue, type IntervalQueue } from "./interval-queue.ts";
import type { FrameTally } from "./ledger.ts";
import { passageMsMax, passageQuietMs, sideAfter, type Trigger } from "./passage.ts";
import { addProof, isStrong } from "./proof.ts";
import { hearAt, isAt, newWhereabouts, putAt, type Whereabouts } from "./whereabouts.ts";
import { countOf, holdRead, newWindow, type Sighting, sayHeld, type Window, windowKey } from "./window.ts";

/**
 * Smoothing: hundreds of reads of one tag become a few observations of it at a place.
 *
 *   unknown ──read──► reported            (an observation at once: nobody waits for a timer)
 *   reported ──read──► holding            (counted; the strongest and the first and last times are kept)
 *   holding ──re-report interval──► reported   (one observation carries everything held)
 *   holding ──the tag came back from elsewhere──► reported   (at once)
 *   reported ──interval, no read──► quiet ──read──► reported
 *   any ──not read for the depart timeout──► unknown   (what is held is said first)
 *   unknown ──read at a portal──► passing ──silent──► unknown   (one observation, of the side where it is now)
 *
 * Reads that prove nothing, because they are too weak or too few, and those of a tag that is elsewhere, are evidence: they are held
 * for the re-report interval and then said as stray, which moves nothing. Antennas with the same place are one place; an antenna without
 * a place is a place of its own with the name null, and says nothing of where anything is.
 * Time is an argument, in ms of any clock that only moves forward. `room` is how many observations the caller takes now:
 * without room nothing is dropped, windows only speak later.
 */
export type Smoothing = {
  bindings: Bindings;
  readonly windowsMax: number;
  readonly whereabouts: Whereabouts;
  /** Windows in the order of their last read, the oldest first. */
  readonly windows: Map<string, Window>;
  /** Windows whose re-report interval runs. */
  readonly waiting: IntervalQueue<Window>;
  /** Windows of tags at a portal. */
  readonly passing: Set<Window>;
  /** What light barriers said of late, in order. */
  readonly triggers: Trigger[];
  /** Windows that may speak now and hold something, the longest waiting first. Those that left are only here. */
  readonly ready: Set<Window>;
  /** How many of the ready ones have left `windows`. */
  leaving: number;
  /** Reads in windows, not yet in a sighting, in all and by antenna. */
  held: number;
  readonly heldBy: Map<number, number>;
};

/** Tags that one reader keeps in memory, unless told otherwise. */
export const defaultWindowsMax = 50_000;
/** Light barriers that are remembered: more than are broken while anything passes. */
const triggersMax = 64;

export type Step = { readonly nowMs: number; readonly room: number };

/** `whereabouts` are those of the whole site, which all its readers share. */
export const newSmoothing = (
  bindings: Bindings,
  windowsMax = defaultWindowsMax,
  whereabouts: Whereabouts = newWhereabouts(windowsMax),
): Smoothing => ({
  bindings,
  windowsMax,
  whereabouts,
  windows: new Map(),
  waiting: createIntervalQueue(),
  passing: new Set(),
  triggers: [],
  ready: new Set(),
  leaving: 0,
  held: 0,
  heldBy: new Map(),
});

const addHeld = (smoothing: Smoothing, readsBy: Iterable<readonly [number, number]>, sign: 1 | -1): void => {
  for (const [antenna, reads] of readsBy) {
    smoothing.held += sign * reads;
    const held = (smoothing.heldBy.get(antenna) ?? 0) + sign * reads;
    if (held === 0) smoothing.heldBy.delete(antenna);
    else smoothing.heldBy.set(antenna, held);
  }
};

/** What one frame has of one window: how often it was heard, and how strongly at best. */
type Glimpse = { readonly peakDbm: number | null; readonly strong: number };

const glimpse = (glimpses: Map<Window, Glimpse>, window: Window, read: TagRead, { rule }: Binding): void => {
  const known = glimpses.get(window) ?? { peakDbm: null, strong: 0 };
  glimpses.set(window, {
    peakDbm: read.rssiDbm === null ? known.peakDbm : Math.max(known.peakDbm ?? read.rssiDbm, read.rssiDbm),
    strong: known.strong + (isStrong(read.rssiDbm, rule) ? countOf(read) : 0),
  });
};

/** What a frame means for when a window speaks: at once when its tag came there, else as its interval allows. */
const judge = (smoothing: Smoothing, window: Window, { peakDbm, strong }: Glimpse, nowMs: number): void => {
  const { waiting, ready, whereabouts } = smoothing;
  const { name, place, proof } = window;
  const { rule } = window.binding;
  const wasProven = proof.isProven;
  const proves = strong > 0 && addProof(proof, { count: strong, nowMs }, rule);
  // What a passage means is known when it is over.
  if (window.passage !== null) return;
  const heard =
    !proves || place === null
      ? undefined
      : hearAt(whereabouts, { tag: name, place, rssiDbm: peakDbm, count: strong, nowMs }, rule);
  if (heard === "came" || (proves && !wasProven && heard === undefined)) {
    waiting.delete(window);
    ready.add(window);
    return;
  }
  if (waiting.has(window) || ready.has(window)) return;
  if (proves && heard !== "elsewhere") {
    ready.add(window);
    return;
  }
  // Evidence is in no hurry: what comes of it meanwhile is said with it.
  waiting.add(window, window.binding.evidenceMs, nowMs);
};

/** Judges what a frame has so far. Of each tag, where it was heard best is looked at first, so that the order of reads means nothing. */
const judgeAll = (smoothing: Smoothing, glimpses: Map<Window, Glimpse>, nowMs: number): void => {
  const strength = ({ peakDbm }: Glimpse) => peakDbm ?? Number.NEGATIVE_INFINITY;
  for (const own of Map.groupBy(glimpses, ([{ name }]) => name).values()) {
    own.sort(
      ([left, one], [right, other]) => strength(other) - strength(one) || (left.key < right.key ? -1 : 1),
    );
    for (const [window, seen] of own) judge(smoothing, window, seen, nowMs);
  }
  glimpses.clear();
};

const strayReasonOf = ({ whereabouts }: Smoothing, window: Window): StrayReason | null => {
  const { name, place, proof, binding } = window;
  if (!proof.isProven) return proof.strongReads === 0 ? "weak" : "few";
  if (place === null) return binding.portal === null ? null : "undecided";
  return isAt(whereabouts, name, place) ? null : "elsewhere";
};

const speak = (smoothing: Smoothing, window: Window, nowMs: number): Sighting => {
  const sighting = sayHeld(window, strayReasonOf(smoothing, window));
  addHeld(smoothing, sighting.readsBy, -1);
  smoothing.ready.delete(window);
  smoothing.waiting.delete(window);
  const { rule, evidenceMs } = window.binding;
  if (smoothing.windows.get(window.key) !== window) smoothing.leaving -= 1;
  else smoothing.waiting.add(window, sighting.stray === null ? rule.reReportMs : evidenceMs, nowMs);
  return sighting;
};

/** The tag has passed, or is taken to have: from here on it is known where it is, or that nobody knows. */
const endPassage = ({ passing, triggers, whereabouts }: Smoothing, window: Window): void => {
  const { passage, proof, name, lastReadMs } = window;
  const { portal } = window.binding;
  passing.delete(window);
  window.passage = null;
  if (passage === null || portal === null || !proof.isProven) return;
  const side = sideAfter(passage, portal, triggers);
  if (side === undefined) return;
  window.place = portal[side];
  putAt(whereabouts, name, portal[side], lastReadMs);
};

const leave = (smoothing: Smoothing, window: Window): void => {
  smoothing.windows.delete(window.key);
  smoothing.waiting.delete(window);
  endPassage(smoothing, window);
  if (window.held === 0) return;
  smoothing.ready.add(window);
  smoothing.leaving += 1;
};

const isFull = ({ windows, leaving, windowsMax }: Smoothing): boolean => windows.size + leaving >= windowsMax;

/** Frees a window by letting the least recently read tag go. False when it holds reads and nobody can take them now. */
const makeSpace = (smoothing: Smoothing, said: Sighting[], step: Step): boolean => {
  const [oldest] = smoothing.windows.values();
  if (oldest === undefined || (oldest.held > 0 && said.length >= step.room)) return false;
  const holding = oldest.held > 0;
  leave(smoothing, oldest);
  if (holding) said.push(speak(smoothing, oldest, step.nowMs));
  return true;
};

const take = (smoothing: Smoothing, said: Sighting[], step: Step): Sighting[] => {
  for (const window of smoothing.ready) {
    if (said.length >= step.room) break;
    said.push(speak(smoothing, window, step.nowMs));
  }
  return said;
};

type Named = { readonly name: string; readonly tag: string };

/** By what a read's tag is known, or why it goes no further. */
const nameOf = ({ epc, tid }: TagRead, { identity, isWanted }: Binding): Named | FilterRule => {
  const chip = tid === undefined ? undefined : normaliseTag(tid);
  if (identity === "tid" && chip === undefined) return "no_tid";
  const tag = identity === "tid" ? chip : normaliseTag(epc);
  if (tag === undefined) return "impossible";
  if (!isWanted(tag)) return "unwanted";
  return { tag, name: identity === "both" && chip !== undefined ? `${tag}+${chip}` : tag };
};

/** What the reads of one frame come to: the sightings that they make now, and every read of them in a column. */
export type HeardFrame = { readonly said: Sighting[]; readonly tallies: readonly FrameTally[] };

/**
 * Takes the reads of one frame and gives the sightings that they make now, at most `step.room`.
 * Within a frame the order of the reads means nothing as long as no tag has to go to make space.
 */
export const hearReads = (smoothing: Smoothing, reads: readonly TagRead[], step: Step): HeardFrame => {
  const said: Sighting[] = [];
  const glimpses = new Map<Window, Glimpse>();
  const count = createFrameCount();
  const windowFor = (read: TagRead): Window | FilterRule => {
    const binding = bindingAt(smoothing.bindings, read.antenna);
    const named = nameOf(read, binding);
    if (typeof named === "string") return named;
    const key = windowKey(named.name, binding, read.antenna);
    const known = smoothing.windows.get(key);
    if (known !== undefined) {
      smoothing.windows.delete(key);
      return known;
    }
    // Whoever has to go says what it means before it goes.
    if (isFull(smoothing)) judgeAll(smoothing, glimpses, step.nowMs);
    if (isFull(smoothing) && !makeSpace(smoothing, said, step)) return "no_room";
    return newWindow({ key, ...named }, binding, step.nowMs);
  };

  for (const read of reads) {
    const reading = countOf(read);
    count.read(read.antenna, reading);
    const window = windowFor(read);
    if (typeof window === "string") {
      count.filter(read.antenna, window, reading);
      continue;
    }
    smoothing.windows.set(window.key, window);
    if (window.passage !== null) smoothing.passing.add(window);
    window.lastReadMs = step.nowMs;
    const binding = bindingAt(smoothing.bindings, read.antenna);
    holdRead(window, read, binding);
    addHeld(smoothing, [[read.antenna, reading]], 1);
    glimpse(glimpses, window, read, binding);
  }
  judgeAll(smoothing, glimpses, step.nowMs);
  return { said: take(smoothing, said, step), tallies: count.tallies() };
};

/** A light barrier at an input of the reader was broken. */
export const hearTrigger = ({ triggers }: Smoothing, trigger: Trigger): void => {
  triggers.push(trigger);
  if (triggers.length > triggersMax) triggers.shift();
};

/** Lets time pass: gives what is due at `step.nowMs`, at most `step.room`, and forgets the tags that departed. */
export const passTime = (smoothing: Smoothing, step: Step): Sighting[] => {
  const { nowMs } = step;
  for (const window of smoothing.waiting.takeDue(nowMs)) if (window.held > 0) smoothing.ready.add(window);
  for (const window of smoothing.passing) {
    const isOver = nowMs - window.lastReadMs >= passageQuietMs;
    const isStanding = nowMs - (window.passage?.sinceMs ?? nowMs) >= passageMsMax;
    if (isOver || isStanding) leave(smoothing, window);
  }
  const shortestMs = Math.min(...allBindings(smoothing.bindings).map(({ rule }) => rule.departMs));
  for (const window of smoothing.windows.values()) {
    const silentMs = nowMs - window.lastReadMs;
    if (silentMs < shortestMs) break;
    if (silentMs >= window.binding.rule.departMs) leave(smoothing, window);
  }
  return take(smoothing, [], step);
};

/** The reader stops or its places change: every window leaves, and what they hold may be said at once. */
export const release = (smoothing: Smoothing): void => {
  for (const window of smoothing.windows.values()) leave(smoothing, window);
};

/**
 * The antennas are bound anew, or held to other rules, while the reader goes on. A window whose antenna still means the same place goes on
 * under the new rule; any other one leaves, and what it holds is said as it was heard.
 */
export const rebind = (smoothing: Smoothing, bindings: Bindings, nowMs: number): void => {
  smoothing.bindings = bindings;
  for (const window of smoothing.windows.values()) {
    const binding = bindingAt(bindings, window.antenna);
    const isSame =
      windowKey(window.name, binding, window.antenna) === window.key &&
      binding.identity === window.binding.identity &&
      (binding.portal === null) === (window.binding.portal === null) &&
      binding.isWanted(window.tag);
    if (!isSame) {
      leave(smoothing, window);
      continue;
    }
    window.binding = binding;
    if (smoothing.waiting.has(window)) smoothing.waiting.add(window, binding.rule.reReportMs, nowMs);
  }
};
