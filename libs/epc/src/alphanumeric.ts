import type { BitReader, BitWriter } from "./bits.ts";
import { bitsForLength } from "./bits.ts";
import { ascii7, base64, type Characters, digits, lowerHex, upperHex, urnCode40 } from "./characters.ts";
import { malformed, outOfRange } from "./epc-error.ts";
import { type Field, onePart } from "./field.ts";

/** The ways in which TDS 2.x writes text; each stands at the number that the tag says (TDS 2.3, table E). */
const methods: readonly Characters[] = [digits, upperHex, lowerHex, base64, ascii7, urnCode40];

const methodBits = 3;

/** Each number that a method has. */
export const methodNumbers: readonly number[] = methods.keys().toArray();

/** The 82 characters GS1 allows in text (GS1 General Specifications, AI encodable character set 82). */
const characterSet82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/;

const shortest = (text: string): number => {
  const able = methodNumbers.filter((number) => methods[number]?.allowed.test(text));
  const bits = (number: number): number => methods[number]?.bits(text.length) ?? Number.POSITIVE_INFINITY;
  return able.reduce((best, number) => (bits(number) < bits(best) ? number : best), able[0] ?? 0);
};

type Limits = { readonly charactersMin?: number; readonly allowed?: RegExp };

/**
 * Text of any length up to a limit: how it is written, how long it is, and the characters ("Variable-length alphanumeric", TDS 2.3
 * §14.5.6). A tag may use any way that can hold its text; without being told which, the shortest is written.
 */
export const alphanumeric = (
  charactersMax: number,
  { charactersMin = 1, allowed = characterSet82 }: Limits = {},
): Field => {
  const lengthBits = bitsForLength(charactersMax);
  const check = (text: string, length = text.length): void => {
    if (length < charactersMin || length > charactersMax)
      throw outOfRange(`${length} characters are not from ${charactersMin} to ${charactersMax}`);
    if (!allowed.test(text)) throw outOfRange(`"${text}" has characters that are not allowed here`);
  };
  return onePart(
    (bits: BitReader) => {
      const method = methods[Number(bits.read(methodBits))];
      if (method === undefined) throw malformed("the text is written in no way that is known");
      const length = Number(bits.read(lengthBits));
      check("", length);
      const text = method.read(bits, length);
      check(text);
      return text;
    },
    (bits: BitWriter, text, number = shortest(text)) => {
      check(text);
      const method = methods[number];
      if (method?.allowed.test(text) !== true) throw outOfRange(`"${text}" cannot be written so`);
      bits.write(BigInt(number), methodBits);
      bits.write(BigInt(text.length), lengthBits);
      method.write(bits, text);
    },
  );
};
