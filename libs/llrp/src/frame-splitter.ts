import { contradiction, hasKnownShape, headerFault, walkParameters } from "./frame-shape.ts";
import { headerLength } from "./message.ts";

export type SplitterHost = {
  /** A whole frame. It may share memory with the pushed chunk: copy what must outlive the call. */
  readonly frame: (frame: Buffer) => void;
  /** Bytes skipped because no frame starts in them; `skipped` counts them all, `bytes` are the first few. */
  readonly malformed: (reason: string, bytes: Uint8Array, skipped: number) => void;
};

/** Garbage is told in runs of at most this many bytes, so an endless stream of it is noticed while it flows. */
const garbageRunMax = 4096;
/** How much of a run of garbage is kept to be shown. */
const garbageSampleMax = 64;

/**
 * Parameters that may be walked along in vain since the last good frame: so many, and so many more for each byte that was skipped. A
 * chain of parameters in which every byte begins another false header would else be walked along from each of them.
 */
const vainParametersMax = 16_384;
const vainParametersPerByteMax = 8;

const noBytes = Buffer.alloc(0);

/** What stands at a place: a whole frame of so many bytes, the beginning of one, or why none can start there. */
type Look = number | "more" | { readonly reason: string; readonly skip: number };

/** The search goes on one byte further. */
const none = (reason: string): Look => ({ reason, skip: 1 });

/**
 * Cuts a TCP stream into LLRP frames, however it was split or merged on its way.
 *
 * LLRP has no marker to find a frame by, only lengths. So bytes are a frame when they start with a header (reserved bits clear,
 * version 1 or 2, length from 10 to the longest there is) and their outermost parameters fill it to its last byte. The first
 * length that contradicts rules it out, long before the whole of what it claims has come, and the search goes on one byte
 * further: what a false header seemed to hold is found after all. After anything that was skipped, message and parameters must
 * also be ones that the standard has.
 *
 * What remains impossible: garbage with right lengths of its own *is* a frame, and takes what these lengths cover. In step so is
 * a header of a custom message or of one that the standard lacks, since nobody can say what must follow it.
 *
 * Where that search would cost too much, because false headers stand in each other, it goes on where the last of them broke, and a frame
 * in between is lost: no reader sends such bytes, and whoever does must not hold up the others.
 *
 * Each decision needs only bytes, not when they came, so the same stream gives the same frames in whatever pieces it comes.
 * A length reserves nothing: memory grows with the bytes that have arrived.
 */
export class FrameSplitter {
  readonly #host: SplitterHost;
  #held: Buffer = noBytes;
  #heldLength = 0;
  #inStep = true;
  /** How far the frame that is not whole yet was looked at, so that no byte is looked at twice. */
  #walked = 0;
  #reason = "";
  #sample: number[] = [];
  #run = 0;
  #vain = 0;
  /** Bytes skipped since the last good frame. */
  skippedInARow = 0;

  constructor(host: SplitterHost) {
    this.#host = host;
  }

  push(chunk: Uint8Array): void {
    const arrived = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#heldLength === 0) {
      this.#hold(arrived.subarray(this.#consume(arrived)));
      return;
    }
    this.#append(arrived);
    const bytes = this.#held.subarray(0, this.#heldLength);
    const used = this.#consume(bytes);
    if (used === 0) return;
    this.#held = noBytes;
    this.#heldLength = 0;
    this.#hold(bytes.subarray(used));
  }

  /** The stream is over: what was held or skipped is told. */
  end(): void {
    this.#tell();
    if (this.#heldLength > 0) {
      const rest = this.#held.subarray(0, Math.min(this.#heldLength, garbageSampleMax));
      this.#host.malformed("the connection ended inside a frame", Uint8Array.from(rest), this.#heldLength);
    }
    this.#held = noBytes;
    this.#heldLength = 0;
  }

  /** Bytes of a frame that has not ended yet. */
  get heldBytes(): number {
    return this.#heldLength;
  }

  #consume(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= headerLength) {
      const found = this.#look(bytes, at);
      if (found === "more") break;
      this.#walked = 0;
      if (typeof found === "object") {
        for (const end = at + found.skip; at < end; at += 1) this.#skip(found.reason, bytes[at] as number);
        continue;
      }
      this.#tell();
      this.#inStep = true;
      this.#vain = 0;
      this.skippedInARow = 0;
      this.#host.frame(bytes.subarray(at, at + found));
      at += found;
    }
    return at;
  }

  #look(bytes: Buffer, at: number): Look {
    const fault = headerFault(bytes, at);
    if (fault !== undefined) return none(fault);
    if (hasKnownShape(bytes, at)) {
      const effort = { parameters: 0, lastAt: at };
      const walked = walkParameters(bytes, { at, walked: this.#walked, onlyKnown: !this.#inStep, effort });
      this.#vain += effort.parameters;
      if (walked === contradiction) return this.#broken(effort.lastAt - at);
      this.#walked = walked;
    } else if (!this.#inStep) return none("no message of the standard");
    const length = bytes.readUInt32BE(at + 2);
    return bytes.length - at < length ? "more" : length;
  }

  /** No frame starts here: its parameters break so many bytes further on. */
  #broken(after: number): Look {
    const isTooMuch = this.#vain > vainParametersMax + vainParametersPerByteMax * this.skippedInARow;
    return { reason: "the parameters do not fill the message", skip: isTooMuch ? Math.max(1, after) : 1 };
  }

  #skip(reason: string, byte: number): void {
    if (this.#run === 0) this.#reason = reason;
    this.#inStep = false;
    this.#run += 1;
    this.skippedInARow += 1;
    if (this.#sample.length < garbageSampleMax) this.#sample.push(byte);
    if (this.#run >= garbageRunMax) this.#tell();
  }

  #tell(): void {
    if (this.#run === 0) return;
    this.#host.malformed(this.#reason, Uint8Array.from(this.#sample), this.#run);
    this.#run = 0;
    this.#sample = [];
  }

  /** Keeps a copy: the caller may reuse its chunk. */
  #hold(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#held = Buffer.from(rest);
    this.#heldLength = rest.length;
  }

  #append(arrived: Buffer): void {
    const length = this.#heldLength + arrived.length;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#held.length * 2));
      this.#held.copy(grown, 0, 0, this.#heldLength);
      this.#held = grown;
    }
    arrived.copy(this.#held, this.#heldLength);
    this.#heldLength = length;
  }
}
