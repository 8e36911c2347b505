import { supervise } from "@tagwire/actor";
import {
  type DriverName,
  Fault,
  type FieldChange,
  type PushedEvents,
  type Reader,
  type ReaderPhase,
  type RecordingEndReason,
  type TestRead,
  type TrainingField,
} from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { type Bindings, inputsOf, wantsTid } from "../actors/binding.ts";
import { entered, failureOf, type Health, newHealth, noticed } from "../actors/health.ts";
import { remember, warningOf } from "../actors/past-faults.ts";
import { type Taken, takenMalformed, takenOf } from "../actors/tally-lines.ts";
import type { Whereabouts } from "../actors/whereabouts.ts";
import type { Driver, DriverHost, TagRead } from "../drivers/driver.ts";
import { Inbox, type Unreadable } from "../drivers/json/inbox.ts";
import { Repeats } from "../drivers/json/repeats.ts";
import { wayTo } from "../drivers/line-address.ts";
import { Field } from "../drivers/training/field.ts";
import type { KeptReader } from "../spool/kept-reader.ts";
import type { Recordings } from "../spool/recordings.ts";
import type { HeardObservation } from "../spool/save.ts";
import type { TakenUp } from "../store/holdings.ts";
import type { ReaderPast } from "../store/reader-past.ts";
import type { ReaderSettings, StoredReader } from "../store/readers.ts";
import { holdConnection } from "./connection.ts";
import { createFailureLog } from "./failure-log.ts";
import { createHearing } from "./hearing.ts";
import { createLogShare } from "./log-share.ts";
import { practise } from "./practice.ts";
import { createReaderHost } from "./reader-host.ts";
import { keyOf, type ReaderKey } from "./reader-key.ts";
import { createReaderRecording } from "./reader-recording.ts";
import { checkPractice, driverSettingsOf, sameTold, type Told } from "./reader-settings.ts";
import { viewOfRecording, viewOfSettings } from "./reader-view.ts";
import { createTesting } from "./testing.ts";

type Backoff = { readonly firstMs: number; readonly maxMs: number; readonly resetAfterMs: number };

/** Pauses between attempts: half a second, doubling to half a minute, from the start again after a connection that read for 10 s. */
export const readerBackoff: Backoff = { firstMs: 500, maxMs: 30_000, resetAfterMs: 10_000 };

export type Drivers = Readonly<Record<DriverName, Driver>>;

export type ReaderLifeOptions = {
  readonly stored: StoredReader;
  /** What a process that was killed held of it. */
  readonly takenUp?: TakenUp | undefined;
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
  /** Something was taken from the wire, of which nothing has become yet. */
  readonly took?: (reader: KeptReader, taken: Taken) => void;
  /** What it reads, as it comes, for whoever looks for something. */
  readonly heard: (reads: readonly TagRead[]) => void;
  /** Where what it says is written down when somebody wants that; without it, nowhere. */
  readonly recordings?: Recordings;
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
  /** Takes new settings. A running reader is started again with them where it has to be told of them. */
  readonly apply: (settings: ReaderSettings) => Promise<void>;
  /** Ends the connection and begins another one. */
  readonly restart: () => Promise<void>;
  /** Stations have changed: a running reader is started again where it has to hear of other inputs. */
  readonly rebind: () => Promise<void>;
  /**
   * Takes events that the reader pushed; resolves when they are heard.
   *
   * @throws Fault `reader.deaf` when it does not run, or its driver takes none; `overloaded` when too many wait.
   */
  readonly bring: (events: readonly unknown[], unreadable?: Unreadable) => Promise<PushedEvents>;
  /** Changes what lies before it and tells what lies there. @throws Fault as `practise` does, or `reader.idle` while it does not read */
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
  /** What is kept of it besides its ledger. */
  readonly past: () => Omit<ReaderPast, "number">;
  readonly tick: () => void;
  /** Says everything that is held now, whatever room there is: the last thing before the process or the reader goes. */
  readonly drain: () => void;
  /** Whether something that was heard waits for room to be said. */
  readonly hasUnsaid: () => boolean;
  /** It is deleted: nobody listens by it any more. */
  readonly end: () => void;
  /** How many connections were begun since this process runs the reader. */
  readonly connections: () => number;
  /** How many of them were begun because the one before had failed or ended by itself. */
  readonly reconnects: () => number;
  readonly view: (version: number) => Reader;
};

const now = (): string => new Date().toISOString();

const lostText = ({ lost, isAll = false }: TakenUp): string =>
  `${lost} reads went with a process that was killed, before anything became of them${isAll ? "" : ", and what the reader said in its last second is not known"}`;

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
  const { stored, kept, takenUp } = options;
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
    lastReadAtMs: stored.lastReadAt?.getTime(),
    ...(takenUp === undefined ? {} : { passing: takenUp.passing }),
    whereaboutsKept: takenUp?.whereabouts ?? [],
    ...(options.whereabouts === undefined ? {} : { whereabouts: options.whereabouts }),
    room: options.room,
    keep: options.keep,
    counted: () => {
      options.touch(kept);
      options.counted();
    },
  });
  kept.repeats ??= new Repeats();
  kept.repeats.learn(takenUp?.pushed ?? [], performance.now());
  const inbox = new Inbox(kept.repeats);
  const field = new Field();
  const recording = createReaderRecording({
    site,
    id,
    recordings: options.recordings,
    changed: options.changed,
  });
  let key = keyOf(stored);
  const testing = createTesting();
  const failures = createFailureLog(log);
  const logShare = createLogShare();
  let health: Health = newHealth(now());
  let pastFaults = stored.pastFaults ?? [];
  if (takenUp !== undefined && takenUp.lost > 0)
    pastFaults = remember(pastFaults, warningOf("reads_lost", lostText(takenUp)), now());
  let supervised: ReturnType<typeof supervise> | undefined;
  let enabled = false;
  let connections = 0;
  let reconnects = 0;
  let hasFailed = false;
  /** Since when the newest connection reads, by the monotonic clock. */
  let readingSinceMs: number | undefined;

  const enter = (status: ReaderPhase, failure?: Pick<Health, "fault" | "retryAt">) => {
    health = entered(health, status, now(), failure);
    if (status !== "inventory") hearing.goDeaf();
    testing.entered(status);
    options.changed();
  };
  /** What was pushed comes again until it is answered, so nothing of it goes with a process that is killed. */
  const take = (taken: Taken) => {
    if (!inbox.isBringing) options.took?.(kept, taken);
  };
  const host = (): DriverHost =>
    createReaderHost({
      log,
      logShare,
      hearing,
      recording: recording.current,
      phase: (phase) => {
        if (phase === "inventory") readingSinceMs ??= performance.now();
        enter(phase);
      },
      malformed: () => {
        take(takenMalformed);
        hearing.malformed();
      },
      reads: (reads) => {
        take(takenOf(reads));
        const tallies = testing.hear(reads);
        if (tallies === undefined) hearing.frame(reads, settings.driver);
        else hearing.tested(tallies);
        options.heard(reads);
      },
      warned: (code, message) => {
        pastFaults = remember(pastFaults, warningOf(code, message), now());
        options.counted();
      },
      noticed: (said, antennas) => {
        const next = noticed(health, said, antennas);
        if (next === health) return;
        health = next;
        options.counted();
      },
    });

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
      { drive, settings: { ...toldOf().settings, inbox, field }, host: host(), log },
      signal,
    );
  };

  const failed = (error: unknown, retryInMs: number) => {
    hasFailed = true;
    failures.failed(error, retryInMs);
    const fault = failureOf(error, wayTo(settings.address));
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
      isLogged: false,
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

  const past = () => {
    const atMs = hearing.lastReadAtMs();
    return { faults: [...pastFaults], lastReadAt: atMs === undefined ? null : new Date(atMs).toISOString() };
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
    if (next.driver !== settings.driver) await recording.end("settings");
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
      if (health.status !== "inventory") throw new Fault("reader.idle", "");
      return practise(field, settings, change);
    },
    key: () => key,
    setKey: (next) => {
      key = next;
      options.changed();
    },
    record: () => recording.begin(settings, enabled),
    stopRecording: recording.end,
    testRead: (seconds) => testing.begin(health.status, seconds),
    past,
    tick: hearing.tick,
    drain: hearing.drain,
    hasUnsaid: hearing.hasUnsaid,
    end: hearing.end,
    connections: () => connections,
    reconnects: () => reconnects,
    view: (version) => ({
      id,
      ...viewOfSettings(settings, key?.madeAt),
      enabled,
      ...health,
      ...past(),
      ...viewOfRecording(recording.current()),
      counts: hearing.counts(),
      rate: hearing.rate(),
      version,
    }),
  };
};
