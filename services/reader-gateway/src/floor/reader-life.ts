import { supervise } from "@tagwire/actor";
import { type DriverName, Fault, type Observation, type Reader, type ReaderPhase } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import {
  antennasMax,
  entered,
  failureOf,
  type Health,
  newHealth,
  noticed,
  shownText,
} from "../actors/health.ts";
import { believable } from "../actors/heard-at.ts";
import type { SmoothingSettings } from "../actors/smoothing.ts";
import type { Driver, DriverHost } from "../drivers/driver.ts";
import { tellOddReads } from "../drivers/odd-reads.ts";
import type { KeptReader } from "../spool/kept-reader.ts";
import type { ReaderSettings, StoredReader } from "../store/readers.ts";
import { holdConnection } from "./connection.ts";
import { createHearing } from "./hearing.ts";
import { driverSettingsOf } from "./reader-settings.ts";

type Backoff = { readonly firstMs: number; readonly maxMs: number; readonly resetAfterMs: number };

/** Pauses between attempts: half a second, doubling to half a minute, from the start again after a connection that read for 10 s. */
export const readerBackoff: Backoff = { firstMs: 500, maxMs: 30_000, resetAfterMs: 10_000 };
/** Of each connection, this many warnings and unreadable frames are logged with their words and bytes. */
const loggedPerConnectionMax = 5;
const loggedBytesMax = 64;

export type Drivers = Readonly<Record<DriverName, Driver>>;

export type ReaderLifeOptions = {
  readonly stored: StoredReader;
  /** What the keeper has of it. */
  readonly kept: KeptReader;
  readonly drivers: Drivers;
  readonly log: Logger;
  readonly backoff?: Backoff;
  readonly smoothing?: SmoothingSettings;
  readonly room: () => number;
  readonly keep: (reader: KeptReader, observations: readonly Observation[]) => void;
  readonly touch: (reader: KeptReader) => void;
  /** The phase or the settings changed. */
  readonly changed: () => void;
  /** Counters changed, or what the reader says of itself: it may say so without end, so this can wait to be shown. */
  readonly counted: () => void;
};

export type ReaderLife = {
  readonly kept: KeptReader;
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

const now = (): string => new Date().toISOString();

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
  const { stored, kept } = options;
  const { site, id } = stored;
  const log = options.log.child({ site, reader: id });
  const hearing = createHearing({
    kept,
    antennas: stored.antennas,
    log,
    ...(options.smoothing === undefined ? {} : { smoothing: options.smoothing }),
    room: options.room,
    keep: options.keep,
    counted: () => {
      options.touch(kept);
      options.counted();
    },
  });
  let settings: ReaderSettings = {
    driver: stored.driver,
    address: stored.address,
    antennas: stored.antennas,
    station: stored.station,
  };
  let health: Health = newHealth(now());
  let supervised: ReturnType<typeof supervise> | undefined;
  let enabled = false;
  let connections = 0;
  /** Since when the newest connection reads, by the monotonic clock. */
  let readingSinceMs: number | undefined;

  const enter = (status: ReaderPhase, failure?: Pick<Health, "fault" | "retryAt">) => {
    health = entered(health, status, now(), failure);
    options.changed();
  };
  /** What one connection may tell. */
  const hostOfConnection = (): DriverHost => {
    let antennas = antennasMax;
    let logged = 0;
    const mayLog = () => {
      logged += 1;
      return logged <= loggedPerConnectionMax;
    };
    const host: DriverHost = {
      phase: (phase) => {
        if (phase === "inventory") readingSinceMs ??= performance.now();
        enter(phase);
      },
      frame: (heard) => {
        const { reads, mistimed } = believable(heard, Date.now());
        if (mistimed > 0) tellOdd("clock_unbelievable", mistimed);
        hearing.frame(reads, settings.driver);
      },
      malformed: (reason, bytes) => {
        hearing.malformed();
        const start = Buffer.from(bytes.subarray(0, loggedBytesMax)).toString("hex");
        if (mayLog()) log.warn({ reason, bytes: bytes.length, start }, "a frame could not be read");
      },
      notice: (said) => {
        if (said.kind === "warning") {
          if (mayLog()) log.warn({ code: said.code, said: shownText(said.message) }, "the reader warns");
          return;
        }
        if (said.kind === "identified" && said.antennas > 0) antennas = said.antennas;
        const next = noticed(health, said, antennas);
        if (next === health) return;
        health = next;
        options.counted();
      },
    };
    const tellOdd = tellOddReads(host);
    return host;
  };

  const run = async (signal: AbortSignal) => {
    const drive: Driver | undefined = options.drivers[settings.driver];
    if (drive === undefined) throw new Fault("reader.settings", `driver ${settings.driver}`);
    connections += 1;
    readingSinceMs = undefined;
    enter("connecting");
    await holdConnection(
      { drive, settings: driverSettingsOf(settings), host: hostOfConnection(), log },
      signal,
    );
  };

  const failed = (error: unknown, retryInMs: number) => {
    if (!(error instanceof Fault)) log.error({ err: error, driver: settings.driver }, "the driver failed");
    enter("backoff", {
      fault: failureOf(error),
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
      workedMs: () => (readingSinceMs === undefined ? 0 : performance.now() - readingSinceMs),
      log,
    });
  };
  const halt = async () => {
    await supervised?.stop();
    supervised = undefined;
    hearing.release();
  };

  return {
    kept,
    phase: () => health.status,
    settings: () => settings,
    start,
    stop: async () => {
      enabled = false;
      await halt();
      enter("stopped");
    },
    apply: async (next) => {
      await halt();
      settings = next;
      hearing.place(next.antennas);
      if (enabled) start();
      else enter("stopped");
    },
    tick: hearing.tick,
    drain: hearing.drain,
    connections: () => connections,
    view: (version) => {
      const { driver, address, antennas, station } = settings;
      return {
        id,
        driver,
        address,
        antennas: [...antennas],
        ...(station === null ? {} : { station }),
        enabled,
        ...health,
        counts: hearing.counts(),
        rate: hearing.rate(),
        version,
      };
    },
  };
};
