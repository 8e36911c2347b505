import { base64 } from "./characters.ts";
import { malformed, outOfRange } from "./epc-error.ts";
import { type Field, onePart } from "./field.ts";

/*
 * Codes of TDS 2.x for a single sort of value each.
 */

const countryLetters = 2;
const capitals = /^[A-Z]{2}$/;

const checkCountry = (text: string): void => {
  if (!capitals.test(text)) throw outOfRange(`"${text}" is no country code`);
};

/** A country by its two letters (TDS 2.3 §14.5.12). */
export const country: Field = onePart(
  (bits) => {
    const text = base64.read(bits, countryLetters);
    checkCountry(text);
    return text;
  },
  (bits, text) => {
    checkCountry(text);
    base64.write(bits, text);
  },
);

/** One of two texts. */
const either = (clear: string, set: string): Field =>
  onePart(
    (bits) => (bits.read(1) === 0n ? clear : set),
    (bits, text) => {
      if (text !== clear && text !== set) throw malformed(`"${text}" is neither "${clear}" nor "${set}"`);
      bits.write(text === set ? 1n : 0n, 1);
    },
  );

/** No or yes (TDS 2.3 §14.5.7). */
export const oneBit = either("0", "1");

/** The sign behind a temperature below zero (TDS 2.3 §14.5.14). */
export const minusSign = either("", "-");

const digitBits = 4;
const oneOfMany = /^([1-9])\/([1-9])$/;

/** "1/3": the first of three (TDS 2.3 §14.5.15). */
export const sequenceOf: Field = onePart(
  (bits) => {
    const text = `${bits.read(digitBits)}/${bits.read(digitBits)}`;
    if (!oneOfMany.test(text)) throw outOfRange(`"${text}" is no place in a sequence`);
    return text;
  },
  (bits, text) => {
    const [, place = "", count = ""] = oneOfMany.exec(text) ?? [];
    if (place === "") throw malformed(`"${text}" is no place in a sequence`);
    bits.write(BigInt(place), digitBits);
    bits.write(BigInt(count), digitBits);
  },
);
