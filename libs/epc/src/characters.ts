import { type BitReader, type BitWriter, bitsForDigits } from "./bits.ts";
import { malformed } from "./epc-error.ts";
import { paddedDigits } from "./field.ts";

/** A way to write characters whose count is known. */
export type Characters = {
  /** The texts that can be written so. */
  readonly allowed: RegExp;
  readonly bits: (count: number) => number;
  readonly read: (bits: BitReader, count: number) => string;
  readonly write: (bits: BitWriter, text: string) => void;
};

/** All digits as one number; leading zeros count. */
export const digits: Characters = {
  allowed: /^[0-9]*$/,
  bits: bitsForDigits,
  read: (bits, count) => paddedDigits(bitsForDigits(count), count).read(bits).join(""),
  write: (bits, text) => paddedDigits(bitsForDigits(text.length), text.length).write(bits, [text]),
};

/** Each character as its place in an alphabet. */
const fromAlphabet = (alphabet: string, width: number, allowed: RegExp): Characters => ({
  allowed,
  bits: (count) => count * width,
  read: (bits, count) => {
    let text = "";
    for (let index = 0; index < count; index += 1) text += alphabet[Number(bits.read(width))] ?? "";
    return text;
  },
  write: (bits, text) => {
    for (const character of text) bits.write(BigInt(alphabet.indexOf(character)), width);
  },
});

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

export const upperHex = fromAlphabet("0123456789ABCDEF", 4, /^[0-9A-F]*$/);
export const lowerHex = fromAlphabet("0123456789abcdef", 4, /^[0-9a-f]*$/);

/** The base64 of file names and URIs. */
export const base64 = fromAlphabet(`${capitals}${capitals.toLowerCase()}0123456789-_`, 6, /^[\w-]*$/);

/** Seven bits of ASCII each. */
export const ascii7: Characters = {
  allowed: /^[!-~]*$/,
  bits: (count) => count * 7,
  read: (bits, count) => String.fromCharCode(...Array.from({ length: count }, () => Number(bits.read(7)))),
  write: (bits, text) => {
    for (const character of text) bits.write(BigInt(character.charCodeAt(0)), 7);
  },
};

/** The first is none: it fills up the last three. */
const code40 = ` ${capitals}-.:0123456789`;
const code40Characters = 3;
const code40Bits = 16;

const readThree = (bits: BitReader): string => {
  const three = Number(bits.read(code40Bits)) - 1;
  if (three < 0 || three >= 40 ** code40Characters) throw malformed(`${three + 1} is no three characters`);
  const places = [Math.floor(three / 1600), Math.floor(three / 40) % 40, three % 40];
  return places.map((place) => code40[place]).join("");
};

/** Three characters in sixteen bits (URN Code 40, TDS 2.3 §14.5.6.5). */
export const urnCode40: Characters = {
  allowed: /^[A-Z\-.:0-9]*$/,
  bits: (count) => Math.ceil(count / code40Characters) * code40Bits,
  read: (bits, count) => {
    let text = "";
    while (text.length < count) text += readThree(bits);
    const end = text.slice(count);
    text = text.slice(0, count);
    if (text.includes(" ") || end.trim() !== "") throw malformed("the text is not as long as it says");
    return text;
  },
  write: (bits, text) => {
    for (let start = 0; start < text.length; start += code40Characters) {
      const [first, second, third] = text.slice(start, start + code40Characters).padEnd(code40Characters);
      const place = (character = " "): number => code40.indexOf(character);
      bits.write(BigInt(place(first) * 1600 + place(second) * 40 + place(third) + 1), code40Bits);
    }
  },
};
