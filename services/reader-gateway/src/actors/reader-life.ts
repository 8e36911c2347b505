import { supervise } from "@tagwire/actor";
import { startSpan, traceparentOf } from "@tagwire/bus";
import {
  type DriverName,
  Fault,
  type FaultCode,
  faultCatalogue,
  newId,
  type Observation,
  type Reader,
  type ReaderPhase,
} from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Driver, DriverHost, ReaderNotice, TagRead } from "../drivers/driver.ts";
import type { KeptReader } from "../spool/keeper.ts";
import type { ReaderSettings, StoredReader } from "../store/readers.ts";
import { countsOf, openLedger } from "./ledger.ts";
import { addToRate, newRate, ratePerSecond } from "./rate.ts";
import { driverSettingsOf, placesOf } from "./reader-settings.ts";
import {
  countOf,
  hearReads,
  newSmoothing,
  passTime,
  release,
  type Sighting,
  type SmoothingSettings,
} from "./smoothing.ts";

/** Pauses between attempts: half a second, doubling to half a minute, from the start again after a connection that stood 10 s. */
export const readerBackoff = { firstMs: 500, maxMs: 30_000, resetAfterMs: 10_000 } as const;
/** How long a driver may take to stop its reader before it is left to itself, in ms. */
export const driverStopTimeoutMs = 2_000;
/** Of each connection, this many warnings and unreadable frames are logged with their words and bytes. */
const loggedPerConnectionMax = 5;
const loggedBytesMax = 64;

export type Drivers = Readonly<Record<DriverName, Driver>>;

export type ReaderLifeOptions = {
  readonly stored: StoredReader;
  readonly drivers: Drivers;
  readonly log: Logger;
  readonly backoff?: typeof readerBackoff | { firstMs: number; maxMs: number; resetAfterMs: number };
  readonly smoothing?: SmoothingSettings;
  readonly room: () => number;
  readonly keep: (reader: KeptReader, observations: readonly Observation[]) => void;
  readonly touch: (reader: KeptReader) => void;
  /** The phase, or anything else than counters, changed. */
  readonly changed: () => void;
  /** Counters changed. */
  readonly counted: () => void;
};

export type ReaderLife = {
  readonly kept: KeptReader;
  readonly isEnabled: () => boolean;
  readonly phase: () => ReaderPhase;
  readonly settings: () => ReaderSettings;
  readonly start: () => void;
  /** Resolves when the driver has ended; what windows hold is said by then, or as soon as there is room. */
  readonly stop: () => Promise<void>;
  /** Takes new settings: a running reader is started again with them. */
  readonly apply: (settings: ReaderSettings) => Promise<void>;
  readonly tick: () => void;
  /** Says everything that is held now, whatever room there is: the last thing before the process or the reader goes. */
  readonly drain: () => void;
  /** How many connections were begun since this process runs the reader. */
  readonly connections: () => number;
  readonly view: (version: number) => Reader;
};

type Health = {
  status: ReaderPhase;
  since: string;
  fault: Reader["fault"];
  retryAt: string | null;
  firmware: string | null;
  model: string | null;
  antennasConnected: Record<string, boolean>;
};

const faultOf = (error: unknown): Reader["fault"] => {
  if (error instanceof Fault) {
    const { code, advice } = error;
    return { code, message: error.message.replace(/^[a-z_.]+: /, ""), advice };
  }
  const code: FaultCode = "reader.error";
  return { code, message: "the driver failed", advice: faultCatalogue[code].advice };
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

/** Resolves when `ended` does, or when it has not for a while after the signal; true when it ended. */
const endedInTime = (ended: Promise<void>, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const onAbort = () => setTimeout(resolve, driverStopTimeoutMs, false).unref();
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    ended.then(() => resolve(true), reject);
  });

/**
 * The life of one reader:
 *
 *   stopped ──start──► connecting ──► configuring ──► inventory
 *      ▲                   ▲                │              │
 *      └──stop (any)──     └──── backoff ◄──┴──── ended ◄──┘
 *
 * Each runs by itself: what one does to its connection, or a mistake in its driver, never reaches another.
 */
export const createReaderLife = (options: ReaderLifeOptions): ReaderLife => {
  const { stored, log } = options;
  const { number, site, id } = stored;
  const kept: KeptReader = { number, site, id, ledger: openLedger(stored, stored.ledgerVersion) };
  const smoothing = newSmoothing(options.smoothing);
  const rate = newRate();
  let { driver, address, antennas, station } = stored;
  let places = placesOf(antennas);
  let supervised: ReturnType<typeof supervise> | undefined;
  let shownRate = 0;
  let enabled = false;
  let connections = 0;
  const health: Health = {
    status: "stopped",
    since: new Date().toISOString(),
    fault: null,
    retryAt: null,
    firmware: null,
    model: null,
    antennasConnected: {},
  };

  const enter = (status: ReaderPhase, more: Partial<Pick<Health, "fault" | "retryAt">> = {}) => {
    Object.assign(health, { retryAt: null, ...more });
    if (health.status !== status) Object.assign(health, { status, since: new Date().toISOString() });
    options.changed();
  };

  const say = (sightings: readonly Sighting[], what: "antenna frame" | "antenna window") => {
    if (sightings.length === 0) return;
    const span = startSpan(what, {
      attributes: {
        "tagwire.site": site,
        "tagwire.reader": id,
        "tagwire.driver": driver,
        "tagwire.tags": sightings.length,
      },
    });
    const traceparent = traceparentOf(span);
    options.keep(
      kept,
      sightings.map((sighting) => observationOf(sighting, traceparent)),
    );
    span.end();
  };

  const hear = (reads: readonly TagRead[]) => {
    const nowMs = performance.now();
    const { unsaved } = kept.ledger;
    const { filtered, refused } = smoothing;
    const count = reads.reduce((sum, read) => sum + countOf(read), 0);
    const sightings = hearReads(smoothing, reads, places, { nowMs, room: options.room() });
    unsaved.frames += 1;
    unsaved.reads += count;
    unsaved.filtered += smoothing.filtered - filtered;
    if (refused === 0 && smoothing.refused > 0)
      log.error(
        { site, reader: id },
        "more tags than windows, and nowhere to put them: new tags are filtered",
      );
    if (count > 0) addToRate(rate, count, nowMs);
    options.touch(kept);
    options.counted();
    say(sightings, "antenna frame");
  };

  const notice = (said: ReaderNotice, mayLog: () => boolean) => {
    if (said.kind === "identified")
      Object.assign(health, { firmware: said.firmware, model: said.model } satisfies Partial<Health>);
    if (said.kind === "antenna")
      health.antennasConnected = { ...health.antennasConnected, [String(said.antenna)]: said.connected };
    if (said.kind === "warning") {
      if (mayLog()) log.warn({ site, reader: id, code: said.code, said: said.message }, "the reader warns");
      return;
    }
    options.changed();
  };

  /** What one connection may tell; once it was left to itself it is not listened to any more. */
  const hostOf = (isOver: () => boolean): DriverHost => {
    let logged = 0;
    const mayLog = () => {
      logged += 1;
      return logged <= loggedPerConnectionMax;
    };
    return {
      phase: (phase) => {
        if (!isOver()) enter(phase, phase === "inventory" ? { fault: null } : {});
      },
      frame: (reads) => {
        if (!isOver()) hear(reads);
      },
      malformed: (reason, bytes) => {
        if (isOver()) return;
        kept.ledger.unsaved.malformed += 1;
        options.touch(kept);
        options.counted();
        if (mayLog()) {
          const start = Buffer.from(bytes.subarray(0, loggedBytesMax)).toString("hex");
          log.warn({ site, reader: id, reason, bytes: bytes.length, start }, "a frame could not be read");
        }
      },
      notice: (said) => {
        if (!isOver()) notice(said, mayLog);
      },
    };
  };

  const run = async (signal: AbortSignal) => {
    const drive: Driver | undefined = options.drivers[driver];
    if (drive === undefined) throw new Fault("reader.settings", `driver ${driver}`);
    let over = false;
    health.antennasConnected = {};
    connections += 1;
    enter("connecting");
    try {
      const ended = drive(
        driverSettingsOf({ driver, address, antennas, station }),
        hostOf(() => over),
        signal,
      );
      const inTime = await endedInTime(ended, signal);
      if (!inTime) {
        ended.catch((err: unknown) => log.warn({ err, site, reader: id }, "a driver ended late"));
        log.error({ site, reader: id, driver }, "the driver did not stop in time and was left to itself");
      }
    } finally {
      over = true;
    }
    if (!signal.aborted) throw new Fault("reader.closed", "the driver ended by itself");
  };

  const failed = (error: unknown, retryInMs: number) => {
    if (!(error instanceof Fault)) log.error({ err: error, site, reader: id, driver }, "the driver failed");
    enter("backoff", {
      fault: faultOf(error),
      retryAt: new Date(Date.now() + retryInMs).toISOString(),
    });
  };

  const start = () => {
    enabled = true;
    supervised ??= supervise({
      name: `reader ${site}/${id}`,
      run,
      failed,
      backoff: options.backoff ?? readerBackoff,
      log,
    });
  };

  const halt = async () => {
    await supervised?.stop();
    supervised = undefined;
    release(smoothing);
    say(passTime(smoothing, { nowMs: performance.now(), room: options.room() }), "antenna window");
  };

  return {
    kept,
    isEnabled: () => enabled,
    phase: () => health.status,
    connections: () => connections,
    settings: () => ({ driver, address, antennas, station }),
    start,
    stop: async () => {
      enabled = false;
      await halt();
      health.antennasConnected = {};
      enter("stopped", { fault: null });
    },
    apply: async (settings) => {
      await halt();
      ({ driver, address, antennas, station } = settings);
      places = placesOf(antennas);
      Object.assign(health, { fault: null });
      if (enabled) start();
      else enter("stopped");
    },
    tick: () => {
      const nowMs = performance.now();
      say(passTime(smoothing, { nowMs, room: options.room() }), "antenna window");
      if (ratePerSecond(rate, nowMs) !== shownRate) options.counted();
    },
    drain: () => {
      release(smoothing);
      say(
        passTime(smoothing, { nowMs: performance.now(), room: Number.POSITIVE_INFINITY }),
        "antenna window",
      );
    },
    view: (version) => {
      shownRate = ratePerSecond(rate, performance.now());
      return {
        id,
        driver,
        address,
        antennas: [...antennas],
        ...(station === null ? {} : { station }),
        enabled,
        ...health,
        counts: countsOf(kept.ledger, smoothing.held),
        rate: shownRate,
        version,
      };
    },
  };
};
