/** Takes fields off the front of bytes. Past the end it gives undefined, whatever was asked for. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Buffer | undefined {
    if (length > this.left) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** An unsigned number of so many bytes (6 at most), high byte first. */
  number(length: number): number | undefined {
    return this.take(length)?.readUIntBE(0, length);
  }
}
