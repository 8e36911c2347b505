/**
 * What stands somewhere: a whole frame of so many bytes, the beginning of one, or the reason why it can be none. `skip` is how many
 * bytes are out of the question with it, 1 when absent; they have come already.
 */
export type Look = number | "more" | { readonly no: string; readonly skip?: number };

/** How one family writes its frames. Both functions are pure, and no length in the bytes reserves anything. */
export type Framing<Frame> = {
  /** Asked only for places inside `bytes`. It says "more" only while at most one longest frame is there. */
  readonly look: (bytes: Buffer, at: number) => Look;
  /** The frame in exactly the bytes that `look` found whole. */
  readonly read: (bytes: Buffer) => Frame;
  /** Where a frame ends by a sign of its own, one that has begun cannot hide another; absent means that it can. */
  readonly hidesNone?: boolean;
  /** Whether a frame stands between others and says nothing, not even that whoever sent it speaks this language. */
  readonly isBlank?: (frame: Frame) => boolean;
};

export type SearchHost<Frame> = {
  /** A frame, and the bytes that it was read from, which are good until the call returns. */
  readonly frame: (frame: Frame, bytes: Buffer) => void;
  /** Bytes in which no frame starts; `skipped` counts them, `bytes` are the first few. */
  readonly malformed: (reason: string, bytes: Uint8Array, skipped: number) => void;
};

const sampleMax = 64;
const runMax = 4096;

/**
 * Finds frames in whatever a line brings.
 *
 * Where no frame stands the search goes on one byte further, so a good frame behind a broken one is never swallowed. What is found does
 * not depend on where the line cut the bytes. At most one longest frame is held.
 */
export class FrameSearch<Frame> {
  readonly #framing: Framing<Frame>;
  readonly #host: SearchHost<Frame>;
  #held: Buffer = Buffer.alloc(0);
  #sample: number[] = [];
  #run = 0;
  #reason = "";

  constructor(framing: Framing<Frame>, host: SearchHost<Frame>) {
    this.#framing = framing;
    this.#host = host;
  }

  /** How many bytes of a frame have come that has not ended. */
  get heldLength(): number {
    return this.#held.length;
  }

  get isWaiting(): boolean {
    return this.heldLength > 0;
  }

  push(chunk: Uint8Array): void {
    this.#search(Buffer.concat([this.#held, chunk]));
  }

  /** The line has been silent: what has begun will not end any more. Frames that it had hidden are found. */
  silence(): void {
    while (this.#held.length > 0) {
      const end = this.#framing.hidesNone === true ? this.#held.length : 1;
      this.#skip("half a frame, then silence", this.#held.subarray(0, end));
      this.#search(this.#held.subarray(end));
    }
    this.#tell();
  }

  #search(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      const found = this.#framing.look(bytes, at);
      if (found === "more") break;
      if (typeof found === "object") {
        const end = at + (found.skip ?? 1);
        this.#skip(found.no, bytes.subarray(at, end));
        at = end;
        continue;
      }
      this.#tell();
      const whole = bytes.subarray(at, at + found);
      this.#host.frame(this.#framing.read(whole), whole);
      at += found;
    }
    this.#held = Buffer.from(bytes.subarray(at));
  }

  #skip(reason: string, bytes: Buffer): void {
    if (this.#run === 0) this.#reason = reason;
    this.#run += bytes.length;
    if (this.#sample.length < sampleMax)
      this.#sample.push(...bytes.subarray(0, sampleMax - this.#sample.length));
    if (this.#run >= runMax) this.#tell();
  }

  #tell(): void {
    if (this.#run === 0) return;
    this.#host.malformed(this.#reason, Uint8Array.from(this.#sample), this.#run);
    this.#run = 0;
    this.#sample = [];
  }
}
