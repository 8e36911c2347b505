import type { BitReader, BitWriter } from "./bits.ts";
import { malformed, outOfRange } from "./epc-error.ts";
import { type Field, onePart } from "./field.ts";

/** The 82 characters GS1 allows in serial numbers (GS1 General Specifications, AI encodable character set 82). */
const characterSet82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;

/** CAGE codes and DoDAACs: capitals and digits without I and O, which read as 1 and 0. A CAGE code has one less. */
const cageOrDodaac = /^[0-9A-HJ-NP-Z]{5,6}$/;

const checkLength = (text: string, charactersMax: number): void => {
  if (text.length > charactersMax) throw outOfRange(`"${text}" has more than ${charactersMax} characters`);
};

/**
 * 7-bit ASCII, filled with zeros to the width of the field ("String" in TDS 1.13). `charactersMax` may be less than
 * what would fit.
 */
export const text7 = (width: number, charactersMax: number = Math.floor(width / 7)): Field =>
  onePart(
    (bits) => {
      let text = "";
      let left = width;
      for (let code = 1; code !== 0 && left >= 7; left -= 7) {
        code = Number(bits.read(7));
        if (code !== 0) text += String.fromCharCode(code);
      }
      if (bits.read(left) !== 0n) throw malformed("characters follow the end of the text");
      if (!characterSet82.test(text)) throw outOfRange("the text is empty or not in GS1 character set 82");
      checkLength(text, charactersMax);
      return text;
    },
    (bits, text) => {
      if (!characterSet82.test(text)) throw outOfRange("the text is empty or not in GS1 character set 82");
      checkLength(text, charactersMax);
      for (const character of text) bits.write(BigInt(character.charCodeAt(0)), 7);
      const left = width - text.length * 7;
      bits.write(0n, left);
    },
  );

/** Six bits are the low bits of the ASCII code: 1 to 31 are A to Z and their neighbours, 32 to 63 stand for themselves. */
const readSix = (bits: BitReader): number => {
  const code = Number(bits.read(6));
  return code === 0 || code >= 32 ? code : code + 64;
};

const writeSix = (bits: BitWriter, text: string): void => {
  for (const character of text) bits.write(BigInt(character.charCodeAt(0) & 0x3f), 6);
};

/** 6-bit text of any length that ends with six zero bits ("6-bit Variable String" in TDS 1.13). */
export const text6 = ({ allowed, charactersMax }: { allowed: RegExp; charactersMax: number }): Field => {
  const check = (text: string): void => {
    checkLength(text, charactersMax);
    if (!allowed.test(text)) throw outOfRange(`"${text}" has characters that this field does not allow`);
  };
  return onePart(
    (bits) => {
      let text = "";
      for (let code = readSix(bits); code !== 0; code = readSix(bits)) text += String.fromCharCode(code);
      check(text);
      return text;
    },
    (bits, text) => {
      check(text);
      writeSix(bits, text);
      bits.write(0n, 6);
    },
  );
};

const withoutPadSpace = (text: string): string => {
  const code = text.startsWith(" ") ? text.slice(1) : text;
  // A space that stands for a sixth character belongs to a five-character CAGE code alone.
  if (!cageOrDodaac.test(code)) throw outOfRange(`"${text}" is neither a CAGE code nor a DoDAAC`);
  return code;
};

const padToSix = (text: string): string => {
  if (!cageOrDodaac.test(text)) throw outOfRange(`"${text}" is neither a CAGE code nor a DoDAAC`);
  return text.padStart(6, " ");
};

/** A CAGE code or DoDAAC as six 6-bit characters, a CAGE code after a space ("6-bit CAGE/DODAAC" in TDS 1.13). */
export const cage6: Field = onePart(
  (bits) => withoutPadSpace(String.fromCharCode(...Array.from({ length: 6 }, () => readSix(bits)))),
  (bits, text) => writeSix(bits, padToSix(text)),
);

/** A CAGE code or DoDAAC as six 8-bit ASCII characters, a CAGE code after a space. */
export const cage8: Field = onePart(
  (bits) => withoutPadSpace(String.fromCharCode(...Array.from({ length: 6 }, () => Number(bits.read(8))))),
  (bits, text) => {
    for (const character of padToSix(text)) bits.write(BigInt(character.charCodeAt(0)), 8);
  },
);
