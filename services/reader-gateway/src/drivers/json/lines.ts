/** Cuts a stream into its lines, whatever chunks it comes in, and holds no more of one than `bytesMax`. */
export class JsonLines {
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isTooLong = false;
  #lineBytes = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** How many bytes of a line have come that has not ended. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** How long the line is by now that has not ended, with what of it was not kept. */
  get lineBytes(): number {
    return this.#lineBytes;
  }

  /** The lines that are whole with this chunk; undefined stands for one that was too long to be kept. Blank ones say nothing. */
  push(chunk: Uint8Array): (string | undefined)[] {
    const lines: (string | undefined)[] = [];
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      this.#hold(chunk.subarray(from, end));
      const line = this.#isTooLong ? undefined : Buffer.concat(this.#held).toString("utf8").trim();
      if (line !== "") lines.push(line);
      this.#held = [];
      this.#heldBytes = 0;
      this.#isTooLong = false;
      this.#lineBytes = 0;
      from = end + 1;
    }
    this.#hold(chunk.subarray(from));
    return lines;
  }

  #hold(piece: Uint8Array): void {
    this.#lineBytes += piece.length;
    if (this.#isTooLong || piece.length === 0) return;
    if (this.#heldBytes + piece.length <= this.#bytesMax) {
      // A copy: the chunk is the stream's, which may use its memory again.
      this.#held.push(Buffer.from(piece));
      this.#heldBytes += piece.length;
      return;
    }
    this.#isTooLong = true;
    this.#held = [];
    this.#heldBytes = 0;
  }
}
