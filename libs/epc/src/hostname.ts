import type { BitReader, BitWriter } from "./bits.ts";
import { urnCode40 } from "./characters.ts";
import { malformed, outOfRange } from "./epc-error.ts";
import { type Field, onePart } from "./field.ts";
import { longStarts, longText, type Shorthand, shorthands, shortText } from "./host-shorthands.ts";

const lengthBits = 6;
const unitBits = 7;
const unitsMax = 63;

/** Names between dots, and a port: what else a tag could hold there would change what the link means. */
const hostName = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::[0-9]{1,5})?$/;

const checkHost = (host: string): void => {
  if (!hostName.test(host)) throw outOfRange(`"${host}" is no host name`);
};

/** The ways to write a host: as URN Code 40, or as ASCII with or without shorthands. */
export const hostMethods = { code40: 0, ascii: 1, shortened: 2 } as const;

const readUnits = (bits: BitReader, length: number): string => {
  let text = "";
  for (let units = 0; units < length; units += 1) {
    const value = Number(bits.read(unitBits));
    const isLong = value < longStarts;
    const shorthand = isLong ? longText((value << unitBits) | Number(bits.read(unitBits))) : shortText(value);
    if (isLong) units += 1;
    if (isLong && shorthand === undefined) throw malformed("a shorthand in the host is not known");
    if (units >= length) throw malformed("the host ends within a shorthand");
    text += shorthand ?? String.fromCharCode(value);
  }
  return text;
};

const shorthandAt = (host: string, start: number): Shorthand | undefined =>
  shorthands.find(({ text }) => host.startsWith(text, start));

/** The units of seven bits that stand for a host. */
const unitsOf = (host: string, isShortened: boolean): readonly number[] => {
  const units: number[] = [];
  for (let start = 0; start < host.length; ) {
    const found = isShortened ? shorthandAt(host, start) : undefined;
    if (found === undefined) units.push(host.charCodeAt(start));
    else if (found.units === 1) units.push(found.value);
    else units.push(found.value >> unitBits, found.value & (2 ** unitBits - 1));
    start += found?.text.length ?? 1;
  }
  return units;
};

const writeUnits = (bits: BitWriter, units: readonly number[]): void => {
  if (units.length > unitsMax) throw outOfRange(`a host of ${units.length} characters is too long`);
  bits.write(1n, 1);
  bits.write(BigInt(units.length), lengthBits);
  for (const unit of units) bits.write(BigInt(unit), unitBits);
};

const writeCode40 = (bits: BitWriter, capitals: string): void => {
  if (!urnCode40.allowed.test(capitals) || capitals.length > unitsMax)
    throw outOfRange(`"${capitals}" is no host for URN Code 40`);
  bits.write(0n, 1);
  bits.write(BigInt(capitals.length), lengthBits);
  urnCode40.write(bits, capitals);
};

/**
 * The host of a Digital Link, in small letters however the tag writes it, since a host's name means the same in capitals
 * ("Custom domain name or hostname", TDS 2.3 §14.5.16).
 */
export const hostname: Field = onePart(
  (bits) => {
    const isAscii = bits.read(1) === 1n;
    const length = Number(bits.read(lengthBits));
    const host = (isAscii ? readUnits(bits, length) : urnCode40.read(bits, length)).toLowerCase();
    checkHost(host);
    return host;
  },
  (bits, host, method = hostMethods.shortened) => {
    checkHost(host);
    if (method === hostMethods.code40) writeCode40(bits, host.toUpperCase());
    else writeUnits(bits, unitsOf(host, method === hostMethods.shortened));
  },
);
