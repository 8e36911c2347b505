import { createServer, type Server, type Socket } from "node:net";
import { findParameter, type Message, type MessageName, type Parameter, parameter } from "@tagwire/llrp";
import { capabilities, type LlrpModel } from "./llrp/capabilities.ts";
import { eventTypes, ReaderConfig } from "./llrp/reader-config.ts";
import { badMessageField, missing, plainRefusal, type Refusal, statusParameter } from "./llrp/refusal.ts";
import type { ReportPlan } from "./llrp/rospec-plan.ts";
import { Session, type SessionFlaws } from "./llrp/session.ts";
import { SpecRoom } from "./llrp/spec-room.ts";
import { EntryWriter, type HeardTag, type ReaderClock } from "./llrp/tag-entries.ts";
import { type Random, seededRandom } from "./random.ts";
import type { TagSource } from "./tag-source.ts";

/** How a reader lies. Everything is off until asked for, and drawn from the reader's seed. */
export type LlrpFlaws = Partial<SessionFlaws> & {
  /** Leaves optional report parameters out where they equal the last ones sent. */
  readonly omitOptional?: boolean;
  /** How far the reader's clock is ahead, in ms. */
  readonly clockSkewMs?: number;
  /** The reader has no clock, only its time since power-up. */
  readonly uptimeOnly?: boolean;
  /** Accepts the connection and says nothing, ever. */
  readonly silent?: boolean;
  /** Refuses every client with this ConnectionAttemptEvent status. */
  readonly refuses?: number;
  /** Knows LLRP 1.0.1 only. */
  readonly onlyVersion1?: boolean;
  /** Answers a message with this status code instead of doing it. */
  readonly answers?: Partial<Record<MessageName, number>>;
  /** Messages that are never answered. */
  readonly ignores?: readonly MessageName[];
};

export type LlrpReaderOptions = {
  readonly world: TagSource;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly model?: number;
  readonly firmware?: string;
  readonly antennas?: number;
  readonly seed?: number | string;
  /** How long one inventory round lasts, in ms. */
  readonly roundMs?: number;
  readonly flaky?: LlrpFlaws;
};

export type LlrpReaderStats = {
  readonly connections: number;
  readonly refused: number;
  readonly isServing: boolean;
  readonly requests: number;
  readonly reports: number;
  readonly tags: number;
  readonly keepalivesMissed: number;
};

/** A reader that runs. It listens on 127.0.0.1 only. */
export type LlrpReader = {
  readonly port: number;
  /** `host:port`, as a driver wants it. */
  readonly address: string;
  readonly stats: () => LlrpReaderStats;
  /** The names of the requests of all clients so far, in their order. */
  readonly requests: () => readonly Message["name"][];
  /** Cuts every connection without a word, as a power cut does. */
  readonly dropConnections: () => void;
  /** Says nothing more until {@link LlrpReader.resume}; the connection stays. */
  readonly stall: () => void;
  readonly resume: () => void;
  /** Unplugs or plugs an antenna in; the client is told when it asked to be. */
  readonly plugAntenna: (antenna: number, isConnected: boolean) => void;
  readonly raiseException: (text: string) => void;
  readonly warnBuffer: (percentFull: number) => void;
  /** Ends the running ROSpecs as if their time were up. */
  readonly endRoSpecs: () => void;
  /** Puts bytes on the line as they are. */
  readonly sendRaw: (bytes: Uint8Array) => void;
  readonly stop: () => Promise<void>;
};

const manufacturer = 4242;
const defaultModel = 1001;
const defaultRoundMs = 50;
const requestsKeptMax = 10_000;

const attempt = { success: 0, clientExists: 2, another: 4 } as const;

const readerClock = (flaws: LlrpFlaws): ReaderClock => {
  const poweredUpMs = Date.now();
  const isUptime = flaws.uptimeOnly ?? false;
  const skewMs = flaws.clockSkewMs ?? 0;
  return {
    isUptime,
    microseconds: (unixMs) =>
      BigInt(Math.max(0, Math.round((unixMs - (isUptime ? poweredUpMs : 0) + skewMs) * 1000))),
  };
};

const nameOfAnswer = (name: MessageName): MessageName => `${name}_RESPONSE` as MessageName;

class EmulatedReader {
  readonly #flaws: LlrpFlaws;
  readonly #sessionFlaws: SessionFlaws;
  readonly #random: Random;
  readonly #clock: ReaderClock;
  readonly #model: LlrpModel;
  readonly #config: ReaderConfig;
  readonly #specs: SpecRoom;
  readonly #unplugged = new Set<number>();
  readonly #refusedSockets = new Set<Socket>();
  #session: Session | undefined;
  #entries: EntryWriter;
  #held: (() => void)[] = [];
  readonly requests: Message["name"][] = [];
  readonly counts = { connections: 0, refused: 0, requests: 0, reports: 0, tags: 0, keepalivesMissed: 0 };

  constructor(options: LlrpReaderOptions) {
    const flaws = options.flaky ?? {};
    this.#flaws = flaws;
    this.#sessionFlaws = {
      splitFrames: flaws.splitFrames ?? false,
      mergeFrames: flaws.mergeFrames ?? false,
      garbageShare: flaws.garbageShare ?? 0,
      customEverywhere: flaws.customEverywhere ?? false,
    };
    this.#random = seededRandom(options.seed ?? 1);
    this.#clock = readerClock(flaws);
    this.#entries = new EntryWriter(this.#random.fork("entries"), flaws.omitOptional ?? false);
    const antennas = options.antennas ?? 4;
    this.#model = {
      manufacturer,
      model: options.model ?? defaultModel,
      firmware: options.firmware ?? "emulator 1.0",
      antennas,
      maxRoSpecs: 1,
      maxAccessSpecs: 8,
      hasUtcClock: !this.#clock.isUptime,
    };
    this.#config = new ReaderConfig(antennas, (antenna) => !this.#unplugged.has(antenna));
    const plugged = (): number[] =>
      Array.from({ length: antennas }, (_, index) => index + 1).filter((id) => !this.#unplugged.has(id));
    const limits = { antennas, maxRoSpecs: 1, maxAccessSpecs: 8, roundMs: options.roundMs ?? defaultRoundMs };
    this.#specs = new SpecRoom(limits, {
      world: options.world,
      antennas: () => (this.#session === undefined ? [] : plugged()),
      nowMs: Date.now,
      report: (tags, plan) => this.#report(tags, plan),
      started: (roSpecId) => this.#roSpecEvent(0, roSpecId),
      ended: (roSpecId) => this.#roSpecEvent(1, roSpecId),
      aiSpecEnded: (roSpecId, specIndex) =>
        this.tell(eventTypes.aiSpec, parameter("AISpecEvent", { event: 0, roSpecId, specIndex })),
      defaultReport: () => this.#config.report,
    });
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get specs(): SpecRoom {
    return this.#specs;
  }

  accept(socket: Socket): void {
    this.counts.connections += 1;
    if (this.#flaws.silent === true) {
      this.#keepUntilClosed(socket);
      return;
    }
    if (this.#session !== undefined || this.#flaws.refuses !== undefined) {
      this.#refuse(socket);
      return;
    }
    this.#entries = new EntryWriter(this.#random.fork("entries"), this.#flaws.omitOptional ?? false);
    const session = this.#open(socket);
    this.#session = session;
    this.#announce(session, attempt.success);
    session.isHolding = this.#config.holdsUponReconnect;
    session.keepAlive(this.#config.keepaliveMs);
  }

  /** Cuts every connection. */
  drop(): void {
    this.#session?.drop();
    for (const socket of this.#refusedSockets) socket.destroy();
  }

  plugAntenna(antennaId: number, isConnected: boolean): void {
    if (isConnected) this.#unplugged.delete(antennaId);
    else this.#unplugged.add(antennaId);
    this.tell(eventTypes.antenna, parameter("AntennaEvent", { event: isConnected ? 1 : 0, antennaId }));
  }

  /** Tells an event when the client wants events of its type. */
  tell(eventType: number, event: Parameter): void {
    const session = this.#session;
    if (session === undefined || !this.#config.tells(eventType)) return;
    this.#whenReleased(session, () => this.#notify(session, event));
  }

  #open(socket: Socket): Session {
    return new Session(socket, this.#sessionFlaws, this.#random.fork(`session ${this.counts.connections}`), {
      heard: (from, request) => this.#hear(from, request),
      closed: (session) => {
        this.counts.keepalivesMissed += session.keepalivesMissed;
        this.#forget(session);
      },
    });
  }

  #forget(session: Session): void {
    if (this.#session !== session) return;
    session.keepAlive(0);
    this.#session = undefined;
    this.#held = [];
  }

  #keepUntilClosed(socket: Socket): void {
    this.#refusedSockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#refusedSockets.delete(socket));
    socket.resume();
  }

  /** One client only: the second one is told so, and the first one that there was another. */
  #refuse(socket: Socket): void {
    this.counts.refused += 1;
    const status = this.#flaws.refuses ?? attempt.clientExists;
    this.#keepUntilClosed(socket);
    const session = this.#open(socket);
    this.#announce(session, status);
    session.end();
    if (this.#session !== undefined) this.#announce(this.#session, attempt.another);
  }

  #announce(session: Session, status: number): void {
    this.#notify(session, parameter("ConnectionAttemptEvent", { status }));
  }

  #notify(session: Session, event: Parameter): void {
    const microseconds = this.#clock.microseconds(Date.now());
    const time = parameter(this.#clock.isUptime ? "Uptime" : "UTCTimestamp", { microseconds });
    session.say("READER_EVENT_NOTIFICATION", {
      fields: {},
      parameters: [parameter("ReaderEventNotificationData", {}, [time, event])],
    });
  }

  #roSpecEvent(event: number, roSpecId: number): void {
    this.tell(eventTypes.roSpec, parameter("ROSpecEvent", { event, roSpecId, preemptingRoSpecId: 0 }));
  }

  #report(tags: readonly HeardTag[], plan: ReportPlan): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#whenReleased(session, () => {
      this.counts.reports += 1;
      this.counts.tags += tags.length;
      const parameters = tags.map((tag) => this.#entries.entry(tag, plan.content, this.#clock));
      session.say("RO_ACCESS_REPORT", { fields: {}, parameters });
    });
  }

  /** Held messages beyond a bound are lost, and the client is told of the overflow, as the standard has it. */
  #whenReleased(session: Session, say: () => void): void {
    const heldMax = 1000;
    if (!session.isHolding) say();
    else if (this.#held.length < heldMax) this.#held.push(say);
    else if (this.#held.length === heldMax) {
      this.#held.push(() => this.tell(eventTypes.buffer, parameter("ReportBufferOverflowErrorEvent", {})));
    }
  }

  #release(session: Session): void {
    session.isHolding = false;
    for (const say of this.#held.splice(0)) say();
  }

  #hear(session: Session, request: Message): void {
    // A refused client is not served, whatever it asks.
    if (session !== this.#session) return;
    this.counts.requests += 1;
    if (this.requests.length < requestsKeptMax) this.requests.push(request.name);
    if (request.name === "Unknown") return this.#error(session, request.id, 109, "unknown message");
    if (this.#flaws.ignores?.includes(request.name)) return;
    const isNegotiation = request.name === "GET_SUPPORTED_VERSION" || request.name === "SET_PROTOCOL_VERSION";
    const isTooNew =
      request.version > session.version && !(isNegotiation && this.#flaws.onlyVersion1 !== true);
    if (isTooNew) return this.#error(session, request.id, 110, "this version is not spoken");
    const code = this.#flaws.answers?.[request.name];
    if (code !== undefined) {
      const status = statusParameter(plainRefusal(code, `${request.name} is refused on demand`));
      session.answer(request.id, nameOfAnswer(request.name), { fields: {}, parameters: [status] } as never);
      return;
    }
    this.#serve(session, request);
  }

  #error(session: Session, id: number, code: number, text: string): void {
    session.answer(id, "ERROR_MESSAGE", {
      fields: {},
      parameters: [statusParameter(plainRefusal(code, text))],
    });
  }

  #answer(
    session: Session,
    request: Message,
    refusal: Refusal | undefined,
    more: readonly Parameter[] = [],
  ): void {
    const name = nameOfAnswer(request.name as MessageName);
    session.answer(request.id, name, {
      fields: {},
      parameters: [statusParameter(refusal), ...more],
    } as never);
  }

  #serve(session: Session, request: Message): void {
    const specs = this.#specs;
    switch (request.name) {
      case "GET_READER_CAPABILITIES": {
        const found = capabilities(this.#model, request.fields.requestedData);
        return this.#answer(
          session,
          request,
          found === undefined ? badMessageField(1, "unknown data") : undefined,
          found,
        );
      }
      case "GET_READER_CONFIG": {
        const found = this.#config.get(request);
        return this.#answer(
          session,
          request,
          found === undefined ? badMessageField(2, "unknown data") : undefined,
          found,
        );
      }
      case "SET_READER_CONFIG": {
        const refusal = this.#config.set(request);
        this.#answer(session, request, refusal);
        return refusal === undefined ? session.keepAlive(this.#config.keepaliveMs) : undefined;
      }
      case "ADD_ROSPEC": {
        const spec = findParameter(request.parameters, "ROSpec");
        return this.#answer(
          session,
          request,
          spec ? specs.addRoSpec(spec) : missing("ROSpec", "which ROSpec?"),
        );
      }
      case "DELETE_ROSPEC":
        return this.#answer(session, request, specs.deleteRoSpec(request.fields.roSpecId));
      case "ENABLE_ROSPEC":
        return this.#answer(session, request, specs.enableRoSpec(request.fields.roSpecId));
      case "DISABLE_ROSPEC":
        return this.#answer(session, request, specs.disableRoSpec(request.fields.roSpecId));
      case "START_ROSPEC":
        return this.#answer(session, request, specs.startRoSpec(request.fields.roSpecId));
      case "STOP_ROSPEC":
        return this.#answer(session, request, specs.stopRoSpec(request.fields.roSpecId));
      case "GET_ROSPECS":
        return this.#answer(session, request, undefined, specs.roSpecs());
      case "ADD_ACCESSSPEC": {
        const spec = findParameter(request.parameters, "AccessSpec");
        return this.#answer(
          session,
          request,
          spec ? specs.addAccessSpec(spec) : missing("AccessSpec", "which one?"),
        );
      }
      default:
        return this.#serveRest(session, request);
    }
  }

  #serveRest(session: Session, request: Message): void {
    const specs = this.#specs;
    switch (request.name) {
      case "DELETE_ACCESSSPEC":
        return this.#answer(session, request, specs.deleteAccessSpec(request.fields.accessSpecId));
      case "ENABLE_ACCESSSPEC":
        return this.#answer(session, request, specs.enableAccessSpec(request.fields.accessSpecId, true));
      case "DISABLE_ACCESSSPEC":
        return this.#answer(session, request, specs.enableAccessSpec(request.fields.accessSpecId, false));
      case "GET_ACCESSSPECS":
        return this.#answer(session, request, undefined, specs.accessSpecs());
      case "GET_REPORT":
        return specs.flush();
      case "ENABLE_EVENTS_AND_REPORTS":
        return this.#release(session);
      case "GET_SUPPORTED_VERSION":
        return session.answer(request.id, "GET_SUPPORTED_VERSION_RESPONSE", {
          fields: { currentVersion: session.version, supportedVersion: 2 },
          parameters: [statusParameter()],
        });
      case "SET_PROTOCOL_VERSION": {
        const wanted = request.fields.protocolVersion;
        const isSpoken = wanted === 1 || wanted === 2;
        this.#answer(
          session,
          request,
          isSpoken ? undefined : plainRefusal(110, "this version is not spoken"),
        );
        if (isSpoken) session.version = wanted;
        return;
      }
      case "CLOSE_CONNECTION":
        this.#answer(session, request, undefined);
        this.#forget(session);
        return session.end();
      default:
        return this.#error(session, request.id, 109, `${request.name} is not answered here`);
    }
  }
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(address.port);
    });
  });

/**
 * Starts an LLRP reader on a real TCP port: a peer for the driver, the demo and the training room.
 *
 * It speaks 1.0.1 and 1.1, serves one client, checks settings against its tables, honours durations and triggers, and
 * reports what `world` sees. ROSpecs and settings outlive a connection, as they do on a reader. It has no inputs and
 * outputs, does no surveys and carries out no access operations (AccessSpecs are kept and answered for).
 */
export const startLlrpReader = async (options: LlrpReaderOptions): Promise<LlrpReader> => {
  const reader = new EmulatedReader(options);
  const server = createServer((socket) => reader.accept(socket));
  const port = await listen(server, options.port ?? 0);
  return {
    port,
    address: `127.0.0.1:${port}`,
    stats: () => ({ ...reader.counts, isServing: reader.session !== undefined }),
    requests: () => [...reader.requests],
    dropConnections: () => reader.drop(),
    stall: () => reader.session?.stall(),
    resume: () => reader.session?.resume(),
    plugAntenna: (antenna, isConnected) => reader.plugAntenna(antenna, isConnected),
    raiseException: (text) =>
      reader.tell(eventTypes.exception, parameter("ReaderExceptionEvent", { message: text })),
    warnBuffer: (percentFull) =>
      reader.tell(eventTypes.buffer, parameter("ReportBufferLevelWarningEvent", { percentFull })),
    endRoSpecs: () => reader.specs.endAll(),
    sendRaw: (bytes) => reader.session?.sendRaw(bytes),
    stop: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      reader.specs.clear();
      reader.drop();
      await closed;
    },
  };
};
