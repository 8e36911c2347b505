import { frameLengthMax, headerLength, messageNameOf } from "./message.ts";

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

const noBytes = Buffer.alloc(0);

/** Why no frame can start here, or undefined when one can. `at` has {@link headerLength} bytes after it. */
const implausible = (bytes: Buffer, at: number, inStep: boolean): string | undefined => {
  const first = bytes.readUInt16BE(at);
  const version = (first >> 10) & 7;
  if (first >> 13 !== 0) return "reserved bits of the header are set";
  if (version !== 1 && version !== 2) return `version ${version} is not 1 or 2`;
  const length = bytes.readUInt32BE(at + 2);
  if (length < headerLength) return `length ${length} is shorter than a header`;
  if (length > frameLengthMax) return `length ${length} is over ${frameLengthMax}`;
  if (!inStep && messageNameOf(first & 0x3ff) === undefined) return "no such message";
  return undefined;
};

/**
 * Cuts a TCP stream into LLRP frames, however it was split or merged on its way.
 *
 * LLRP has no marker to find a frame by. The rule after bytes that cannot be a header (reserved bits set, version other
 * than 1 or 2, length outside 10 … {@link frameLengthMax}) is: go on byte by byte to the next ten bytes that could be
 * one *and* whose type the standard knows. In step a type that the standard lacks is let through, since its length is
 * as good as any. A decision never needs more than ten bytes, so the same stream gives the same frames in whatever
 * pieces it comes. A length reserves nothing: memory grows with the bytes that have arrived.
 */
export class FrameSplitter {
  readonly #host: SplitterHost;
  #held: Buffer = noBytes;
  #heldLength = 0;
  #inStep = true;
  #reason = "";
  #sample: number[] = [];
  #run = 0;
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
    if (this.#isStillPartial(bytes)) return;
    const used = this.#consume(bytes);
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

  /** A held frame with a checked header is looked at again only when its last byte has come. */
  #isStillPartial(bytes: Buffer): boolean {
    if (bytes.length < headerLength) return true;
    return implausible(bytes, 0, this.#inStep) === undefined && bytes.length < bytes.readUInt32BE(2);
  }

  #consume(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= headerLength) {
      const reason = implausible(bytes, at, this.#inStep);
      if (reason !== undefined) {
        this.#skip(reason, bytes[at] ?? 0);
        at += 1;
        continue;
      }
      const length = bytes.readUInt32BE(at + 2);
      if (bytes.length - at < length) break;
      this.#tell();
      this.#inStep = true;
      this.skippedInARow = 0;
      this.#host.frame(bytes.subarray(at, at + length));
      at += length;
    }
    return at;
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
