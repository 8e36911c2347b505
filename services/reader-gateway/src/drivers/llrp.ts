import { createConnection, type Socket } from "node:net";
import type { Message } from "@tagwire/llrp";
import { Fault } from "@tagwire/messages";
import type { Driver, DriverHost, DriverSettings } from "./driver.ts";
import { LlrpConnection } from "./llrp/connection.ts";
import { readTold, refusalOf } from "./llrp/events.ts";
import { type LlrpLimits, llrpLimits } from "./llrp/limits.ts";
import { ourRoSpecId } from "./llrp/rospec.ts";
import { ensureRunning, sayGoodbye, setUpReader } from "./llrp/setup.ts";
import { TagReads } from "./llrp/tag-reads.ts";
import { type NetworkAddress, networkAddress } from "./network-address.ts";
import { ReaderClock, tellClockOffset } from "./reader-clock.ts";
import { untilAborted } from "./until-aborted.ts";

/** IANA's port for LLRP without TLS. */
const llrpPort = 5084;

const connect = ({ host, port }: NetworkAddress, timeoutMs: number, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, keepAlive: true });
    const where = `${host}:${port}`;
    const giveUp = (detail: string, cause?: Error): void => {
      socket.destroy();
      reject(
        new Fault("reader.unreachable", `${where} ${detail}`, cause === undefined ? undefined : { cause }),
      );
    };
    const timer = setTimeout(() => giveUp(`did not answer in ${timeoutMs} ms`), timeoutMs);
    const onAbort = (): void => giveUp("is not wanted any more");
    const onError = (cause: NodeJS.ErrnoException): void => giveUp(`(${cause.code ?? cause.message})`, cause);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("close", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    });
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      resolve(socket);
    });
  });

/** One conversation with one reader, from its greeting to the end. */
class Conversation {
  readonly #host: DriverHost;
  readonly #limits: LlrpLimits;
  readonly #settings: DriverSettings;
  readonly #clock = new ReaderClock();
  readonly #tellClock: (clock: ReaderClock) => void;
  readonly #greeting = Promise.withResolvers<void>();
  readonly #restartsMs: number[] = [];
  readonly connection: LlrpConnection;
  #hasRoSpec = false;
  #isReading = false;
  #isGreeted = false;

  constructor(socket: Socket, settings: DriverSettings, host: DriverHost, limits: LlrpLimits) {
    this.#host = host;
    this.#limits = limits;
    this.#settings = settings;
    this.#tellClock = tellClockOffset(host);
    const [only, ...others] = settings.antennas;
    const silentAntenna = only !== undefined && others.length === 0 ? only.port : 0;
    const reads = new TagReads(this.#clock, host, { silentAntenna, asksTid: settings.asksTid === true });
    this.#greeting.promise.catch(() => {});
    this.connection = new LlrpConnection(socket, {
      limits,
      frame: host.frame,
      malformed: host.malformed,
      report: (frame, arrivedAtMs) => {
        const heard = reads.read(frame, arrivedAtMs);
        this.#tellClock(this.#clock);
        host.frame(heard, frame);
      },
      told: (message, arrivedAtMs) => this.#told(message, arrivedAtMs),
    });
    this.connection.ended.catch((fault: unknown) => this.#greeting.reject(fault));
  }

  /** Waits for the reader's first words, sets it up, then lasts until the connection ends. Always rejects. */
  async run(): Promise<never> {
    await this.#greeted();
    this.#host.phase("configuring");
    await setUpReader(this.connection, this.#settings, {
      host: this.#host,
      limits: this.#limits,
      adding: () => {
        this.#hasRoSpec = true;
      },
    });
    this.#isReading = true;
    this.#host.phase("inventory");
    this.#keepRunning();
    return await this.connection.ended;
  }

  /** Stops the reader when it still listens to us, and lets the connection go. */
  async close(isListening: boolean): Promise<void> {
    this.#isReading = false;
    if (isListening && this.#isGreeted && !this.connection.hasEnded) {
      const { asksTid } = this.#settings;
      await sayGoodbye(this.connection, { hasRoSpec: this.#hasRoSpec, asksTid }, this.#limits);
    }
    this.connection.destroy();
  }

  async #greeted(): Promise<void> {
    const { greetingTimeoutMs } = this.#limits;
    const timer = setTimeout(() => {
      const isSpeaking = this.connection.garbageBytes > 0;
      const fault = isSpeaking
        ? new Fault("reader.garbled", "what comes is not LLRP")
        : new Fault("reader.silent", `no greeting in ${greetingTimeoutMs} ms`);
      this.connection.fail(fault);
    }, greetingTimeoutMs);
    await this.#greeting.promise.finally(() => clearTimeout(timer));
  }

  #told(message: Message, arrivedAtMs: number): void {
    const told = readTold(message, this.#clock, arrivedAtMs);
    this.#tellClock(this.#clock);
    for (const notice of told.notices) this.#host.notice(notice);
    if (told.connectionAttempt === 0) {
      this.#isGreeted = true;
      this.#greeting.resolve();
    } else if (told.connectionAttempt !== undefined) this.connection.fail(refusalOf(told.connectionAttempt));
    if (told.closes !== undefined) this.connection.fail(told.closes);
    if (told.endedRoSpecId === ourRoSpecId && this.#isReading) this.#restart();
  }

  /** Our ROSpec ended though nobody here stopped it. */
  #restart(): void {
    const { restartsMax, restartWindowMs } = this.#limits;
    const nowMs = performance.now();
    this.#restartsMs.push(nowMs);
    while ((this.#restartsMs[0] ?? nowMs) < nowMs - restartWindowMs) this.#restartsMs.shift();
    if (this.#restartsMs.length > restartsMax) {
      this.connection.fail(
        new Fault("reader.error", `the ROSpec ended ${this.#restartsMs.length} times in a row`),
      );
      return;
    }
    this.#keepRunning();
  }

  /** Reports flow meanwhile, so nobody waits for this. */
  #keepRunning(): void {
    ensureRunning(this.connection, this.#limits).catch((error: Error) => {
      // While we say goodbye a reader may refuse to start; a mistake of our own is one at any time.
      if (this.#isReading || !(error instanceof Fault)) this.connection.fail(error);
    });
  }
}

/** Makes an LLRP driver with bounds of its own. */
export const createLlrpDriver =
  (limits: LlrpLimits = llrpLimits): Driver =>
  async (settings, host, signal) => {
    if (signal.aborted) return;
    const address = networkAddress(settings.address, llrpPort);
    host.phase("connecting");
    let socket: Socket;
    try {
      socket = await connect(address, limits.connectTimeoutMs, signal);
    } catch (fault) {
      if (signal.aborted) return;
      throw fault;
    }
    const conversation = new Conversation(socket, settings, host, limits);
    let isListening = true;
    try {
      await untilAborted(conversation.run(), signal);
    } catch (fault) {
      isListening = !(fault instanceof Fault && fault.code === "reader.silent");
      if (!signal.aborted) throw fault;
    } finally {
      await conversation.close(isListening);
    }
  };

/** LLRP 1.0.1 and 1.1 over TCP: the language of fixed readers. Source: EPCglobal Low Level Reader Protocol 1.1. */
export const llrpDriver: Driver = createLlrpDriver();
