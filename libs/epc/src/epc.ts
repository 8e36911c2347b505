import { BitReader, BitWriter } from "./bits.ts";
import { canonicalHost, type Datum, linkText, readLink } from "./digital-link.ts";
import { malformed, outOfRange, unknownScheme } from "./epc-error.ts";
import type { Field } from "./field.ts";
import {
  type PlusScheme,
  plusSchemeNamed,
  plusSchemeWithHeader,
  readPlus,
  writePlus,
} from "./plus-scheme.ts";
import { hexOfRawUri, rawUriOf } from "./raw-uri.ts";
import { type Scheme, schemeNamed, schemeWithHeader } from "./scheme.ts";
import { joinParts, splitParts } from "./uri.ts";

/**
 * What a tag says it is.
 *
 * A tag of TDS 1.13 has the three names that GS1 writes. One of TDS 2.x (`sgtin+`, `sgtin++` …) does not say how long the company prefix
 * is, so the standard has neither a pure identity nor a tag URI for it; EPCIS 2.0 calls the thing by its canonical Digital Link, and the
 * tag is told by its bits. So no member is ever missing, and `uri` is in either case what EPCIS calls the thing.
 */
export type EpcIdentity = {
  /** The binary scheme, for instance "sgtin-96" or "sgtin+". */
  scheme: string;
  /**
   * The thing, the same for all tags of the scheme that name it: `urn:epc:id:…`, or for a scheme of TDS 2.x
   * `https://id.gs1.org/…` without host, date or data of the tag. `isSameThing` tells across schemes.
   */
  uri: string;
  /** The tag, enough to write it again: `urn:epc:tag:…` with its filter, or `urn:epc:raw:…` for a scheme of TDS 2.x. */
  tagUri: string;
  /**
   * Where to ask about the thing: `https://id.gs1.org/…`, on the tag's own host and with the data it carries where there are such; null for
   * a scheme that holds no GS1 key (GID, USDOD, ADI).
   */
  digitalLink: string | null;
  /**
   * What a tag of TDS 2.x says besides, by application identifier: {"17": "261231", "10": "LOT7"}. Absent where it says nothing.
   * What is not understood there is left out, with all that follows; `tagUri` has it.
   */
  data?: Readonly<Record<string, string>>;
};

const headerBits = 8;
const headerHexDigits = 2;
const hexDigitBits = 4;
const wordHexDigits = 4;
/** The longest tag URI, an ADI whose every character is escaped, has 217. */
const tagUriCharactersMax = 256;
const tagUri = /^urn:epc:tag:([a-z]+-(?:[0-9]+|var)):(.*)$/;

const fieldsOf = (scheme: Scheme): readonly Field[] =>
  scheme.filter === null ? scheme.fields : [scheme.filter, ...scheme.fields];

const decodePartitioned = (scheme: Scheme, bits: BitReader): EpcIdentity => {
  const filter = scheme.filter?.read(bits) ?? [];
  const parts = scheme.fields.flatMap((field) => field.read(bits));
  bits.expectOnlyPadding();
  const { key } = scheme;
  return {
    scheme: scheme.name,
    uri: `urn:epc:id:${scheme.identity}:${joinParts(parts)}`,
    tagUri: `urn:epc:tag:${scheme.name}:${joinParts([...filter, ...parts])}`,
    digitalLink:
      key === null ? null : linkText({ host: canonicalHost, key, values: key.valuesOf(parts), data: [] }),
  };
};

/** The words of a tag up to the last that says something: readers differ in how many they tell. */
const saidWords = (hex: string, bitsRead: number): string => {
  const digits = Math.max(Math.ceil(bitsRead / hexDigitBits), hex.replace(/0+$/, "").length);
  const whole = Math.ceil(digits / wordHexDigits) * wordHexDigits;
  return hex.slice(0, whole).padEnd(whole, "0");
};

const decodePlus = (scheme: PlusScheme, bits: BitReader, hex: string): EpcIdentity => {
  const { code, left } = readPlus(scheme, bits);
  const { key } = scheme;
  const { values, data, host } = code;
  return {
    scheme: scheme.name,
    uri: linkText({ host: canonicalHost, key, values, data: [] }),
    tagUri: rawUriOf(saidWords(hex, hex.length * hexDigitBits - left)),
    digitalLink: linkText({ host: host ?? canonicalHost, key, values, data }),
    ...(data.length === 0 ? {} : { data: Object.fromEntries(data) }),
  };
};

/**
 * Decodes the EPC bank of a tag by GS1 EPC Tag Data Standard 1.13 or 2.3.
 *
 * `hex` is the code from its header on, in either case of letters, with or without the zeros that pad it to whole words.
 *
 * @throws EpcError `epc_malformed`, `epc_unknown_scheme` or `epc_out_of_range`
 */
export const decodeEpc = (hex: string): EpcIdentity => {
  const bits = new BitReader(hex);
  const header = Number(bits.read(headerBits));
  const scheme = schemeWithHeader(header);
  if (scheme !== undefined) return decodePartitioned(scheme, bits);
  const plus = plusSchemeWithHeader(header);
  if (plus !== undefined) return decodePlus(plus, bits, hex);
  throw unknownScheme(`no scheme has the header ${hex.slice(0, headerHexDigits)}`);
};

/** Writes a code of TDS 1.13: the filter where the scheme has one, then its parts. @throws EpcError where it cannot hold them */
export const writeParts = (scheme: Scheme, parts: readonly string[]): BitWriter => {
  const bits = new BitWriter();
  bits.write(BigInt(scheme.header), headerBits);
  let next = 0;
  for (const field of fieldsOf(scheme)) {
    field.write(bits, parts.slice(next, next + field.parts));
    next += field.parts;
  }
  return bits;
};

/**
 * Encodes a tag URI (`urn:epc:tag:…`, or `urn:epc:raw:…` of hex) as upper-case hex, padded at the end with zeros to whole 16-bit words,
 * which is what a reader writes.
 *
 * @throws EpcError `epc_malformed`, `epc_unknown_scheme` or `epc_out_of_range`
 */
export const encodeEpc = (uri: string): string => {
  if (uri.length > tagUriCharactersMax)
    throw malformed(`a tag URI has at most ${tagUriCharactersMax} characters`);
  const raw = hexOfRawUri(uri);
  if (raw !== undefined) return raw;
  const [, name, body] = tagUri.exec(uri) ?? [];
  if (name === undefined || body === undefined) throw malformed("expected urn:epc:tag:<scheme>:<parts>");
  const scheme = schemeNamed(name);
  if (scheme === undefined) throw unknownScheme(`no scheme is called "${name}"`);
  const count = fieldsOf(scheme).reduce((sum, field) => sum + field.parts, 0);
  return writeParts(scheme, splitParts(body, count)).hex;
};

export type LinkCoding = {
  /** "sgtin-96", "sgtin+", "sgtin++" … */
  readonly scheme: string;
  /** 0 to 7; 0, "all others", without it. */
  readonly filter?: number;
  /** 6 to 12: how much of the key is the company's. A scheme of TDS 1.13 needs it, one of TDS 2.x does not have it. */
  readonly companyPrefixDigits?: number;
};

const encodePartitioned = (
  scheme: Scheme,
  values: readonly string[],
  { filter = 0, companyPrefixDigits }: LinkCoding,
): string => {
  if (companyPrefixDigits === undefined)
    throw malformed(`${scheme.name} needs the length of the company prefix`);
  const parts = scheme.key?.partsOf(values, companyPrefixDigits) ?? [];
  return writeParts(scheme, [String(filter), ...parts]).hex;
};

const dataForbidden = (scheme: Scheme, data: readonly Datum[]): void => {
  if (data.length > 0) throw outOfRange(`${scheme.name} has no room for (${data[0]?.[0]})`);
};

/**
 * Encodes the thing that a GS1 Digital Link names, in a scheme of choice, as upper-case hex of whole 16-bit words. Application
 * identifiers in the link besides the key's become the data of a tag of TDS 2.x; the link's host is held by a scheme with two plus signs.
 *
 * @throws EpcError `epc_malformed` for what is no such link or lacks what the scheme needs, `epc_unknown_scheme` for a scheme that does not
 *   exist or holds another kind of key, `epc_out_of_range` where the scheme cannot hold it
 */
export const encodeLink = (link: string, coding: LinkCoding): string => {
  const { host, key, values, data } = readLink(link);
  const scheme = schemeNamed(coding.scheme);
  const plus = plusSchemeNamed(coding.scheme);
  if ((scheme?.key ?? plus?.key) !== key) throw unknownScheme(`"${coding.scheme}" holds no ${key.name}`);
  if (plus !== undefined)
    return writePlus(plus, { filter: String(coding.filter ?? 0), values, host, data }).hex;
  if (scheme === undefined) throw unknownScheme(`no scheme is called "${coding.scheme}"`);
  dataForbidden(scheme, data);
  return encodePartitioned(scheme, values, coding);
};
