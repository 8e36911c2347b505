import { describeTag } from "./classify.ts";
import { encodeEpc } from "./epc.ts";
import { EpcError } from "./epc-error.ts";
import { type Scheme, schemes } from "./scheme.ts";
import { splitParts } from "./uri.ts";

const pureIdentity = /^urn:epc:id:([a-z]+):(.+)$/;
/** The filter follows the header. GS1's has three bits; these have four and six. */
const filterBits: Readonly<Record<string, number>> = { usdod: 4, adi: 6 };
const gs1FilterBits = 3;
const headerHexDigits = 2;
const byteBits = 8;
/** Zeros that pad a code to whole 16-bit words; a tag may be known without them. */
const paddingDigitsMax = 3;

const isEpcError = (error: unknown): boolean => error instanceof EpcError;

const schemesOf = (identity: string): readonly Scheme[] =>
  schemes.filter((scheme) => scheme.identity === identity);

const encoded = (scheme: Scheme, body: string): string | undefined => {
  try {
    return encodeEpc(`urn:epc:tag:${scheme.name}:${scheme.filter === null ? "" : "0."}${body}`);
  } catch (error) {
    if (isEpcError(error)) return undefined;
    throw error;
  }
};

/** A code as it is, and with fewer of its zeros as long as it still says the same. */
const spellingsOf = (hex: string, uri: string): string[] => {
  const zeros = Math.min(/0*$/.exec(hex)?.[0].length ?? 0, paddingDigitsMax);
  const shorter = Array.from({ length: zeros }, (_, count) => hex.slice(0, -1 - count));
  const same = shorter.filter((one) => {
    const identity = describeTag(one);
    return "uri" in identity && identity.uri === uri;
  });
  return [hex, ...same];
};

/** The same code with each value of its filter; only the bits after the header differ. */
const filtersOf = (hex: string, scheme: Scheme): string[] => {
  if (scheme.filter === null) return [hex];
  const bits = filterBits[scheme.identity] ?? gs1FilterBits;
  const end = headerHexDigits + byteBits / 4;
  const byte = Number.parseInt(hex.slice(headerHexDigits, end), 16);
  return Array.from({ length: 2 ** bits }, (_, filter) => {
    const filtered = (filter << (byteBits - bits)) | byte;
    return (
      hex.slice(0, headerHexDigits) + filtered.toString(16).toUpperCase().padStart(2, "0") + hex.slice(end)
    );
  });
};

/**
 * Every tag, as hex, that says this pure identity (`urn:epc:id:…`): one for each scheme and filter value that can hold it, with and
 * without the zeros at its end. Empty for what is no pure identity of a known scheme.
 */
export const tagsOf = (uri: string): readonly string[] => {
  const [, identity = "", body = ""] = pureIdentity.exec(uri) ?? [];
  return schemesOf(identity).flatMap((scheme) => {
    const hex = encoded(scheme, body);
    if (hex === undefined) return [];
    return spellingsOf(hex, uri).flatMap((spelling) => filtersOf(spelling, scheme));
  });
};

/** The canonical Digital Link of a pure identity; null where it is none, or holds no GS1 key. */
export const digitalLinkOf = (uri: string): string | null => {
  const [, identity = "", body = ""] = pureIdentity.exec(uri) ?? [];
  const scheme = schemesOf(identity).find(({ link }) => link !== null);
  if (scheme?.link == null) return null;
  const count = scheme.fields.reduce((sum, field) => sum + field.parts, 0);
  try {
    return scheme.link(splitParts(body, count));
  } catch (error) {
    if (isEpcError(error)) return null;
    throw error;
  }
};
