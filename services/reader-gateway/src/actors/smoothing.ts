import type { FilterRule } from "@tagwire/messages";
import type { TagRead } from "../drivers/driver.ts";
import type { StrayReason } from "./antenna-ledger.ts";
import { allBindings, type Bindings, bindingAt } from "./binding.ts";
import { createFrameCount } from "./frame-tally.ts";
import { type Glimpse, glimpse, prove } from "./glimpse.ts";
import { createIntervalQueue, type IntervalQueue } from "./interval-queue.ts";
import { addLateness, type Lateness, latenessOf, newLateness } from "./lateness.ts";
import type { FrameTally } from "./ledger.ts";
import { hears } from "./listeners.ts";
import { byHearing, type HeardRead, heardBy, latestOf, momentsOf } from "./moments.ts";
import { isOver, passageMsMax, sideAfter, type Trigger } from "./passage.ts";
import { nameOf } from "./tag-name.ts";
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
 * without room nothing is dropped, windows only speak later. Where a tag is and whether it has passed, stays or departed is judged by when
 * the reader heard it, which may be long before it says so: a batch is heard as the moments that it tells of, and a tag is silent when the
 * reader can have nothing to say of it any more. Only how often a tag that stays is said again goes by when its reads come.
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
  /** How many passages have ended. */
  passed: number;
  /** How late the reader says what it heard. */
  readonly lateness: Lateness;
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

export type Step = {
  readonly nowMs: number;
  readonly room: number;
  /** The same instant in Unix ms, as reads tell their times; without it a read counts as heard when it comes. */
  readonly unixMs?: number;
};

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
  passed: 0,
  lateness: newLateness(),
  triggers: [],
  ready: new Set(),
  leaving: 0,
  held: 0,
  heldBy: new Map(),
});

/** Reads come into windows, or leave them. */
export const addHeld = (
  smoothing: Smoothing,
  readsBy: Iterable<readonly [number, number]>,
  sign: 1 | -1,
): void => {
  for (const [antenna, reads] of readsBy) {
    smoothing.held += sign * reads;
    const held = (smoothing.heldBy.get(antenna) ?? 0) + sign * reads;
    if (held === 0) smoothing.heldBy.delete(antenna);
    else smoothing.heldBy.set(antenna, held);
  }
};

/** What a moment means for when a window speaks: at once when its tag came there, else as its interval allows. */
const judge = (smoothing: Smoothing, window: Window, seen: Glimpse, nowMs: number): void => {
  const { waiting, ready, whereabouts, lateness } = smoothing;
  const { name, place, proof } = window;
  const { rule } = window.binding;
  const wasProven = proof.isProven;
  const { proves, count } = prove(window, seen);
  // What a passage means is known when it is over.
  if (window.passage !== null) return;
  const heard =
    !proves || place === null
      ? undefined
      : hearAt(
          whereabouts,
          { tag: name, place, rssiDbm: seen.peakDbm, count, heardMs: seen.heardMs, nowMs, lateness },
          rule,
        );
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

/** Judges what a moment has so far. Of each tag, where it was heard best is looked at first, so that the order of reads means nothing. */
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
const endPassage = (smoothing: Smoothing, window: Window): void => {
  const { passing, triggers, whereabouts, lateness } = smoothing;
  const { passage, proof, name } = window;
  const { portal } = window.binding;
  if (passing.delete(window)) smoothing.passed += 1;
  window.passage = null;
  if (passage === null || portal === null || !proof.isProven) return;
  const side = sideAfter(passage, portal, triggers);
  if (side === undefined) return;
  window.place = portal[side];
  putAt(whereabouts, { tag: name, place: portal[side], heardMs: passage.lastMs, lateness });
};

/** Also a tag that stands in the gate is told once in a while. */
const hasPassed = ({ triggers, lateness }: Smoothing, window: Window, nowMs: number): boolean => {
  const { passage } = window;
  const { portal } = window.binding;
  if (passage === null || portal === null) return true;
  // What the reader heard of it meanwhile it may not have said yet.
  const silentMs = nowMs - passage.lastMs - latenessOf(lateness);
  return nowMs - passage.sinceMs >= passageMsMax || isOver(passage, { silentMs, portal, triggers });
};

/** Whether a tag was silent for so long before this read that it had passed, or departed, by then, whenever that is said. */
const beginsAnew = ({ triggers }: Smoothing, window: Window, heardMs: number): boolean => {
  const { passage, lastHeardMs } = window;
  const { portal, rule } = window.binding;
  if (passage === null || portal === null) return heardMs - lastHeardMs >= rule.departMs;
  return isOver(passage, { silentMs: heardMs - passage.lastMs, portal, triggers });
};

/** Whether a tag has departed: nothing came of it for so long, and nothing that was heard of it can be on its way. */
const hasDeparted = ({ lateness }: Smoothing, window: Window, nowMs: number): boolean => {
  const { departMs } = window.binding.rule;
  return (
    nowMs - window.lastReadMs >= departMs && nowMs - window.lastHeardMs - latenessOf(lateness) >= departMs
  );
};

/** A window ends: what it holds is said as soon as there is room. */
export const leave = (smoothing: Smoothing, window: Window): void => {
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

const hasPortal = ({ bindings }: Smoothing): boolean =>
  allBindings(bindings).some(({ portal }) => portal !== null);

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
  const windowFor = (read: TagRead, heardMs: number): Window | FilterRule => {
    const binding = bindingAt(smoothing.bindings, read.antenna);
    const named = nameOf(read, binding);
    if (typeof named === "string") return named;
    const key = windowKey(named.name, binding, read.antenna);
    const known = smoothing.windows.get(key);
    if (known !== undefined && !beginsAnew(smoothing, known, heardMs)) {
      smoothing.windows.delete(key);
      return known;
    }
    if (known !== undefined) {
      // Of reads of this frame, too, it proves what it proves before it goes.
      judgeAll(smoothing, glimpses, step.nowMs);
      leave(smoothing, known);
    }
    // Whoever has to go says what it means before it goes.
    if (isFull(smoothing)) judgeAll(smoothing, glimpses, step.nowMs);
    if (isFull(smoothing) && !makeSpace(smoothing, said, step)) return "no_room";
    return newWindow({ key, ...named }, binding, { nowMs: step.nowMs, heardMs });
  };

  const hearOne = ({ read, heardMs }: HeardRead): void => {
    const reading = countOf(read);
    count.read(read.antenna, reading);
    const window = windowFor(read, heardMs);
    if (typeof window === "string") {
      count.filter(read.antenna, window, reading);
      return;
    }
    smoothing.windows.set(window.key, window);
    if (window.passage !== null) smoothing.passing.add(window);
    window.lastReadMs = step.nowMs;
    const binding = bindingAt(smoothing.bindings, read.antenna);
    holdRead(window, read, binding, heardMs);
    addHeld(smoothing, [[read.antenna, reading]], 1);
    glimpse(glimpses, window, { read, rule: binding.rule, heardMs });
  };

  const heard = heardBy(reads, step);
  if (reads.length > 0) {
    addLateness(smoothing.lateness, latestOf(heard, step.nowMs));
    hears(smoothing.whereabouts.listeners, smoothing.lateness, step.nowMs);
  }
  const isInOrder = hasPortal(smoothing);
  for (const moment of momentsOf(heard)) {
    for (const one of isInOrder ? moment.toSorted(byHearing) : moment) hearOne(one);
    judgeAll(smoothing, glimpses, step.nowMs);
    // Before the next moment: by then the tag may be elsewhere.
    take(smoothing, said, step);
  }
  return { said, tallies: count.tallies() };
};

/** A light barrier at an input of the reader was broken. */
export const hearTrigger = ({ triggers }: Smoothing, trigger: Trigger): void => {
  triggers.push(trigger);
  if (triggers.length > triggersMax) triggers.shift();
};

/** Whether windows may speak that had no room to. */
export const hasReady = ({ ready }: Smoothing): boolean => ready.size > 0;

/** Lets time pass: gives what is due at `step.nowMs`, at most `step.room`, and forgets the tags that departed. */
export const passTime = (smoothing: Smoothing, step: Step): Sighting[] => {
  const { nowMs } = step;
  for (const window of smoothing.waiting.takeDue(nowMs)) if (window.held > 0) smoothing.ready.add(window);
  for (const window of smoothing.passing) {
    if (hasPassed(smoothing, window, nowMs)) leave(smoothing, window);
  }
  const shortestMs = Math.min(...allBindings(smoothing.bindings).map(({ rule }) => rule.departMs));
  for (const window of smoothing.windows.values()) {
    // They are in the order in which something came of them, and none departs sooner than that allows.
    if (nowMs - window.lastReadMs < shortestMs) break;
    if (hasDeparted(smoothing, window, nowMs)) leave(smoothing, window);
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
      binding.isWanted(window.tag, window.isIso);
    if (!isSame) {
      leave(smoothing, window);
      continue;
    }
    window.binding = binding;
    if (smoothing.waiting.has(window)) smoothing.waiting.add(window, binding.rule.reReportMs, nowMs);
  }
};
