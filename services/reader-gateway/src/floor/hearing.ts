import { startSpan, traceIdOf, traceparentOf } from "@tagwire/bus";
import { newId, type Observation, type ReaderCounts } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { allBindings, type Bindings, bindingAt, placesOf } from "../actors/binding.ts";
import { countFrame, countMalformed, countsOf, type FrameTally, goOnHolding } from "../actors/ledger.ts";
import { goesDeaf, listenAt } from "../actors/listeners.ts";
import type { Trigger } from "../actors/passage.ts";
import { goOnPassing, type PassingTag, passingTags, readsOfPassing } from "../actors/passing.ts";
import { addToRate, newRate, ratePerSecond } from "../actors/rate.ts";
import {
  hasReady,
  hearReads,
  hearTrigger,
  newSmoothing,
  passTime,
  rebind,
  release,
} from "../actors/smoothing.ts";
import { forgetPlaces, forgetSilent, goOnAt, type Whereabouts, whereIs } from "../actors/whereabouts.ts";
import type { Sighting } from "../actors/window.ts";
import type { TagRead } from "../drivers/driver.ts";
import { markOfPassing } from "../spool/holding.ts";
import type { KeptReader } from "../spool/kept-reader.ts";
import type { HeardObservation } from "../spool/save.ts";
import type { KeptWhereabout } from "../store/whereabouts.ts";

export type HearingOptions = {
  readonly kept: KeptReader;
  readonly bindings: Bindings;
  readonly log: Logger;
  readonly windowsMax: number;
  /** When a tag was read last before this life, in Unix ms. */
  readonly lastReadAtMs?: number | undefined;
  /** Where the tags of the site are, by all of its readers. */
  readonly whereabouts?: Whereabouts;
  /** Tags that were passing its portals when the process was killed that heard them. */
  readonly passing?: readonly PassingTag[];
  /** Where the tags were that it had heard last, when another process or life spoke for the site. */
  readonly whereaboutsKept?: readonly KeptWhereabout[];
  /** How many observations may be made now. */
  readonly room: () => number;
  readonly keep: (reader: KeptReader, heard: readonly HeardObservation[]) => void;
  /** Counters changed. */
  readonly counted: () => void;
};

export type Hearing = {
  readonly frame: (reads: readonly TagRead[], driver: string) => void;
  /** A frame with reads of a test: they are counted, and become nothing. */
  readonly tested: (tallies: readonly FrameTally[]) => void;
  readonly malformed: () => void;
  /** The reader is not there: whoever is not heard meanwhile may be where it was. */
  readonly goDeaf: () => void;
  /** A light barrier at an input of the reader was broken. */
  readonly trigger: (trigger: Trigger) => void;
  /** Time has passed: says what is due, and whether the rate has changed since it was last looked at. */
  readonly tick: () => void;
  /**
   * The reader was stopped or its places changed: what windows hold is said as soon as there is room. A connection that ended by
   * itself changes neither; were it a reason, a line that comes and goes would make every tag news each time.
   */
  readonly release: () => void;
  /** Says everything that is held now, whatever room there is. */
  readonly drain: () => void;
  /** Whether there is something to say that found no room yet. Says what has room by now. */
  readonly hasUnsaid: () => boolean;
  /** Antennas mean other places, or their reads are held to other rules, from now on. */
  readonly bind: (bindings: Bindings) => void;
  readonly counts: () => ReaderCounts;
  readonly rate: () => number;
  /** When a tag was read last, in Unix ms; undefined when none was yet. */
  readonly lastReadAtMs: () => number | undefined;
  /** The reader is gone for good: it listens nowhere. */
  readonly end: () => void;
};

const observationOf = (sighting: Sighting, traceparent: string): Observation => ({
  id: newId(),
  tag: sighting.tag,
  place: sighting.place,
  antenna: sighting.antenna,
  reads: sighting.reads,
  peakRssiDbm: sighting.peakRssiDbm,
  firstHeardAt: new Date(sighting.firstHeardAtMs).toISOString(),
  lastHeardAt: new Date(sighting.lastHeardAtMs).toISOString(),
  traceparent,
  ...(sighting.stray === null ? {} : { stray: sighting.stray }),
  ...(sighting.station === null ? {} : { station: sighting.station }),
  ...(sighting.tid === null ? {} : { tid: sighting.tid }),
  ...(sighting.isIso ? { isIso: true } : {}),
});

/** This instant by both clocks. */
const instant = () => ({ nowMs: performance.now(), unixMs: Date.now() });

/** What one reader has heard: smoothing with this machine's clock, the ledger's counters, and a trace for each frame. */
export const createHearing = (options: HearingOptions): Hearing => {
  const { kept, log } = options;
  const { site, id } = kept;
  const smoothing = newSmoothing(options.bindings, options.windowsMax, options.whereabouts);
  const rate = newRate();
  let refused = false;
  let shownRate = 0;
  let { lastReadAtMs } = options;
  kept.holding = () => ({
    reads: smoothing.heldBy,
    passed: smoothing.passed,
    passing: () => passingTags(smoothing, instant()),
    hasUnsaid: hasReady(smoothing),
  });
  if (options.passing !== undefined && options.passing.length > 0) {
    goOnPassing(smoothing, options.passing, instant());
    kept.ledger = goOnHolding(kept.ledger, readsOfPassing(options.passing));
    kept.mark = markOfPassing(options.passing);
  }
  const { whereabouts, lateness } = smoothing;
  const listen = (bindings: Bindings) =>
    listenAt(whereabouts.listeners, {
      who: lateness,
      places: placesOf(bindings),
      departMs: Math.max(...allBindings(bindings).map(({ rule }) => rule.departMs)),
      nowMs: performance.now(),
    });
  listen(options.bindings);
  const places = placesOf(options.bindings);
  // Told by another machine's clock, which may be ahead of ours: what it kept is past all the same, and older than what is said here.
  const goOn = ({ name, place, meanDbm, sinceAtMs, saidAtMs }: KeptWhereabout) => {
    const { nowMs, unixMs } = instant();
    whereabouts.aheadMs = Math.max(whereabouts.aheadMs, saidAtMs - unixMs);
    // What is bound otherwise by now says nothing of where anything is.
    if (!places.has(place)) return;
    const sinceMs = nowMs - Math.max(0, unixMs - sinceAtMs);
    goOnAt(whereabouts, { tag: name, place, meanDbm, sinceMs }, { nowMs, lateness });
  };
  for (const one of options.whereaboutsKept ?? []) goOn(one);

  /** Where the tag is by now, to be kept with an observation that moves it. */
  const whereaboutOf = ({ name, antenna, place, stray }: Sighting): KeptWhereabout | undefined => {
    const where = place === null || stray !== null ? undefined : whereIs(whereabouts, name);
    if (where === undefined) return undefined;
    const { nowMs, unixMs } = instant();
    const { departMs, reReportMs } = bindingAt(smoothing.bindings, antenna).rule;
    return {
      name,
      place: where.place,
      meanDbm: where.meanDbm,
      sinceAtMs: Math.round(unixMs - (nowMs - where.sinceMs)),
      saidAtMs: unixMs + whereabouts.aheadMs,
      // It is said that often, and only then is it known to be there still.
      untilAtMs: unixMs + reReportMs + departMs,
    };
  };

  const say = (sightings: readonly Sighting[], what: "antenna frame" | "antenna window", driver?: string) => {
    if (sightings.length === 0) return;
    const span = startSpan(what, {
      attributes: {
        "tagwire.site": site,
        "tagwire.reader": id,
        "tagwire.tags": sightings.length,
        ...(driver === undefined ? {} : { "tagwire.driver": driver }),
      },
    });
    const traceparent = traceparentOf(span);
    options.keep(
      kept,
      sightings.map((sighting) => ({
        observation: observationOf(sighting, traceparent),
        readsBy: sighting.readsBy,
        whereabout: whereaboutOf(sighting),
      })),
    );
    span.end();
    log.debug({ traceId: traceIdOf(traceparent), tags: sightings.length }, what);
  };
  const countRate = (tallies: readonly FrameTally[]) => {
    const count = tallies.reduce((sum, { reads }) => sum + reads, 0);
    if (count === 0) return;
    lastReadAtMs = Date.now();
    addToRate(rate, count, performance.now());
  };
  const pass = (room: number) => say(passTime(smoothing, { ...instant(), room }), "antenna window");

  return {
    frame: (reads, driver) => {
      const { said, tallies } = hearReads(smoothing, reads, { ...instant(), room: options.room() });
      kept.ledger = countFrame(kept.ledger, tallies);
      if (!refused && tallies.some(({ filtered }) => (filtered.no_room ?? 0) > 0)) {
        refused = true;
        log.error("more tags than windows, nowhere to put them: new tags are filtered");
      }
      countRate(tallies);
      options.counted();
      say(said, "antenna frame", driver);
    },
    tested: (tallies) => {
      kept.ledger = countFrame(kept.ledger, tallies);
      countRate(tallies);
      options.counted();
    },
    malformed: () => {
      kept.ledger = countMalformed(kept.ledger);
      options.counted();
    },
    goDeaf: () => goesDeaf(whereabouts.listeners, lateness, performance.now()),
    trigger: (trigger) => hearTrigger(smoothing, trigger),
    tick: () => {
      pass(options.room());
      forgetSilent(whereabouts, performance.now());
      if (ratePerSecond(rate, performance.now()) !== shownRate) options.counted();
    },
    release: () => {
      release(smoothing);
      pass(options.room());
    },
    drain: () => {
      release(smoothing);
      pass(Number.POSITIVE_INFINITY);
    },
    hasUnsaid: () => {
      if (hasReady(smoothing)) pass(options.room());
      return hasReady(smoothing);
    },
    bind: (bindings) => {
      rebind(smoothing, bindings, performance.now());
      pass(options.room());
      forgetPlaces(whereabouts, listen(bindings));
    },
    counts: () => countsOf(kept.ledger, smoothing.heldBy),
    rate: () => {
      shownRate = ratePerSecond(rate, performance.now());
      return shownRate;
    },
    lastReadAtMs: () => lastReadAtMs,
    end: () => void whereabouts.listeners.delete(lateness),
  };
};
