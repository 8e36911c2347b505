import type { Socket } from "node:net";
import {
  decodeMessage,
  encodeMessage,
  FrameSplitter,
  frameType,
  MalformedFrame,
  type Message,
  type MessageContent,
  type MessageName,
  type MessageOf,
  message,
  messageTable,
  type ProtocolVersion,
  reportPieces,
  statusOf,
} from "@tagwire/llrp";
import { Fault } from "@tagwire/messages";
import type { DriverHost } from "../driver.ts";
import { entriesPerTurnMax, type LlrpLimits, messageBytesMax, silentKeepalives } from "./limits.ts";

/** A request that the standard answers with a message of its own. */
export type RequestName = {
  [Name in MessageName]: `${Name}_RESPONSE` extends MessageName ? Name : never;
}[MessageName];
type AnswerName<Name extends RequestName> = `${Name}_RESPONSE` & MessageName;
export type Answer<Name extends RequestName> = MessageOf<AnswerName<Name>>;

type Pending = {
  readonly name: RequestName;
  readonly resolve: (answer: Message) => void;
  readonly reject: (reason: Error) => void;
  readonly timer: NodeJS.Timeout;
};

export type ConnectionHost = Pick<DriverHost, "frame" | "malformed"> & {
  readonly limits: LlrpLimits;
  /** An RO_ACCESS_REPORT, undecoded: it has a quick reader of its own. */
  readonly report: (frame: Buffer, arrivedAtMs: number) => void;
  /** Whatever came without being asked for, but reports and keepalives. */
  readonly told: (message: Message, arrivedAtMs: number) => void;
};

const neverUnderstood = (cause: Fault): Fault =>
  new Fault("reader.garbled", `nothing that came was LLRP; the connection ended. ${cause.detail}`.trim(), {
    cause,
  });

type Arrived = { readonly frame: Buffer; readonly arrivedAtMs: number };

const reportType = messageTable.RO_ACCESS_REPORT.type;
const malformedSampleMax = 256;

const isAboutSettings = (name: RequestName): boolean => name === "ADD_ROSPEC" || name === "SET_READER_CONFIG";
const deviceError = 401;

const refusedFault = (name: RequestName, answer: Message): Fault | undefined => {
  const { code, text } = statusOf(answer.parameters);
  if (code === 0) return undefined;
  const isTheirs = !isAboutSettings(name) || code === deviceError;
  return new Fault(isTheirs ? "reader.error" : "reader.settings", `${name}: ${text}`);
};

/**
 * One TCP connection to a reader: frames, requests with their answers, keepalives, and the one fault that ended it.
 *
 * Reports and events may come at any time, also between a request and its answer.
 */
export class LlrpConnection {
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #splitter: FrameSplitter;
  readonly #pending = new Map<number, Pending>();
  readonly #ended = Promise.withResolvers<never>();
  /** What has arrived and is heard in one of the next turns, in order, while no more is taken from the socket. */
  readonly #behind: Arrived[] = [];
  #isBehind = false;
  /** Why the line is gone, while what it brought before is still heard. */
  #goneWith: Fault | undefined;
  #reason: Error | undefined;
  #nextId = 1;
  #lastFrameMs = performance.now();
  /** A frame has come: whoever is there speaks LLRP. */
  #isUnderstood = false;
  #watchdog: NodeJS.Timeout | undefined;
  /** What we speak. */
  version: ProtocolVersion = 1;
  /** What the reader has spoken last. */
  heardVersion: ProtocolVersion = 1;

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#ended.promise.catch(() => {});
    this.#splitter = new FrameSplitter({
      frame: (frame) => this.#take(frame),
      malformed: (reason, bytes, skipped) => host.malformed(`${reason} (${skipped} bytes skipped)`, bytes),
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#arrived(chunk));
    socket.on("error", (cause) => this.#gone(new Fault("reader.closed", cause.message, { cause })));
    socket.on("close", () => this.#gone(new Fault("reader.closed", "")));
  }

  /** Rejects with what ended the connection; never resolves. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  get hasEnded(): boolean {
    return this.#reason !== undefined;
  }

  /** Bytes since the last frame that were none. */
  get garbageBytes(): number {
    return this.#splitter.skippedInARow + this.#splitter.heldBytes;
  }

  /** A line that breaks takes nothing back of what it has brought. */
  #gone(reason: Fault): void {
    this.#goneWith ??= reason;
    if (!this.#isBehind) this.fail(this.#goneWith);
  }

  /** Ends the connection for this reason, unless it has ended already. An error that is no fault is our own mistake. */
  fail(reason: Error): void {
    if (this.hasEnded) return;
    const isStranger = !this.#isUnderstood && this.garbageBytes > 0;
    this.#splitter.end();
    const isClosed = reason instanceof Fault && reason.code === "reader.closed";
    // It spoke, and never a word of LLRP: whoever hangs up then is no such reader.
    this.#end(isStranger && isClosed ? neverUnderstood(reason) : reason);
  }

  #end(reason: Error): void {
    this.#reason = reason;
    clearTimeout(this.#watchdog);
    this.#socket.destroy();
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(reason);
    }
    this.#pending.clear();
    this.#ended.reject(reason);
  }

  /** Lets the connection go. That it ends inside a frame is then nobody's fault. */
  destroy(): void {
    if (!this.hasEnded) this.#end(new Fault("reader.closed", "closed by us"));
  }

  /** From now on the reader must be heard at least every {@link silentKeepalives} keepalives. */
  watch(keepaliveMs: number): void {
    const silentMs = keepaliveMs * silentKeepalives;
    const look = (): void => {
      const leftMs = this.#lastFrameMs + silentMs - performance.now();
      if (leftMs <= 0) this.fail(new Fault("reader.silent", `nothing for ${Math.round(silentMs)} ms`));
      else if (!this.hasEnded) this.#watchdog = setTimeout(lookSoon, leftMs);
    };
    // When this process itself was held up, what has arrived meanwhile is read first.
    const lookSoon = (): void => {
      setImmediate(look);
    };
    clearTimeout(this.#watchdog);
    look();
  }

  /** Sends what has no answer. */
  send<Name extends MessageName>(name: Name, content: MessageContent<Name>, id = this.#takeId()): void {
    this.#write(encodeMessage(message({ version: this.version, id }, name, content)));
  }

  /**
   * Sends a request and waits for its answer. Rejects with `reader.settings` or `reader.error` when the reader says
   * no, `reader.silent` when it says nothing, or whatever ended the connection.
   */
  request<Name extends RequestName>(
    name: Name,
    content: MessageContent<Name>,
    how: { readonly version?: ProtocolVersion; readonly timeoutMs?: number } = {},
  ): Promise<Answer<Name>> {
    if (this.#reason !== undefined) return Promise.reject(this.#reason);
    const id = this.#takeId();
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    const timeoutMs = how.timeoutMs ?? this.#host.limits.answerTimeoutMs;
    const timer = setTimeout(() => {
      this.#pending.delete(id);
      reject(new Fault("reader.silent", `no answer to ${name} in ${timeoutMs} ms`));
    }, timeoutMs);
    this.#pending.set(id, { name, resolve, reject, timer });
    this.#write(encodeMessage(message({ version: how.version ?? this.version, id }, name, content)));
    return promise as Promise<Answer<Name>>;
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId = (this.#nextId % 0xffff_fffe) + 1;
    return id;
  }

  #write(frame: Buffer): void {
    if (this.hasEnded) return;
    this.#socket.write(frame);
    if (this.#socket.writableLength <= this.#host.limits.unsentBytesMax) return;
    this.fail(new Fault("reader.silent", "the reader does not take what is sent to it"));
  }

  #arrived(chunk: Buffer): void {
    if (this.hasEnded) return;
    this.#guard(() => this.#splitter.push(chunk));
    if (this.hasEnded) return;
    if (this.#splitter.skippedInARow <= this.#host.limits.garbageBytesMax) return;
    this.fail(new Fault("reader.garbled", "what comes is not LLRP"));
  }

  /** Nobody above the callback of a socket or a turn catches: a mistake made here would end the process, and with it every reader. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error("the connection failed", { cause: error }));
    }
  }

  #take(frame: Buffer): void {
    // The splitter may have several frames in hand when one of them ends the connection.
    if (this.hasEnded) return;
    this.#isUnderstood = true;
    this.#lastFrameMs = performance.now();
    const arrivedAtMs = Date.now();
    const isReport = frameType(frame) === reportType;
    const [first = frame, ...rest] = isReport ? reportPieces(frame, entriesPerTurnMax) : [frame];
    if (this.#isBehind) this.#hearLater([first, ...rest], arrivedAtMs);
    else {
      this.#hear({ frame: first, arrivedAtMs });
      if (rest.length > 0) this.#hearLater(rest, arrivedAtMs);
    }
  }

  #hearLater(frames: readonly Buffer[], arrivedAtMs: number): void {
    // Copies: the frames share memory with what the splitter goes on with.
    this.#behind.push(...frames.map((frame) => ({ frame: Buffer.from(frame), arrivedAtMs })));
    if (this.#isBehind) return;
    this.#isBehind = true;
    this.#socket.pause();
    setImmediate(() => this.#catchUp());
  }

  /** Hears one of what is behind in each turn, so that the others have theirs. */
  #catchUp(): void {
    if (this.hasEnded) return;
    const next = this.#behind.shift();
    if (next === undefined) {
      this.#isBehind = false;
      if (this.#goneWith === undefined) this.#socket.resume();
      else this.fail(this.#goneWith);
      return;
    }
    this.#lastFrameMs = performance.now();
    this.#guard(() => this.#hear(next));
    setImmediate(() => this.#catchUp());
  }

  #hear({ frame, arrivedAtMs }: Arrived): void {
    if (this.hasEnded) return;
    if (frameType(frame) === reportType) {
      this.#host.report(frame, arrivedAtMs);
      return;
    }
    if (frame.length > messageBytesMax) {
      const reason = `a message of ${frame.length} bytes that is no report`;
      this.#host.malformed(reason, Uint8Array.from(frame.subarray(0, malformedSampleMax)));
      return;
    }
    let decoded: Message;
    try {
      decoded = decodeMessage(frame);
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      this.#host.malformed(error.message, Uint8Array.from(frame.subarray(0, malformedSampleMax)));
      return;
    }
    this.heardVersion = decoded.version;
    this.#host.frame([], frame);
    this.#dispatch(decoded, arrivedAtMs);
  }

  #dispatch(decoded: Message, arrivedAtMs: number): void {
    if (decoded.name === "KEEPALIVE") {
      this.send("KEEPALIVE_ACK", { fields: {} }, decoded.id);
      return;
    }
    const id = this.#pendingIdOf(decoded);
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || pending === undefined) {
      this.#host.told(decoded, arrivedAtMs);
      return;
    }
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    const fault = refusedFault(pending.name, decoded);
    const isAnswer = decoded.name === `${pending.name}_RESPONSE`;
    if (fault !== undefined) pending.reject(fault);
    else if (isAnswer) pending.resolve(decoded);
    else pending.reject(new Fault("reader.error", `${pending.name} was answered with ${decoded.name}`));
  }

  /**
   * Which request this answers. Simple readers count their answers by themselves, and an ERROR_MESSAGE may carry id 0:
   * what fits no id is about the only request there is, if it fits its name.
   */
  #pendingIdOf(decoded: Message): number | undefined {
    const isError = decoded.name === "ERROR_MESSAGE";
    if (!isError && !decoded.name.endsWith("_RESPONSE")) return undefined;
    if (this.#pending.has(decoded.id)) return decoded.id;
    const [only, ...others] = this.#pending;
    if (only === undefined || others.length > 0) return undefined;
    const [id, { name }] = only;
    return (isError && decoded.id === 0) || decoded.name === `${name}_RESPONSE` ? id : undefined;
  }
}
