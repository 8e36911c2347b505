import { Fault } from "@tagwire/messages";
import type { DriverHost } from "../driver.ts";
import { FrameSearch, type Framing } from "./frame-search.ts";
import type { OpenPort, Port } from "./port.ts";

/** The bounds of a conversation, in ms. */
export type LineLimits = {
  /** From a question to its answer. */
  readonly answerTimeoutMs: number;
  /** A frame that has begun must go on within this time. */
  readonly halfFrameMs: number;
};

export type LineHost<Frame> = Pick<DriverHost, "malformed"> & {
  readonly framing: Framing<Frame>;
  readonly limits: LineLimits;
  /** Every good frame, and the bytes that it was read from. */
  readonly frame: (frame: Frame, bytes: Uint8Array) => void;
};

/** What a frame is to the question that waits: its answer, something else on the line, or a no. */
export type Judgement = "answer" | "other" | Fault;

export type Question<Frame> = {
  /** As people are told of it when there is no answer. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly judge: (frame: Frame) => Judgement;
  /** For a question that takes the reader longer than others, in ms. */
  readonly answerTimeoutMs?: number;
};

/** So much in a row in which nothing stands, and the other side is taken not to speak this language. Garbage costs more than frames. */
export const garbageBytesMax = 256 * 1024;

const neverUnderstood = (cause: Fault): Fault =>
  new Fault("reader.garbled", `nothing that came was understood; ${cause.detail}`, { cause });

type Waiting<Frame> = {
  readonly judge: (frame: Frame) => Judgement;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (reason: Error) => void;
  readonly timer: NodeJS.Timeout;
};

/** One line to a reader: frames, one question at a time with its answer, and the one fault that ended it. */
export class Line<Frame> {
  readonly #host: LineHost<Frame>;
  readonly #search: FrameSearch<Frame>;
  readonly #ended = Promise.withResolvers<never>();
  #port: Port | undefined;
  #reason: Error | undefined;
  #waiting: Waiting<Frame> | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Immediate | undefined;
  #bytes = 0;
  #garbageBytes = 0;
  #frames = 0;
  #lastFrameMs = performance.now();

  private constructor(host: LineHost<Frame>) {
    this.#host = host;
    this.#ended.promise.catch(() => {});
    this.#search = new FrameSearch(host.framing, {
      frame: (frame, bytes) => this.#take(frame, bytes),
      malformed: (reason, bytes, skipped) => this.#skipped(reason, bytes, skipped),
    });
  }

  /** Rejects with what kept the port from opening. */
  static async open<Frame>(openPort: OpenPort, host: LineHost<Frame>): Promise<Line<Frame>> {
    const line = new Line(host);
    line.#port = await openPort({
      data: (chunk) => line.#arrived(chunk),
      ended: (fault) => line.#fail(fault),
    });
    return line;
  }

  /** The same, until `signal` aborts: then there is no line, and the port is free. Rejects with what kept the port from opening. */
  static async openUnlessAborted<Frame>(
    openPort: OpenPort,
    host: LineHost<Frame>,
    signal: AbortSignal,
  ): Promise<Line<Frame> | undefined> {
    try {
      const line = await Line.open((port) => openPort(port, signal), host);
      if (!signal.aborted) return line;
      await line.close();
    } catch (fault) {
      if (!signal.aborted) throw fault;
    }
    return undefined;
  }

  /** Rejects with what ended the line; never resolves. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  get hasEnded(): boolean {
    return this.#reason !== undefined;
  }

  /** Since when nothing understandable has come, by the monotonic clock. */
  get lastFrameMs(): number {
    return this.#lastFrameMs;
  }

  /**
   * Puts a question and waits for its answer. Rejects with the fault that an answer was judged to be, `reader.error` when the
   * reader speaks of other things, `reader.garbled` when what comes is no frame, `reader.silent` when nothing comes, or with what
   * ended the line.
   */
  ask(question: Question<Frame>): Promise<Frame> {
    if (this.#reason !== undefined) return Promise.reject(this.#reason);
    this.#giveUpWaiting(new Fault("reader.error", "another command took its place"));
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    const since = { bytes: this.#bytes, frames: this.#frames };
    const timeoutMs = question.answerTimeoutMs ?? this.#host.limits.answerTimeoutMs;
    const timer = setTimeout(() => {
      this.#waiting = undefined;
      reject(this.#noAnswer(question.name, timeoutMs, since));
    }, timeoutMs);
    this.#waiting = { judge: question.judge, resolve, reject, timer };
    this.send(question.bytes);
    return promise;
  }

  #noAnswer(
    name: string,
    timeoutMs: number,
    since: { readonly bytes: number; readonly frames: number },
  ): Fault {
    if (this.#frames > since.frames) return new Fault("reader.error", `${name}: no answer among what came`);
    if (this.#bytes > since.bytes) return new Fault("reader.garbled", `${name}: what came is no answer`);
    return new Fault("reader.silent", `${name}: nothing came in ${timeoutMs} ms`);
  }

  /** Sends what is answered by no single frame, or by none at all. */
  send(bytes: Uint8Array): void {
    if (!this.hasEnded) this.#port?.write(bytes);
  }

  /** Lets the port go, and waits until it is free for the next one. */
  async close(): Promise<void> {
    // That the line is let go inside a frame is nobody's fault, so what is held is not told.
    if (!this.hasEnded) this.#end(new Fault("reader.closed", "closed by us"));
    await this.#port?.close();
  }

  #fail(fault: Fault): void {
    if (this.hasEnded) return;
    this.#parse(() => this.#search.silence());
    if (!this.hasEnded) this.#end(this.#isStranger ? neverUnderstood(fault) : fault);
  }

  /** It spoke, and never a word of this language: whoever hangs up then is no reader of this kind. */
  get #isStranger(): boolean {
    return this.#frames === 0 && this.#garbageBytes > 0;
  }

  #end(reason: Error): void {
    this.#reason = reason;
    this.#stopListeningForSilence();
    this.#giveUpWaiting(reason);
    this.#ended.reject(reason);
  }

  #giveUpWaiting(reason: Error): void {
    if (this.#waiting === undefined) return;
    clearTimeout(this.#waiting.timer);
    this.#waiting.reject(reason);
    this.#waiting = undefined;
  }

  #arrived(chunk: Buffer): void {
    if (this.hasEnded) return;
    this.#bytes += chunk.length;
    this.#parse(() => this.#search.push(chunk));
    this.#stopListeningForSilence();
    if (!this.hasEnded && this.#search.isWaiting) this.#listenForSilence();
  }

  #listenForSilence(): void {
    this.#silenceTimer = setTimeout(() => {
      // When this process itself was held up, what has arrived meanwhile is read first.
      this.#silence = setImmediate(() => this.#parse(() => this.#search.silence()));
    }, this.#host.limits.halfFrameMs);
  }

  #stopListeningForSilence(): void {
    clearTimeout(this.#silenceTimer);
    clearImmediate(this.#silence);
  }

  /** Nobody above the callback of a port or a timer catches: a mistake made here would end the process. */
  #parse(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!this.hasEnded)
        this.#end(error instanceof Error ? error : new Error("the line failed", { cause: error }));
    }
  }

  #skipped(reason: string, bytes: Uint8Array, skipped: number): void {
    if (this.hasEnded) return;
    this.#host.malformed(`${reason} (${skipped} bytes skipped)`, bytes);
    this.#garbageBytes += skipped;
    if (this.#garbageBytes < garbageBytesMax) return;
    this.#end(
      new Fault("reader.garbled", `${this.#garbageBytes} bytes without a frame, the last: ${reason}`),
    );
  }

  #take(frame: Frame, bytes: Uint8Array): void {
    if (this.hasEnded || this.#host.framing.isBlank?.(frame) === true) return;
    this.#garbageBytes = 0;
    this.#lastFrameMs = performance.now();
    this.#frames += 1;
    this.#host.frame(frame, bytes);
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const judgement = waiting.judge(frame);
    if (judgement === "other") return;
    clearTimeout(waiting.timer);
    this.#waiting = undefined;
    if (judgement === "answer") waiting.resolve(frame);
    else waiting.reject(judgement);
  }
}
