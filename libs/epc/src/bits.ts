import { malformed, outOfRange } from "./epc-error.ts";

/** The EPC bank of a Gen2 tag holds at most 31 words (496 bits); one more word is allowed for readers that round up. */
export const epcHexDigitsMax = 128;

/** Tags store, and readers report, whole words. */
const wordBits = 16;

const hexDigits = /^[0-9A-Fa-f]+$/;

const epcBitsMax = epcHexDigitsMax * 4;

/** The bits of the largest number of so many digits. */
export const bitsForDigits = (digits: number): number =>
  (10n ** BigInt(digits) - 1n).toString(2).length * Math.sign(digits);

/** The bits that tell a length of up to so many characters. */
export const bitsForLength = (charactersMax: number): number => charactersMax.toString(2).length;

export const isEpcHex = (text: string): boolean => text.length <= epcHexDigitsMax && hexDigits.test(text);

/** Reads a hex string from its first bit to its last. A bit string is left-aligned, so an odd digit count is fine. */
export class BitReader {
  readonly #value: bigint;
  #left: number;

  /** @throws EpcError `epc_malformed` when `hex` is empty, not hexadecimal or longer than 128 digits */
  constructor(hex: string) {
    if (!isEpcHex(hex)) throw malformed(`expected 1 to ${epcHexDigitsMax} hexadecimal digits`);
    this.#value = BigInt(`0x${hex}`);
    this.#left = hex.length * 4;
  }

  /** The next `bits` bits as an unsigned number. @throws EpcError `epc_malformed` when fewer are left */
  read(bits: number): bigint {
    if (bits > this.#left) throw malformed(`the tag ends ${bits - this.#left} bits too early`);
    this.#left -= bits;
    return BigInt.asUintN(bits, this.#value >> BigInt(this.#left));
  }

  /** How many bits are left. */
  get left(): number {
    return this.#left;
  }

  /** How many of the next bits, which are left as they are, come before the last that is set. */
  get leftUntilZeros(): number {
    const rest = BigInt.asUintN(this.#left, this.#value);
    if (rest === 0n) return 0;
    const trailing = rest.toString(2);
    return this.#left - (trailing.length - 1 - trailing.lastIndexOf("1"));
  }

  /**
   * What follows the last field is padding to a whole word, and padding is zero. Other bits there would be lost in the
   * URI, and two different tags would get one name.
   */
  expectOnlyPadding(): void {
    if (this.read(this.#left) !== 0n) throw malformed("bits are set after the end of the code");
  }
}

/** Collects bits from first to last; `hex` pads them with zeros to whole 16-bit words. */
export class BitWriter {
  #value = 0n;
  #bits = 0;

  /** @throws EpcError `epc_out_of_range` when `value` does not fit `bits` bits, or all of it no tag */
  write(value: bigint, bits: number): void {
    if (value < 0n || value >> BigInt(bits) !== 0n) throw outOfRange(`${value} does not fit ${bits} bits`);
    this.#value = (this.#value << BigInt(bits)) | value;
    this.#bits += bits;
    if (this.#bits > epcBitsMax) throw outOfRange(`a tag holds at most ${epcBitsMax} bits`);
  }

  /** How many bits have been written. */
  get length(): number {
    return this.#bits;
  }

  /** As a reader tells it: whole words. */
  get hex(): string {
    const paddedBits = Math.ceil(this.#bits / wordBits) * wordBits;
    const padded = this.#value << BigInt(paddedBits - this.#bits);
    return padded
      .toString(16)
      .toUpperCase()
      .padStart(paddedBits / 4, "0");
  }

  /** Every way to write the same bits: with all, some or none of the digits that pad it to whole words. */
  get spellings(): readonly string[] {
    const { hex } = this;
    const needed = Math.ceil(this.#bits / 4);
    return Array.from({ length: hex.length - needed + 1 }, (_, spared) => hex.slice(0, hex.length - spared));
  }
}
