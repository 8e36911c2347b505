import { normaliseTag } from "@tagwire/messages";
import type { TagRead } from "../drivers/driver.ts";

/**
 * Smoothing: hundreds of reads of one tag become a few observations of it at a place.
 *
 *   unknown ──read──► reported            (an observation at once: nobody waits for a timer)
 *   reported ──read──► holding            (counted; the strongest and the first and last times are kept)
 *   holding ──re-report interval──► reported   (one observation carries everything held)
 *   reported ──interval, no read──► quiet ──read──► reported
 *   any ──not read for the depart timeout──► unknown   (what is held is said first)
 *
 * Antennas with the same place are one place; an antenna without a place is a place of its own with the name null.
 * Time is an argument, in ms of any clock that only moves forward. `room` is how many observations the caller takes now:
 * without room nothing is dropped, windows only speak later.
 */
export type SmoothingSettings = {
  readonly reReportMs: number;
  readonly departMs: number;
  readonly windowsMax: number;
};

export const defaultSmoothing: SmoothingSettings = {
  reReportMs: 60_000,
  departMs: 600_000,
  windowsMax: 50_000,
};

/** The place of each antenna port; a port that is not here has none. */
export type Places = ReadonlyMap<number, string>;

/** What an observation says before it has an identity. Times are Unix ms. */
export type Sighting = {
  readonly tag: string;
  readonly place: string | null;
  readonly antenna: number;
  readonly reads: number;
  readonly peakRssiDbm: number | null;
  readonly firstHeardAtMs: number;
  readonly lastHeardAtMs: number;
};

type Window = {
  readonly key: string;
  readonly tag: string;
  readonly place: string | null;
  antenna: number;
  held: number;
  peakRssiDbm: number | null;
  firstHeardAtMs: number;
  lastHeardAtMs: number;
  lastReadMs: number;
  reportedMs: number;
};

export type Smoothing = {
  readonly settings: SmoothingSettings;
  /** Windows in the order of their last read, the oldest first. */
  readonly windows: Map<string, Window>;
  /** Windows whose re-report interval runs, in the order in which it ends. */
  readonly waiting: Set<Window>;
  /** Windows that may speak now and hold something, the longest waiting first. Those that left are only here. */
  readonly ready: Set<Window>;
  /** How many of the ready ones have left `windows`. */
  leaving: number;
  /** Reads in windows, not yet in a sighting. */
  held: number;
  /** Reads that never went into a window: impossible tags, and new tags when no window was free. */
  filtered: number;
  /** Of the filtered ones, those for which no window was free. */
  refused: number;
};

export type Step = { readonly nowMs: number; readonly room: number };

export const newSmoothing = (settings: SmoothingSettings = defaultSmoothing): Smoothing => ({
  settings,
  windows: new Map(),
  waiting: new Set(),
  ready: new Set(),
  leaving: 0,
  held: 0,
  filtered: 0,
  refused: 0,
});

/** How many reads a row stands for: at least the one that made it a row. */
export const countOf = (read: TagRead): number =>
  Number.isSafeInteger(read.count) && read.count > 1 ? read.count : 1;

const isStronger = (read: TagRead, window: Window): boolean => {
  const heard = read.rssiDbm ?? Number.NEGATIVE_INFINITY;
  const peak = window.peakRssiDbm ?? Number.NEGATIVE_INFINITY;
  // Of equally strong antennas the lowest port is named, so that the order of reads within a frame means nothing.
  return heard > peak || (heard === peak && read.antenna < window.antenna);
};

const hold = (smoothing: Smoothing, window: Window, read: TagRead): void => {
  const count = countOf(read);
  if (window.held === 0) {
    window.antenna = read.antenna;
    window.peakRssiDbm = read.rssiDbm;
    window.firstHeardAtMs = read.heardAtMs;
    window.lastHeardAtMs = read.heardAtMs;
  } else {
    if (isStronger(read, window)) {
      window.antenna = read.antenna;
      window.peakRssiDbm = read.rssiDbm;
    }
    window.firstHeardAtMs = Math.min(window.firstHeardAtMs, read.heardAtMs);
    window.lastHeardAtMs = Math.max(window.lastHeardAtMs, read.heardAtMs);
  }
  window.held += count;
  smoothing.held += count;
  if (!smoothing.waiting.has(window)) smoothing.ready.add(window);
};

const speak = (smoothing: Smoothing, window: Window, nowMs: number): Sighting => {
  const { tag, place, antenna, held: reads, peakRssiDbm, firstHeardAtMs, lastHeardAtMs } = window;
  smoothing.held -= reads;
  smoothing.ready.delete(window);
  smoothing.waiting.delete(window);
  window.held = 0;
  if (smoothing.windows.get(window.key) === window) {
    window.reportedMs = nowMs;
    smoothing.waiting.add(window);
  } else smoothing.leaving -= 1;
  return { tag, place, antenna, reads, peakRssiDbm, firstHeardAtMs, lastHeardAtMs };
};

const leave = (smoothing: Smoothing, window: Window): void => {
  smoothing.windows.delete(window.key);
  smoothing.waiting.delete(window);
  if (window.held === 0) return;
  smoothing.ready.add(window);
  smoothing.leaving += 1;
};

const isFull = (smoothing: Smoothing): boolean =>
  smoothing.windows.size + smoothing.leaving >= smoothing.settings.windowsMax;

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

/**
 * Takes the reads of one frame and gives the sightings that they make now, at most `step.room`.
 * Within a frame the order of the reads means nothing as long as no tag has to go to make space.
 */
export const hearReads = (
  smoothing: Smoothing,
  reads: readonly TagRead[],
  places: Places,
  step: Step,
): Sighting[] => {
  const said: Sighting[] = [];
  for (const read of reads) {
    const tag = normaliseTag(read.epc);
    if (tag === undefined) {
      smoothing.filtered += countOf(read);
      continue;
    }
    const place = places.get(read.antenna) ?? null;
    const key = place === null ? `${tag}#${read.antenna}` : `${tag}@${place}`;
    let window = smoothing.windows.get(key);
    if (window === undefined) {
      if (isFull(smoothing) && !makeSpace(smoothing, said, step)) {
        smoothing.filtered += countOf(read);
        smoothing.refused += countOf(read);
        continue;
      }
      window = {
        key,
        tag,
        place,
        antenna: read.antenna,
        held: 0,
        peakRssiDbm: null,
        firstHeardAtMs: 0,
        lastHeardAtMs: 0,
        lastReadMs: 0,
        reportedMs: 0,
      };
    } else smoothing.windows.delete(key);
    smoothing.windows.set(key, window);
    window.lastReadMs = step.nowMs;
    hold(smoothing, window, read);
  }
  return take(smoothing, said, step);
};

/** Lets time pass: gives what is due at `step.nowMs`, at most `step.room`, and forgets the tags that departed. */
export const passTime = (smoothing: Smoothing, step: Step): Sighting[] => {
  const { reReportMs, departMs } = smoothing.settings;
  for (const window of smoothing.waiting) {
    if (step.nowMs - window.reportedMs < reReportMs) break;
    smoothing.waiting.delete(window);
    if (window.held > 0) smoothing.ready.add(window);
  }
  for (const window of smoothing.windows.values()) {
    if (step.nowMs - window.lastReadMs < departMs) break;
    leave(smoothing, window);
  }
  return take(smoothing, [], step);
};

/** The reader stops or its places change: every window leaves, and what they hold may be said at once. */
export const release = (smoothing: Smoothing): void => {
  for (const window of smoothing.windows.values()) leave(smoothing, window);
};
