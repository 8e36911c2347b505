import { BitReader, BitWriter } from "./bits.ts";
import { malformed, unknownScheme } from "./epc-error.ts";
import type { Field } from "./field.ts";
import { type Scheme, schemeNamed, schemeWithHeader } from "./scheme.ts";
import { joinParts, splitParts } from "./uri.ts";

/** What a tag says it is, in the three ways GS1 writes it. */
export type EpcIdentity = {
  /** The binary scheme, for instance "sgtin-96". */
  scheme: string;
  /** The pure identity, `urn:epc:id:…`: the same for a thing however its tag is coded. */
  uri: string;
  /** `urn:epc:tag:…`: scheme and filter too, enough to write the tag again. */
  tagUri: string;
  /** `https://id.gs1.org/…`, or null for a scheme that holds no GS1 key (GID, USDOD, ADI). */
  digitalLink: string | null;
};

const headerBits = 8;
const headerHexDigits = 2;
/** The longest tag URI, an ADI whose every character is escaped, has 217. */
const tagUriCharactersMax = 256;
const tagUri = /^urn:epc:tag:([a-z]+-(?:[0-9]+|var)):(.*)$/;

const fieldsOf = (scheme: Scheme): readonly Field[] =>
  scheme.filter === null ? scheme.fields : [scheme.filter, ...scheme.fields];

/**
 * Decodes the EPC bank of a tag by GS1 EPC Tag Data Standard 1.13.
 *
 * `hex` is the code from its header on, in either case of letters, with or without the zeros that pad it to whole words.
 *
 * @throws EpcError `epc_malformed`, `epc_unknown_scheme` or `epc_out_of_range`
 */
export const decodeEpc = (hex: string): EpcIdentity => {
  const bits = new BitReader(hex);
  const header = Number(bits.read(headerBits));
  const scheme = schemeWithHeader(header);
  if (scheme === undefined) throw unknownScheme(`no scheme has the header ${hex.slice(0, headerHexDigits)}`);

  const filter = scheme.filter?.read(bits) ?? [];
  const parts = scheme.fields.flatMap((field) => field.read(bits));
  bits.expectOnlyPadding();

  return {
    scheme: scheme.name,
    uri: `urn:epc:id:${scheme.identity}:${joinParts(parts)}`,
    tagUri: `urn:epc:tag:${scheme.name}:${joinParts([...filter, ...parts])}`,
    digitalLink: scheme.link?.(parts) ?? null,
  };
};

/**
 * Encodes a tag URI (`urn:epc:tag:…`) as upper-case hex, padded at the end with zeros to whole 16-bit words, which is
 * what a reader writes.
 *
 * @throws EpcError `epc_malformed`, `epc_unknown_scheme` or `epc_out_of_range`
 */
export const encodeEpc = (uri: string): string => {
  if (uri.length > tagUriCharactersMax)
    throw malformed(`a tag URI has at most ${tagUriCharactersMax} characters`);
  const [, name, body] = tagUri.exec(uri) ?? [];
  if (name === undefined || body === undefined) throw malformed("expected urn:epc:tag:<scheme>:<parts>");
  const scheme = schemeNamed(name);
  if (scheme === undefined) throw unknownScheme(`no scheme is called "${name}"`);

  const fields = fieldsOf(scheme);
  const parts = splitParts(
    body,
    fields.reduce((sum, field) => sum + field.parts, 0),
  );
  const bits = new BitWriter();
  bits.write(BigInt(scheme.header), headerBits);
  let next = 0;
  for (const field of fields) {
    field.write(bits, parts.slice(next, next + field.parts));
    next += field.parts;
  }
  return bits.hex;
};
