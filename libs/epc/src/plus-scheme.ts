import type { BitReader } from "./bits.ts";
import { BitWriter } from "./bits.ts";
import { readData, writeData } from "./carried-data.ts";
import { date } from "./date.ts";
import type { Datum } from "./digital-link.ts";
import { malformed, outOfRange } from "./epc-error.ts";
import { integer } from "./field.ts";
import { checkKey, type Gs1Key, keyNamed } from "./gs1-key.ts";
import { hostname } from "./hostname.ts";

/**
 * A scheme of TDS 2.x. It holds a GS1 key as application identifiers write it, with a prioritised date before it in the dated ones, the
 * host of its Digital Link behind it in those with two plus signs, and then whatever else the tag carries.
 */
export type PlusScheme = {
  /** As the standard calls it, in small letters: "sgtin+". */
  readonly name: string;
  readonly header: number;
  readonly key: Gs1Key;
  readonly isDated: boolean;
  readonly hasHost: boolean;
};

/** What such a tag says. */
export type PlusCode = {
  readonly filter: string;
  readonly values: readonly string[];
  readonly host: string | null;
  /** In a dated scheme the prioritised date comes first. */
  readonly data: readonly Datum[];
};

const headers: Readonly<Record<string, number>> = {
  "cpi+": 0xf0,
  "grai+": 0xf1,
  "sgln+": 0xf2,
  "itip+": 0xf3,
  "gsrn+": 0xf4,
  "gsrnp+": 0xf5,
  "gdti+": 0xf6,
  "sgtin+": 0xf7,
  "sgcn+": 0xf8,
  "sscc+": 0xf9,
  "giai+": 0xfa,
  "dsgtin+": 0xfb,
  "cpi++": 0xe6,
  "gsrn++": 0xe7,
  "gsrnp++": 0xe8,
  "sgln++": 0xe9,
  "gdti++": 0xea,
  "grai++": 0xeb,
  "sgcn++": 0xec,
  "itip++": 0xed,
  "giai++": 0xee,
  "sscc++": 0xef,
  "dsgtin++": 0xfc,
  "sgtin++": 0xfd,
};

/** Headers are those of TDS 2.3, table 14-1. */
export const plusSchemes: readonly PlusScheme[] = Object.entries(headers).flatMap(([name, header]) => {
  const isDated = name.startsWith("d");
  const key = keyNamed(name.replace(/^d|\++$/g, ""));
  return key === null ? [] : [{ name, header, key, isDated, hasHost: name.endsWith("++") }];
});

const byHeader = new Map(plusSchemes.map((scheme) => [scheme.header, scheme]));
const byName = new Map(plusSchemes.map((scheme) => [scheme.name, scheme]));

export const plusSchemeWithHeader = (header: number): PlusScheme | undefined => byHeader.get(header);
export const plusSchemeNamed = (name: string): PlusScheme | undefined => byName.get(name);

const headerBits = 8;
const dateTypeBits = 4;
/** Each kind of date stands at the number that the tag says (TDS 2.3 §14.5.3). */
const dateIdentifiers = ["11", "13", "15", "16", "17", "7006", "7007"];

const toggle = integer(1);
const filter = integer(3);

const readDate = (bits: BitReader): Datum => {
  const identifier = dateIdentifiers[Number(bits.read(dateTypeBits))];
  if (identifier === undefined) throw outOfRange("the kind of date is not known");
  return [identifier, date.read(bits).join("")];
};

/** The first date among data is the prioritised one. */
const prioritised = (data: readonly Datum[]): Datum | undefined =>
  data.find(([identifier, value]) => dateIdentifiers.includes(identifier) && value.length === 6);

/** Reads what follows the header, and tells how many of the bits are left when all that is understood has been read. */
export const readPlus = (scheme: PlusScheme, bits: BitReader): { code: PlusCode; left: number } => {
  const carriesData = toggle.read(bits)[0] === "1";
  const [filtered = ""] = filter.read(bits);
  const dates = scheme.isDated ? [readDate(bits)] : [];
  const values = scheme.key.fields.flatMap((field) => field.read(bits));
  checkKey(scheme.key, values);
  const host = scheme.hasHost ? hostname.read(bits).join("") : null;
  const code = { filter: filtered, values, host };
  if (carriesData) {
    const carried = readData(bits, [...scheme.key.identifiers, ...dates.map(([identifier]) => identifier)]);
    return { code: { ...code, data: [...dates, ...carried.data] }, left: carried.left };
  }
  const { left } = bits;
  bits.expectOnlyPadding();
  return { code: { ...code, data: dates }, left };
};

/** How to write text and host where the standard leaves a choice; what is shortest without. */
export type PlusMethods = { readonly text?: number; readonly host?: number };

/** @throws EpcError where the code cannot be held: a value out of its limits, or more than a tag has room for */
export const writePlus = (
  scheme: PlusScheme,
  code: PlusCode,
  { text, host }: PlusMethods = {},
): BitWriter => {
  const { key, isDated, hasHost } = scheme;
  const dated = isDated ? prioritised(code.data) : undefined;
  if (isDated && dated === undefined) throw malformed(`${scheme.name} needs a date`);
  const rest = code.data.filter((datum) => datum !== dated);

  checkKey(key, code.values);
  const bits = new BitWriter();
  bits.write(BigInt(scheme.header), headerBits);
  toggle.write(bits, [rest.length === 0 ? "0" : "1"]);
  filter.write(bits, [code.filter]);
  if (dated !== undefined) {
    bits.write(BigInt(dateIdentifiers.indexOf(dated[0])), dateTypeBits);
    date.write(bits, [dated[1]]);
  }
  for (const [index, field] of key.fields.entries()) field.write(bits, [code.values[index] ?? ""], text);
  if (hasHost) hostname.write(bits, [code.host ?? ""], host);
  writeData(bits, rest, [...key.identifiers, ...(dated === undefined ? [] : [dated[0]])]);
  return bits;
};
