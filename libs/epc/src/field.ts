import type { BitReader, BitWriter } from "./bits.ts";
import { malformed, outOfRange } from "./epc-error.ts";

/**
 * A run of bits on the tag and the URI parts it stands for, in both directions. Parts are plain text here; percent
 * escapes are the business of `uri.ts`.
 */
export type Field = {
  /** How many parts of the URI this field is: none for reserved bits, two for a company prefix with its reference. */
  readonly parts: number;
  readonly read: (bits: BitReader) => readonly string[];
  /** `method` is the way to write text that can be written in several ways, as numbered in `alphanumeric.ts`; the shortest without. */
  readonly write: (bits: BitWriter, parts: readonly string[], method?: number) => void;
};

const decimal = /^(?:0|[1-9][0-9]*)$/;
const digitsOnly = /^[0-9]*$/;

/** The widest number in any scheme has 19 digits (a GIAI-96 reference); a longer text is refused before it is parsed. */
const decimalDigitsMax = 20;

export const onePart = (
  read: (bits: BitReader) => string,
  write: (bits: BitWriter, text: string, method?: number) => void,
): Field => ({
  parts: 1,
  read: (bits) => [read(bits)],
  write: (bits, [text = ""], method) => write(bits, text, method),
});

/** A number written without leading zeros (the "Integer" coding of TDS 1.13). `limit` is the first value that is too large. */
export const integer = (width: number, limit: bigint = 1n << BigInt(width)): Field => {
  const inRange = (value: bigint): bigint => {
    if (value >= limit) throw outOfRange(`${value} is not below ${limit}`);
    return value;
  };
  return onePart(
    (bits) => inRange(bits.read(width)).toString(),
    (bits, text) => {
      if (!decimal.test(text)) throw malformed(`"${text}" is not a number without leading zeros`);
      if (text.length > decimalDigitsMax) throw outOfRange(`a number of ${text.length} digits is too large`);
      bits.write(inRange(BigInt(text)), width);
    },
  );
};

/**
 * A number with a fixed count of digits, zeros included. With no digits at all the URI part is empty and the bits,
 * which exist all the same, are zero.
 */
export const paddedDigits = (width: number, digits: number): Field =>
  onePart(
    (bits) => {
      const text = bits.read(width).toString();
      if (digits === 0 && text === "0") return "";
      if (text.length > digits) throw outOfRange(`${text} has more than ${digits} digits`);
      return text.padStart(digits, "0");
    },
    (bits, text) => {
      if (!digitsOnly.test(text) || text.length !== digits)
        throw malformed(`"${text}" is not ${digits} digits`);
      bits.write(BigInt(text), width);
    },
  );

/** Digits whose leading zeros count: the bits hold the number with a 1 put in front ("Numeric String" in TDS 1.13). */
export const numericString = (width: number, digitsMax: number): Field =>
  onePart(
    (bits) => {
      const text = bits.read(width).toString();
      if (!text.startsWith("1") || text.length < 2)
        throw outOfRange(`${text} is not a digit string after a leading 1`);
      if (text.length - 1 > digitsMax) throw outOfRange(`${text} has more than ${digitsMax} digits`);
      return text.slice(1);
    },
    (bits, text) => {
      if (!digitsOnly.test(text) || text === "") throw malformed(`"${text}" is not a digit string`);
      if (text.length > digitsMax) throw outOfRange(`"${text}" has more than ${digitsMax} digits`);
      bits.write(BigInt(`1${text}`), width);
    },
  );

/** Bits the standard keeps at zero. They have no place in the URI, so anything else in them is refused. */
export const reserved = (width: number): Field => ({
  parts: 0,
  read: (bits) => {
    if (bits.read(width) !== 0n) throw malformed("reserved bits are set");
    return [];
  },
  write: (bits) => bits.write(0n, width),
});

/** Two fields whose texts are one part of the URI: the first has always as many characters as told. */
export const joined = (headCharacters: number, head: Field, tail: Field): Field =>
  onePart(
    (bits) => [...head.read(bits), ...tail.read(bits)].join(""),
    (bits, text, method) => {
      head.write(bits, [text.slice(0, headCharacters)], method);
      tail.write(bits, [text.slice(headCharacters)], method);
    },
  );
