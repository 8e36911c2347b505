import { alphanumeric } from "./alphanumeric.ts";
import { bitsForDigits, bitsForLength } from "./bits.ts";
import { malformed, outOfRange } from "./epc-error.ts";
import { type Field, onePart, paddedDigits } from "./field.ts";

/*
 * Digits in TDS 2.x. All of them keep leading zeros.
 */

const digitBits = 4;
const digitsOnly = /^[0-9]*$/;

/** After the digits of a text: that letters follow, or that nothing does. */
const delimiter = 0xe;
const terminator = 0xf;

/** Company prefixes have four digits and more, and keys that may hold letters begin with one. */
const leadingDigitsMin = 4;

const checkDigits = (text: string): void => {
  if (!digitsOnly.test(text)) throw outOfRange(`"${text}" has other characters than digits`);
};

/** Four bits for each of so many digits, so that a reader can select tags by some of them (TDS 2.3 §14.5.4). */
export const digitsInHex = (count: number): Field =>
  onePart(
    (bits) => {
      const text = bits
        .read(count * digitBits)
        .toString(16)
        .padStart(count, "0");
      checkDigits(text);
      return text;
    },
    (bits, text) => {
      checkDigits(text);
      if (text.length !== count) throw malformed(`"${text}" is not ${count} digits`);
      bits.write(BigInt(`0x${text}`), count * digitBits);
    },
  );

/** So many digits as one number, in the bits that the largest needs (TDS 2.3 §14.5.2). */
export const packedDigits = (count: number): Field => paddedDigits(bitsForDigits(count), count);

/** How many digits there are, then these as one number (TDS 2.3 §14.5.13). */
export const countedDigits = (digitsMax: number, { digitsMin = 1 } = {}): Field => {
  const check = (count: number): void => {
    if (count < digitsMin || count > digitsMax)
      throw outOfRange(`${count} digits are not from ${digitsMin} to ${digitsMax}`);
  };
  const lengthBits = bitsForLength(digitsMax);
  return onePart(
    (bits) => {
      const count = Number(bits.read(lengthBits));
      check(count);
      return packedDigits(count).read(bits).join("");
    },
    (bits, text) => {
      check(text.length);
      bits.write(BigInt(text.length), lengthBits);
      packedDigits(text.length).write(bits, [text]);
    },
  );
};

/**
 * Digits of four bits each up to a sign that says whether letters follow; these are coded as any other text (TDS 2.3 §14.5.5). So a
 * reader can select tags by their company prefix.
 */
export const delimited = (charactersMax: number, allowed?: RegExp): Field => {
  const rest = alphanumeric(charactersMax, allowed === undefined ? {} : { allowed });
  const check = (digits: string, letters: string): void => {
    if (digits.length < leadingDigitsMin)
      throw outOfRange(`"${digits}${letters}" does not begin with ${leadingDigitsMin} digits`);
    if (digits.length + letters.length > charactersMax)
      throw outOfRange(`"${digits}${letters}" has more than ${charactersMax} characters`);
    if (/^[0-9]/.test(letters)) throw malformed(`"${letters}" follows the digits and begins with one`);
  };
  return onePart(
    (bits) => {
      let digits = "";
      let code = Number(bits.read(digitBits));
      for (; code <= 9; code = Number(bits.read(digitBits))) digits += code;
      if (code !== delimiter && code !== terminator)
        throw outOfRange(`${code} is neither a digit nor an end`);
      const letters = code === delimiter ? rest.read(bits).join("") : "";
      check(digits, letters);
      return digits + letters;
    },
    (bits, text, method) => {
      const digits = /^[0-9]*/.exec(text)?.[0] ?? "";
      const letters = text.slice(digits.length);
      check(digits, letters);
      digitsInHex(digits.length).write(bits, [digits]);
      bits.write(BigInt(letters === "" ? terminator : delimiter), digitBits);
      if (letters !== "") rest.write(bits, [letters], method);
    },
  );
};
