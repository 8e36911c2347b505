import { Fault } from "@tagwire/messages";
import { SerialPort } from "serialport";
import type { DriverHost } from "../driver.ts";
import type { SerialAddress } from "../serial-address.ts";
import { errorText, noTagError } from "./errors.ts";
import { commands, encodeFrame, frameTypes, type M100Frame, M100Parser } from "./frames.ts";
import type { M100Limits } from "./limits.ts";

export type LineHost = Pick<DriverHost, "malformed"> & {
  readonly limits: M100Limits;
  /** Every good frame. */
  readonly frame: (frame: M100Frame) => void;
};

type Waiting = {
  readonly command: number;
  readonly resolve: (frame: M100Frame) => void;
  readonly reject: (reason: Error) => void;
  readonly timer: NodeJS.Timeout;
};

/** Opens a serial port. Throws `reader.unreachable`, or `reader.refused` when another process holds it. */
const openPort = ({ path, baudRate }: SerialAddress): Promise<SerialPort> =>
  new Promise((resolve, reject) => {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    port.open((cause) => {
      if (cause === null) return resolve(port);
      const code = /lock|busy/i.test(cause.message) ? "reader.refused" : "reader.unreachable";
      reject(new Fault(code, `${path} (${cause.message})`, { cause }));
    });
  });

/** One serial line to a module: frames, one command at a time with its answer, and the one fault that ended it. */
export class M100Line {
  readonly #port: SerialPort;
  readonly #host: LineHost;
  readonly #parser: M100Parser;
  readonly #ended = Promise.withResolvers<never>();
  #reason: Error | undefined;
  #waiting: Waiting | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Immediate | undefined;
  #bytes = 0;
  #frames = 0;
  #lastFrameMs = performance.now();

  private constructor(port: SerialPort, host: LineHost) {
    this.#port = port;
    this.#host = host;
    this.#ended.promise.catch(() => {});
    this.#parser = new M100Parser({
      frame: (frame) => this.#take(frame),
      malformed: (reason, bytes, skipped) => host.malformed(`${reason} (${skipped} bytes skipped)`, bytes),
    });
    port.on("data", (chunk: Buffer) => this.#arrived(chunk));
    port.on("error", (cause: Error) => this.#fail(new Fault("reader.closed", cause.message, { cause })));
    port.on("close", () => this.#fail(new Fault("reader.closed", "the device is gone")));
  }

  static async open(address: SerialAddress, host: LineHost): Promise<M100Line> {
    return new M100Line(await openPort(address), host);
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
   * Sends a command and waits for its answer. Rejects with `reader.error` when the module says no or speaks of other
   * things, `reader.garbled` when what comes is no frame, `reader.silent` when nothing comes, or with what ended the line.
   */
  ask(command: number, parameters: readonly number[] = []): Promise<M100Frame> {
    if (this.#reason !== undefined) return Promise.reject(this.#reason);
    this.#giveUpWaiting(new Fault("reader.error", "another command took its place"));
    const { promise, resolve, reject } = Promise.withResolvers<M100Frame>();
    const since = { bytes: this.#bytes, frames: this.#frames };
    const { answerTimeoutMs } = this.#host.limits;
    const timer = setTimeout(() => {
      this.#waiting = undefined;
      reject(this.#noAnswer(`command ${command.toString(16).toUpperCase().padStart(2, "0")}`, since));
    }, answerTimeoutMs);
    this.#waiting = { command, resolve, reject, timer };
    this.send(command, parameters);
    return promise;
  }

  #noAnswer(name: string, since: { readonly bytes: number; readonly frames: number }): Fault {
    const { answerTimeoutMs } = this.#host.limits;
    if (this.#frames > since.frames) return new Fault("reader.error", `${name}: no answer among what came`);
    if (this.#bytes > since.bytes) return new Fault("reader.garbled", `${name}: what came is no answer`);
    return new Fault("reader.silent", `${name}: nothing came in ${answerTimeoutMs} ms`);
  }

  /** Sends a command whose answers are notices. */
  send(command: number, parameters: readonly number[] = []): void {
    if (!this.hasEnded) this.#port.write(encodeFrame(command, parameters));
  }

  /** Lets the port go, and waits until it is free for the next one. */
  async close(): Promise<void> {
    // That the line is let go inside a frame is nobody's fault, so what is held is not told.
    if (!this.hasEnded) this.#end(new Fault("reader.closed", "closed by us"));
    if (!this.#port.isOpen) return;
    await new Promise<void>((resolve) => {
      this.#port.close(() => resolve());
    });
  }

  #fail(fault: Fault): void {
    if (this.hasEnded) return;
    this.#parser.silence();
    this.#end(fault);
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
    this.#parse(() => this.#parser.push(chunk));
    this.#stopListeningForSilence();
    if (!this.hasEnded && this.#parser.isWaiting) this.#listenForSilence();
  }

  #listenForSilence(): void {
    this.#silenceTimer = setTimeout(() => {
      // When this process itself was held up, what has arrived meanwhile is read first.
      this.#silence = setImmediate(() => this.#parse(() => this.#parser.silence()));
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

  #take(frame: M100Frame): void {
    this.#lastFrameMs = performance.now();
    this.#frames += 1;
    this.#host.frame(frame);
    const waiting = this.#waiting;
    if (waiting === undefined || frame.type !== frameTypes.answer) return;
    const isAnswer = frame.command === waiting.command;
    const code = frame.command === commands.error ? frame.parameters[0] : undefined;
    // Rounds that found no tag may still be on their way when a command is answered.
    if (!isAnswer && (code === undefined || code === noTagError)) return;
    clearTimeout(waiting.timer);
    this.#waiting = undefined;
    if (code === undefined) waiting.resolve(frame);
    else waiting.reject(new Fault("reader.error", errorText(code)));
  }
}
