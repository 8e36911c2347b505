import { describeTag } from "./classify.ts";
import { encodeEpc } from "./epc.ts";
import { EpcError } from "./epc-error.ts";
import { type Scheme, schemes } from "./scheme.ts";
import { splitParts } from "./uri.ts";

const pureIdentity = /^urn:epc:id:([a-z]+):(.+)$/;
/** GS1 filters have three bits; these have four and six. */
const filterValues: Readonly<Record<string, number>> = { usdod: 16, adi: 64 };
const gs1FilterValues = 8;
/** Zeros that pad a code to whole 16-bit words; a tag may be known without them. */
const paddingDigitsMax = 3;

const isEpcError = (error: unknown): boolean => error instanceof EpcError;

const schemesOf = (identity: string): readonly Scheme[] =>
  schemes.filter((scheme) => scheme.identity === identity);

const encoded = (scheme: Scheme, filter: string, body: string): string[] => {
  try {
    return [encodeEpc(`urn:epc:tag:${scheme.name}:${filter}${body}`)];
  } catch (error) {
    if (isEpcError(error)) return [];
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

/**
 * Every tag, as hex, that says this pure identity (`urn:epc:id:…`): one for each scheme and filter value that can hold it, with and
 * without the zeros at its end. Empty for what is no pure identity of a known scheme.
 */
export const tagsOf = (uri: string): readonly string[] => {
  const [, identity = "", body = ""] = pureIdentity.exec(uri) ?? [];
  return schemesOf(identity).flatMap((scheme) => {
    const filters =
      scheme.filter === null
        ? [""]
        : Array.from({ length: filterValues[identity] ?? gs1FilterValues }, (_, filter) => `${filter}.`);
    return filters.flatMap((filter) => encoded(scheme, filter, body).flatMap((hex) => spellingsOf(hex, uri)));
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
