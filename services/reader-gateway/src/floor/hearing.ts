import { startSpan, traceIdOf, traceparentOf } from "@tagwire/bus";
import { type Antenna, newId, type Observation, type ReaderCounts } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { countFrame, countMalformed, countsOf } from "../actors/ledger.ts";
import { addToRate, newRate, ratePerSecond } from "../actors/rate.ts";
import {
  countOf,
  hearReads,
  newSmoothing,
  passTime,
  release,
  type Sighting,
  type SmoothingSettings,
} from "../actors/smoothing.ts";
import type { TagRead } from "../drivers/driver.ts";
import type { KeptReader } from "../spool/kept-reader.ts";
import { placesOf } from "./reader-settings.ts";

export type HearingOptions = {
  readonly kept: KeptReader;
  readonly antennas: readonly Antenna[];
  readonly log: Logger;
  readonly smoothing?: SmoothingSettings;
  /** How many observations may be made now. */
  readonly room: () => number;
  readonly keep: (reader: KeptReader, observations: readonly Observation[]) => void;
  /** Counters changed. */
  readonly counted: () => void;
};

export type Hearing = {
  readonly frame: (reads: readonly TagRead[], driver: string) => void;
  readonly malformed: () => void;
  /** Time has passed: says what is due, and whether the rate has changed since it was last looked at. */
  readonly tick: () => void;
  /**
   * The reader was stopped or its places changed: what windows hold is said as soon as there is room. A connection that ended by
   * itself changes neither; were it a reason, a line that comes and goes would make every tag news each time.
   */
  readonly release: () => void;
  /** Says everything that is held now, whatever room there is. */
  readonly drain: () => void;
  readonly place: (antennas: readonly Antenna[]) => void;
  readonly counts: () => ReaderCounts;
  readonly rate: () => number;
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
});

/** What one reader has heard: smoothing with this machine's clock, the ledger's counters, and a trace for each frame. */
export const createHearing = (options: HearingOptions): Hearing => {
  const { kept, log } = options;
  const { site, id } = kept;
  const smoothing = newSmoothing(options.smoothing);
  const rate = newRate();
  let places = placesOf(options.antennas);
  let shownRate = 0;

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
      sightings.map((sighting) => observationOf(sighting, traceparent)),
    );
    span.end();
    log.debug({ traceId: traceIdOf(traceparent), tags: sightings.length }, what);
  };
  const pass = (room: number) =>
    say(passTime(smoothing, { nowMs: performance.now(), room }), "antenna window");

  return {
    frame: (reads, driver) => {
      const nowMs = performance.now();
      const { filtered, refused } = smoothing;
      const count = reads.reduce((sum, read) => sum + countOf(read), 0);
      const sightings = hearReads(smoothing, reads, places, { nowMs, room: options.room() });
      kept.ledger = countFrame(kept.ledger, { reads: count, filtered: smoothing.filtered - filtered });
      if (refused === 0 && smoothing.refused > 0)
        log.error("more tags than windows, nowhere to put them: new tags are filtered");
      if (count > 0) addToRate(rate, count, nowMs);
      options.counted();
      say(sightings, "antenna frame", driver);
    },
    malformed: () => {
      kept.ledger = countMalformed(kept.ledger);
      options.counted();
    },
    tick: () => {
      pass(options.room());
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
    place: (antennas) => {
      places = placesOf(antennas);
    },
    counts: () => countsOf(kept.ledger, smoothing.held),
    rate: () => {
      shownRate = ratePerSecond(rate, performance.now());
      return shownRate;
    },
  };
};
