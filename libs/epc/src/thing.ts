import { methodNumbers } from "./alphanumeric.ts";
import { canonicalHost, checkValues, type DigitalLink, linkText, readLink } from "./digital-link.ts";
import { writeParts } from "./epc.ts";
import { EpcError, malformed } from "./epc-error.ts";
import { hostMethods } from "./hostname.ts";
import { type PlusScheme, plusSchemes, writePlus } from "./plus-scheme.ts";
import { type Scheme, schemes } from "./scheme.ts";
import { joinParts, splitParts } from "./uri.ts";

/*
 * A thing by its name, which is a pure identity (`urn:epc:id:…`) or a GS1 Digital Link on any domain.
 */

const pureIdentity = /^urn:epc:id:([a-z]+):(.+)$/;
/** The longest pure identity, an ADI whose every character is escaped, is shorter. Of a longer one nothing is looked at. */
const identityCharactersMax = 256;

/** A pure identity's scheme and what stands behind it; both undefined of any other name. */
const readIdentity = (uri: string): { readonly identity: string | undefined; readonly body: string } => {
  const [, identity, body = ""] = uri.length > identityCharactersMax ? [] : (pureIdentity.exec(uri) ?? []);
  return { identity, body };
};
/** The filter follows the header. GS1's has three bits; these have four and six. */
const filterBits: Readonly<Record<string, number>> = { usdod: 4, adi: 6 };
const gs1FilterBits = 3;
const headerHexDigits = 2;
const byteBits = 8;
const companyPrefixLengths = [6, 7, 8, 9, 10, 11, 12];

/** The outcome, or undefined where the standard says no. */
const tried = <T>(run: () => T): T | undefined => {
  try {
    return run();
  } catch (error) {
    if (error instanceof EpcError) return undefined;
    throw error;
  }
};

const schemesOf = (identity: string): readonly Scheme[] =>
  schemes.filter((scheme) => scheme.identity === identity);

const partsOf = ({ fields }: Scheme): number => fields.reduce((sum, field) => sum + field.parts, 0);

const linkOfIdentity = (identity: string, body: string): DigitalLink => {
  const scheme = schemesOf(identity).find(({ key }) => key !== null);
  if (scheme?.key == null) throw malformed(`"${identity}" is no GS1 key`);
  const { key } = scheme;
  const values = key.valuesOf(splitParts(body, partsOf(scheme)));
  checkValues(key, values);
  return { host: canonicalHost, key, values, data: [] };
};

const linkOf = (uri: string): DigitalLink | undefined => {
  const { identity, body } = readIdentity(uri);
  return tried(() => (identity === undefined ? readLink(uri) : linkOfIdentity(identity, body)));
};

/**
 * The canonical Digital Link of a thing, on GS1's own domain and with nothing but its name, from its pure identity or any Digital Link
 * of it; null where the URI is neither, or holds no GS1 key.
 */
export const digitalLinkOf = (uri: string): string | null => {
  const link = linkOf(uri);
  return link === undefined ? null : linkText({ ...link, host: canonicalHost, data: [] });
};

/**
 * The pure identity of a thing, which takes to know how long the company prefix is, 6 to 12 digits; null where the URI names no GS1 key, or
 * one that begins with no such prefix.
 */
export const pureIdentityOf = (uri: string, companyPrefixDigits: number): string | null => {
  const link = linkOf(uri);
  if (link === undefined) return null;
  const { key, values } = link;
  const parts = key.partsOf(values, companyPrefixDigits);
  const isHeld = schemesOf(key.name).some((scheme) => tried(() => writeParts(scheme, ["0", ...parts])));
  return isHeld ? `urn:epc:id:${key.name}:${joinParts(parts)}` : null;
};

/** Whether two URIs, pure identities or Digital Links, name one thing. */
export const isSameThing = (one: string, other: string): boolean => {
  if (one === other) return true;
  const link = digitalLinkOf(one);
  return link !== null && link === digitalLinkOf(other);
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

/** In a scheme of TDS 2.x the digit behind the header is whether data follow, and the filter. */
const plusFiltersOf = (hex: string): string[] => {
  const end = headerHexDigits + 1;
  const digit = Number.parseInt(hex.slice(headerHexDigits, end), 16);
  return Array.from(
    { length: 2 ** gs1FilterBits },
    (_, filter) =>
      hex.slice(0, headerHexDigits) + (digit | filter).toString(16).toUpperCase() + hex.slice(end),
  );
};

/** A filter is written before the parts; which value does not matter, since each is put in its place. */
const partitionedTags = (scheme: Scheme, parts: () => readonly string[]): readonly string[] => {
  const bits = tried(() => writeParts(scheme, [...(scheme.filter === null ? [] : ["0"]), ...parts()]));
  return (bits?.spellings ?? []).flatMap((spelling) => filtersOf(spelling, scheme));
};

/** The ways of writing text that can hold all values of a key. */
const textMethodsFor = ({ key, values }: DigitalLink): readonly number[] =>
  methodNumbers.filter((method) => tried(() => checkValues(key, values, method)) !== undefined);

/** The standard leaves open how a tag writes text and host: each way is another tag. */
const plusTags = (scheme: PlusScheme, link: DigitalLink, methods: readonly number[]): readonly string[] => {
  const hosts = scheme.hasHost ? Object.values(hostMethods) : [hostMethods.shortened];
  const ways = methods.flatMap((text) => hosts.map((host) => ({ text, host })));
  const code = { ...link, filter: "0", data: scheme.isDated ? link.data : [] };
  return ways
    .flatMap((way) => tried(() => writePlus(scheme, code, way))?.spellings ?? [])
    .flatMap(plusFiltersOf);
};

/** Whether a scheme holds no more than the link says: a date, or a host other than GS1's, would have to be guessed. */
const isTold = ({ isDated, hasHost }: PlusScheme, { data, host }: DigitalLink): boolean =>
  (!isDated || data.length > 0) && (!hasHost || host !== canonicalHost);

const plusTagsOf = (link: DigitalLink): readonly string[] => {
  const own = plusSchemes.filter((scheme) => scheme.key === link.key && isTold(scheme, link));
  const methods = textMethodsFor(link);
  return [...new Set(own.flatMap((scheme) => plusTags(scheme, link, methods)))];
};

const tagsOfIdentity = (identity: string, body: string): readonly string[] =>
  schemesOf(identity).flatMap((scheme) => partitionedTags(scheme, () => splitParts(body, partsOf(scheme))));

const tagsOfLink = ({ key, values }: DigitalLink): readonly string[] =>
  schemesOf(key.name).flatMap((scheme) =>
    companyPrefixLengths.flatMap((length) => partitionedTags(scheme, () => key.partsOf(values, length))),
  );

/**
 * The tags, as hex, that name a thing: for each scheme, filter value and way of writing that can hold it, with and without the zeros at
 * its end. Of a Digital Link, which does not say how long the company prefix is, they are those of every length. Empty for what names
 * nothing.
 *
 * A tag of TDS 2.x that carries data besides, or another host than the link's, cannot be foretold: whoever looks for one has to go from
 * the tag to the thing.
 */
export const tagsOf = (uri: string): readonly string[] => {
  const { identity, body } = readIdentity(uri);
  const link = linkOf(uri);
  const partitioned =
    identity === undefined ? (link === undefined ? [] : tagsOfLink(link)) : tagsOfIdentity(identity, body);
  return link === undefined ? partitioned : [...partitioned, ...plusTagsOf(link)];
};
