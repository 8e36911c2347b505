import { supervise } from "@tagwire/actor";
import {
  type DriverName,
  Fault,
  type FieldChange,
  type PastFault,
  type PushedEvents,
  type Reader,
  type ReaderPhase,
  type RecordingEndReason,
  recordingVersion,
  type TestRead,
  type TrainingField,
} from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { type Bindings, inputsOf, wantsTid } from "../actors/binding.ts";
import {
  antennasMax,
  entered,
  failureOf,
  type Health,
  newHealth,
  noticed,
  shownText,
} from "../actors/health.ts";
import { believable, believableMs } from "../actors/heard-at.ts";
import { remember, warningOf } from "../actors/past-faults.ts";
import type { Whereabouts } from "../actors/whereabouts.ts";
import type { Driver, DriverHost, TagRead } from "../drivers/driver.ts";
import { Inbox, type Unreadable } from "../drivers/json/inbox.ts";
import { tellOddReads } from "../drivers/odd-reads.ts";
import { Field } from "../drivers/training/field.ts";
import type { KeptReader } from "../spool/kept-reader.ts";
import type { Recording } from "../spool/recording.ts";
import type { Recordings } from "../spool/recordings.ts";
import type { HeardObservation } from "../spool/save.ts";
import type { ReaderSettings, StoredReader } from "../store/readers.ts";
import { holdConnection } from "./connection.ts";
import { createHearing } from "./hearing.ts";
import { practise } from "./practice.ts";
import { checkPractice, driverSettingsOf, sameTold, shownSettings, type Told } from "./reader-settings.ts";
import { createTesting } from "./testing.ts";

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
  readonly windowsMax: number;
  /** What the antennas are bound to, by the stations as they are now. */
  readonly bindingsOf: (settings: ReaderSettings) => Bindings;
  readonly whereabouts?: Whereabouts;
  readonly room: () => number;
  readonly keep: (reader: KeptReader, heard: readonly HeardObservation[]) => void;
  readonly touch: (reader: KeptReader) => void;
  /** What it reads, as it comes, for whoever looks for something. */
  readonly heard: (reads: readonly TagRead[]) => void;
  /** Where what it says is written down when somebody wants that; without it, nowhere. */
  readonly recordings?: Recordings;
  /** The phase or the settings changed. */
  readonly changed: () => void;
  /** Counters changed, or what the reader says of itself: it may say so without end, so this can wait to be shown. */
  readonly counted: () => void;
};

/** The hash of a reader's own key, in hex, and since when it holds. */
export type ReaderKey = { readonly hash: string; readonly madeAt: Date };

const keyOf = ({ keyHash, keyMadeAt }: StoredReader): ReaderKey | undefined =>
  keyHash === undefined || keyHash === null ? undefined : { hash: keyHash, madeAt: keyMadeAt ?? new Date(0) };

export type ReaderLife = {
  readonly kept: KeptReader;
  readonly phase: () => ReaderPhase;
  readonly settings: () => ReaderSettings;
  readonly start: () => void;
  /** Resolves when the driver has ended; what windows hold is said by then, or as soon as there is room. */
  readonly stop: () => Promise<void>;
  /** Takes new settings. A running reader is started again with them where it has to be told of them. */
  readonly apply: (settings: ReaderSettings) => Promise<void>;
  /** Ends the connection and begins another one. */
  readonly restart: () => Promise<void>;
  /** Stations have changed: a running reader is started again where it has to hear of other inputs. */
  readonly rebind: () => Promise<void>;
  /**
   * Takes events that the reader pushed.
   *
   * @throws Fault `reader.deaf` when it does not run, or its driver takes none.
   */
  readonly bring: (events: readonly unknown[], unreadable?: Unreadable) => PushedEvents;
  /** Changes what lies before it and tells what lies there. @throws Fault as `practise` does, or `reader.deaf` while it does not read */
  readonly practise: (change?: FieldChange) => TrainingField;
  /** What is known of the reader's own key. */
  readonly key: () => ReaderKey | undefined;
  readonly setKey: (key: ReaderKey | undefined) => void;
  /**
   * Writes down what it says from now on, through stops and new connections, until it is told to end or the recording is large or long
   * enough. One that is recorded already goes on.
   *
   * @throws Fault `reader.recording` when that cannot be.
   */
  readonly record: () => Promise<void>;
  /** Resolves when the recording is closed, or when there is none. */
  readonly stopRecording: (reason: RecordingEndReason) => Promise<void>;
  /** Listens for a while and tells what is heard, of which nothing else becomes; see {@link createTesting}. */
  readonly testRead: (seconds: number) => Promise<Omit<TestRead, "reader">>;
  readonly tick: () => void;
  /** Says everything that is held now, whatever room there is: the last thing before the process or the reader goes. */
  readonly drain: () => void;
  /** How many connections were begun since this process runs the reader. */
  readonly connections: () => number;
  /** How many of them were begun because the one before had failed or ended by itself. */
  readonly reconnects: () => number;
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
  let settings: ReaderSettings = {
    driver: stored.driver,
    address: stored.address,
    login: stored.login ?? null,
    antennas: stored.antennas,
    station: stored.station,
    rules: stored.rules ?? {},
    region: stored.region ?? null,
    session: stored.session ?? null,
  };
  let bindings = options.bindingsOf(settings);
  const hearing = createHearing({
    kept,
    bindings,
    log,
    windowsMax: options.windowsMax,
    ...(options.whereabouts === undefined ? {} : { whereabouts: options.whereabouts }),
    room: options.room,
    keep: options.keep,
    counted: () => {
      options.touch(kept);
      options.counted();
    },
  });
  const inbox = new Inbox();
  const field = new Field();
  let recording: Recording | undefined;
  let key = keyOf(stored);
  const testing = createTesting();
  let health: Health = newHealth(now());
  let pastFaults: readonly PastFault[] = [];
  let supervised: ReturnType<typeof supervise> | undefined;
  let enabled = false;
  let connections = 0;
  let reconnects = 0;
  let hasFailed = false;
  /** Since when the newest connection reads, by the monotonic clock. */
  let readingSinceMs: number | undefined;

  const enter = (status: ReaderPhase, failure?: Pick<Health, "fault" | "retryAt">) => {
    health = entered(health, status, now(), failure);
    testing.entered(status);
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
      frame: (heard, bytes) => {
        recording?.frame(heard, bytes);
        const { reads, mistimed } = believable(heard, Date.now());
        if (mistimed > 0) tellOdd("clock_unbelievable", mistimed);
        const tallies = testing.hear(reads);
        if (tallies === undefined) hearing.frame(reads, settings.driver);
        else hearing.tested(tallies);
        options.heard(reads);
      },
      malformed: (reason, bytes) => {
        recording?.malformed(reason, bytes);
        hearing.malformed();
        const start = Buffer.from(bytes.subarray(0, loggedBytesMax)).toString("hex");
        if (mayLog()) log.warn({ reason, bytes: bytes.length, start }, "a frame could not be read");
      },
      notice: (said) => {
        recording?.notice(said);
        if (said.kind === "warning") {
          if (mayLog()) log.warn({ code: said.code, said: shownText(said.message) }, "the reader warns");
          pastFaults = remember(pastFaults, warningOf(said.code, said.message), now());
          options.counted();
          return;
        }
        if (said.kind === "input") {
          hearing.trigger({ port: said.port, atMs: believableMs(said.atMs, Date.now()) });
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
    // Once more where it would be heard: rows of the store may be of whoever wrote them.
    checkPractice(site, settings.driver);
    connections += 1;
    if (hasFailed) reconnects += 1;
    hasFailed = false;
    readingSinceMs = undefined;
    enter("connecting");
    await holdConnection(
      { drive, settings: { ...toldOf().settings, inbox, field }, host: hostOfConnection(), log },
      signal,
    );
  };

  const failed = (error: unknown, retryInMs: number) => {
    hasFailed = true;
    if (!(error instanceof Fault)) log.error({ err: error, driver: settings.driver }, "the driver failed");
    const fault = failureOf(error);
    if (fault !== null) pastFaults = remember(pastFaults, { kind: "failure", ...fault }, now());
    enter("backoff", {
      fault,
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
    hasFailed = false;
    hearing.release();
  };

  const toldOf = (): Told => ({
    driver: settings.driver,
    settings: driverSettingsOf(settings, inputsOf(bindings), wantsTid(bindings)),
  });
  const resume = () => {
    if (enabled) start();
    else enter("stopped");
  };

  const record = async (): Promise<void> => {
    if (recording !== undefined) return;
    let isOver = false;
    if (options.recordings === undefined) throw new Fault("reader.recording", "nothing is recorded here");
    const begun = await options.recordings.begin(
      {
        recording: "tagwire",
        version: recordingVersion,
        site,
        reader: id,
        driver: settings.driver,
        startedAt: now(),
        settings: shownSettings(settings, enabled),
      },
      () => {
        isOver = true;
        recording = undefined;
        options.changed();
      },
    );
    if (!isOver) recording = begun;
    options.changed();
  };
  const stopRecording = async (reason: RecordingEndReason): Promise<void> => {
    await recording?.end(reason);
  };

  const apply = async (next: ReaderSettings): Promise<void> => {
    const bound = options.bindingsOf(next);
    const then: Told = {
      driver: next.driver,
      settings: driverSettingsOf(next, inputsOf(bound), wantsTid(bound)),
    };
    const isTold = !sameTold(toldOf(), then);
    if (isTold) await halt();
    // Its header says what it was recorded from.
    if (next.driver !== settings.driver) await stopRecording("settings");
    settings = next;
    bindings = bound;
    hearing.bind(bound);
    if (isTold) resume();
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
    apply,
    restart: async () => {
      await halt();
      resume();
    },
    rebind: () => apply(settings),
    bring: (events, unreadable) => inbox.bring(events, unreadable),
    practise: (change) => {
      if (settings.driver !== "training") throw new Fault("training.reader", id);
      if (change === undefined) return field.view();
      if (health.status !== "inventory") throw new Fault("reader.deaf", id);
      return practise(field, settings, change);
    },
    key: () => key,
    setKey: (next) => {
      key = next;
      options.changed();
    },
    record,
    stopRecording,
    testRead: (seconds) => testing.begin(health.status, seconds),
    tick: hearing.tick,
    drain: hearing.drain,
    connections: () => connections,
    reconnects: () => reconnects,
    view: (version) => {
      const lastReadAtMs = hearing.lastReadAtMs();
      const { driver, address, antennas, station, rules, region, session, login } = settings;
      return {
        id,
        driver,
        ...(address === "" ? {} : { address }),
        ...(login === undefined || login === null ? {} : { login: { username: login.username } }),
        antennas: [...antennas],
        ...(station === null ? {} : { station }),
        ...(rules === undefined || Object.keys(rules).length === 0 ? {} : { rules }),
        ...(region === undefined || region === null ? {} : { region }),
        ...(session === undefined || session === null ? {} : { session }),
        ...(key === undefined ? {} : { keyMadeAt: key.madeAt.toISOString() }),
        enabled,
        ...health,
        faults: [...pastFaults],
        lastReadAt: lastReadAtMs === undefined ? null : new Date(lastReadAtMs).toISOString(),
        ...(recording === undefined ? {} : { recording: { file: recording.file, since: recording.since } }),
        counts: hearing.counts(),
        rate: hearing.rate(),
        version,
      };
    },
  };
};
