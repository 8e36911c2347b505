import type { BitReader, BitWriter } from "./bits.ts";
import { malformed, outOfRange } from "./epc-error.ts";
import { type Field, onePart } from "./field.ts";

/*
 * Dates and times of TDS 2.x: two digits each of year, month, day and what else there is, each pair in bits of its own.
 */

type Pair = { readonly bits: number; readonly min: number; readonly max: number };

const year: Pair = { bits: 7, min: 0, max: 99 };
const month: Pair = { bits: 4, min: 1, max: 12 };
/** Day 0 stands for the end of the month. */
const day: Pair = { bits: 5, min: 0, max: 31 };
const hour: Pair = { bits: 5, min: 0, max: 24 };
const sixtieth: Pair = { bits: 6, min: 0, max: 59 };

const wholeDate = [year, month, day];
const daysOfMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const check = (text: string, pairs: readonly Pair[]): void => {
  const values = (text.match(/../g) ?? []).map(Number);
  const fits = pairs.every(({ min, max }, index) => {
    const value = values[index] ?? Number.NaN;
    return value >= min && value <= max;
  });
  const [, months = 0, days = 0, hours = 0, ...sixtieths] = values;
  if (!fits || days > (daysOfMonths[months - 1] ?? 0)) throw outOfRange(`"${text}" is no date`);
  if (hours === 24 && sixtieths.some((value) => value !== 0))
    throw outOfRange(`"${text}" is no time of a day`);
};

const read = (bits: BitReader, pairs: readonly Pair[]): string => {
  const text = pairs.map((pair) => bits.read(pair.bits).toString().padStart(2, "0")).join("");
  if (text.length > pairs.length * 2) throw outOfRange(`"${text}" is no date`);
  check(text, pairs);
  return text;
};

const write = (bits: BitWriter, text: string, pairs: readonly Pair[]): void => {
  if (!/^\d+$/.test(text) || text.length !== pairs.length * 2) throw malformed(`"${text}" is no date`);
  check(text, pairs);
  for (const [index, pair] of pairs.entries())
    bits.write(BigInt(text.slice(index * 2, index * 2 + 2)), pair.bits);
};

const fixed = (pairs: readonly Pair[]): Field =>
  onePart(
    (bits) => read(bits, pairs),
    (bits, text) => write(bits, text, pairs),
  );

/** One of several forms, and which it is before it. */
const oneOf = (width: number, forms: readonly (readonly Pair[])[]): Field =>
  onePart(
    (bits) => read(bits, forms[Number(bits.read(width))] ?? []),
    (bits, text) => {
      const form = forms.findIndex((pairs) => pairs.length * 2 === text.length);
      if (form < 0) throw malformed(`"${text}" is no date`);
      bits.write(BigInt(form), width);
      write(bits, text, forms[form] ?? []);
    },
  );

/** YYMMDD (TDS 2.3 §14.5.8). */
export const date = fixed(wholeDate);

/** YYMMDDhhmm (TDS 2.3 §14.5.9). */
export const dateAndTime = fixed([...wholeDate, hour, sixtieth]);

/** YYMMDD, or two of them (TDS 2.3 §14.5.10). */
export const dateOrRange: Field = onePart(
  (bits) => (bits.read(1) === 0n ? read(bits, wholeDate) : read(bits, wholeDate) + read(bits, wholeDate)),
  (bits, text) => {
    const dates = text.length === 12 ? [text.slice(0, 6), text.slice(6)] : [text];
    bits.write(BigInt(dates.length - 1), 1);
    for (const one of dates) write(bits, one, wholeDate);
  },
);

/** YYMMDD with hours, minutes and seconds as far as they are known (TDS 2.3 §14.5.11). */
export const timeOfAnyPrecision = oneOf(2, [
  [...wholeDate, hour],
  [...wholeDate, hour, sixtieth],
  [...wholeDate, hour, sixtieth, sixtieth],
  wholeDate,
]);
