import { identifierDigits, valueField } from "./application-identifier.ts";
import type { BitReader, BitWriter } from "./bits.ts";
import type { Datum } from "./digital-link.ts";
import { EpcError, malformed, outOfRange } from "./epc-error.ts";

/*
 * "+AIDC data": what a tag says behind the name of the thing, each value behind its application identifier (TDS 2.3 §15.3).
 */

const digitBits = 4;
const startDigits = 2;

const readDigits = (bits: BitReader, count: number): string => {
  const text = bits
    .read(count * digitBits)
    .toString(16)
    .padStart(count, "0");
  if (!/^[0-9]+$/.test(text)) throw malformed(`${text} begins no application identifier`);
  return text;
};

const readIdentifier = (bits: BitReader): string => {
  const start = readDigits(bits, startDigits);
  const digits = identifierDigits(start);
  if (digits === undefined) throw malformed(`no application identifier begins with ${start}`);
  return digits === startDigits ? start : start + readDigits(bits, digits - startDigits);
};

const readDatum = (bits: BitReader): Datum => {
  const identifier = readIdentifier(bits);
  const field = valueField(identifier);
  if (field === undefined) throw malformed(`${identifier} is not an application identifier`);
  return [identifier, field.read(bits).join("")];
};

/** The data that a tag carries as far as it can be read, and the bits that are left then. */
export type Carried = { readonly data: readonly Datum[]; readonly left: number };

/**
 * Reads until only padding is left, or something that is not understood: a value of a newer standard, or one said twice. What comes
 * after that cannot be read, since nothing says where it begins; the name of the thing stands before it all and is not touched.
 */
export const readData = (bits: BitReader, said: readonly string[]): Carried => {
  const data: Datum[] = [];
  const known = new Set(said);
  let left = bits.left;
  try {
    while (bits.leftUntilZeros > 0) {
      const datum = readDatum(bits);
      if (known.has(datum[0])) break;
      known.add(datum[0]);
      data.push(datum);
      left = bits.left;
    }
  } catch (error) {
    if (!(error instanceof EpcError)) throw error;
  }
  return { data, left };
};

/** @throws EpcError `epc_out_of_range` for an identifier that TDS 2.3 does not know, or that is said twice, or a value that does not fit it */
export const writeData = (bits: BitWriter, data: readonly Datum[], said: readonly string[]): void => {
  const known = new Set(said);
  for (const [identifier, value] of data) {
    const field = valueField(identifier);
    if (field === undefined) throw outOfRange(`a tag cannot say (${identifier})`);
    if (known.has(identifier)) throw outOfRange(`(${identifier}) is said twice`);
    known.add(identifier);
    bits.write(BigInt(`0x${identifier}`), identifier.length * digitBits);
    field.write(bits, [value]);
  }
};
