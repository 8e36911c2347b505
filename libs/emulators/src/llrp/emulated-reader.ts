import type { Socket } from "node:net";
import { type Message, type Parameter, parameter } from "@tagwire/llrp";
import { drawGap, type Random, seededRandom } from "../random.ts";
import type { TagSource } from "../tag-source.ts";
import type { LlrpModel } from "./capabilities.ts";
import { type LlrpFlaws, readerClock, sessionFlaws } from "./flaws.ts";
import { eventTypes, ReaderConfig } from "./reader-config.ts";
import { answerRequest, type Desk } from "./requests.ts";
import type { ReportPlan } from "./rospec-plan.ts";
import { Session, type SessionFlaws } from "./session.ts";
import { SpecRoom } from "./spec-room.ts";
import { EntryWriter, type HeardTag, type ReaderClock, readResult } from "./tag-entries.ts";

export type LlrpReaderOptions = {
  readonly world: TagSource;
  /** The TID bank of the tag with an EPC, for whoever has it read; without one no read of it succeeds. */
  readonly tidOf?: (epc: string) => string | undefined;
  /** AccessSpecs that it takes; none for a reader that reads no memory. */
  readonly maxAccessSpecs?: number;
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

const manufacturer = 4242;
const defaultModel = 1001;
const defaultRoundMs = 50;
const requestsKeptMax = 10_000;

const attempt = { success: 0, clientExists: 2, another: 4 } as const;

/** The reader behind the socket: its one client, its clock, its antennas, what it tells. */
export class EmulatedReader {
  readonly #flaws: LlrpFlaws;
  readonly #tidOf: (epc: string) => string | undefined;
  readonly #sessionFlaws: SessionFlaws;
  readonly #random: Random;
  readonly #drops: Random;
  readonly #clock: ReaderClock;
  readonly #model: LlrpModel;
  readonly #config: ReaderConfig;
  readonly #desk: Desk;
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
    this.#tidOf = options.tidOf ?? (() => undefined);
    const { maxAccessSpecs = 8 } = options;
    this.#sessionFlaws = sessionFlaws(flaws);
    this.#random = seededRandom(options.seed ?? 1);
    this.#drops = this.#random.fork("drops");
    this.#clock = readerClock(flaws);
    this.#entries = new EntryWriter(this.#random.fork("entries"), flaws.omitOptional ?? false);
    const antennas = options.antennas ?? 4;
    this.#model = {
      manufacturer,
      model: options.model ?? defaultModel,
      firmware: options.firmware ?? "emulator 1.0",
      antennas,
      maxRoSpecs: 1,
      maxAccessSpecs,
      hasUtcClock: !this.#clock.isUptime,
      version: flaws.onlyVersion1 === true ? 1 : 2,
    };
    this.#config = new ReaderConfig(antennas, (antenna) => !this.#unplugged.has(antenna));
    const plugged = (): number[] =>
      Array.from({ length: antennas }, (_, index) => index + 1).filter((id) => !this.#unplugged.has(id));
    const limits = { antennas, maxRoSpecs: 1, maxAccessSpecs, roundMs: options.roundMs ?? defaultRoundMs };
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
    this.#desk = {
      flaws,
      model: this.#model,
      config: this.#config,
      specs: this.#specs,
      release: (session) => this.#release(session),
      forget: (session) => this.#forget(session),
    };
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
    if (this.#flaws.dropsAfterMs !== undefined) {
      session.dropAfter(drawGap(this.#drops, this.#flaws.dropsAfterMs));
    }
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

  /** Something was put into the way of a light barrier, and taken out again. */
  breakInput(port: number): void {
    if (!this.#config.hears(port)) return;
    for (const event of [true, false]) this.tell(eventTypes.gpi, parameter("GPIEvent", { port, event }));
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
      closed: (session) => this.#forget(session),
      missedKeepalive: () => {
        this.counts.keepalivesMissed += 1;
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
      const parameters = tags.map((tag) => {
        const read = this.#specs.readOf(tag.roSpecId);
        const found = read === undefined ? undefined : readResult(read, this.#tidOf(tag.epc));
        return this.#entries.entry(tag, plan.content, this.#clock, found);
      });
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
    answerRequest(this.#desk, session, request);
  }
}
