import { BitWriter } from "./bits.ts";
import { malformed } from "./epc-error.ts";
import { checkKey, type Gs1Key, keyWithIdentifier } from "./gs1-key.ts";

/** Where GS1 resolves Digital Links that have no domain of their own. */
export const canonicalHost = "id.gs1.org";

/** An application identifier and its value. */
export type Datum = readonly [identifier: string, value: string];

/** What a Digital Link says: one thing by its GS1 key, where to ask about it, and what else is known of it. */
export type DigitalLink = {
  readonly host: string;
  readonly key: Gs1Key;
  /** One for each identifier of the key. */
  readonly values: readonly string[];
  readonly data: readonly Datum[];
};

/** A link is read up to this length. The longest that a tag can hold has some 300 characters. */
const charactersMax = 2_048;

/** The extension "0" says that the location has no extension (TDS 1.13, "SGLN"). */
const noExtension = "0";
const extension = "254";

/** Most values are of these alone, and each tag that is read is written as a link. */
const plain = /^[\w.~-]*$/;

/** In a link everything but letters, digits and `-._~` is escaped, also `!'()*`, which `encodeURIComponent` leaves. */
const escaped = (text: string): string =>
  plain.test(text)
    ? text
    : encodeURIComponent(text).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
      );

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw malformed(`"${text}" has a wrong percent escape: ${String(cause)}`);
  }
};

const pairOf = (identifier: string, value: string): string => `/${identifier}/${escaped(value)}`;

/** What behind the key is still its name: nothing for a location without an extension. */
const serialsOf = ({ key, values }: DigitalLink): string => {
  let path = "";
  for (let index = 1; index < key.identifiers.length; index += 1) {
    const [identifier = "", value = ""] = [key.identifiers[index], values[index]];
    if (identifier !== extension || value !== noExtension) path += pairOf(identifier, value);
  }
  return path;
};

const qualifiersOf = ({ key, data }: DigitalLink): string =>
  key.qualifiers
    .flatMap((one) => data.filter(([identifier]) => identifier === one))
    .map(([identifier, value]) => pairOf(identifier, value))
    .join("");

const queryTextOf = ({ key, data }: DigitalLink): string => {
  const besides = data.filter(([identifier]) => !key.qualifiers.includes(identifier));
  if (besides.length === 0) return "";
  return `?${besides.map(([identifier, value]) => `${identifier}=${escaped(value)}`).join("&")}`;
};

/** Writes a link: what names the thing and what qualifies its key in the path, the rest behind it. */
export const linkText = (link: DigitalLink): string => {
  const { host, key, values, data } = link;
  const named = pairOf(key.identifiers[0] ?? "", values[0] ?? "");
  if (data.length === 0) return `https://${host}${named}${serialsOf(link)}`;
  return `https://${host}${named}${qualifiersOf(link)}${serialsOf(link)}${queryTextOf(link)}`;
};

const linkPattern = /^https?:\/\/([^/?#@]+)(\/[^?#]*)(?:\?([^#]*))?(?:#.*)?$/i;
const identifier = /^[0-9]{2,4}$/;

/** The last pairs of a path that begin with a GS1 key; before them, a domain may have a path of its own. */
const pairsOf = (path: string): readonly Datum[] => {
  const segments = path.slice(1).replace(/\/$/, "").split("/").map(unescaped);
  for (let start = segments.length - 2; start >= 0; start -= 2) {
    if (keyWithIdentifier(segments[start] ?? "") === undefined) continue;
    const own = segments.slice(start);
    return Array.from({ length: own.length / 2 }, (_, pair) => [
      own[pair * 2] ?? "",
      own[pair * 2 + 1] ?? "",
    ]);
  }
  throw malformed("the link has no GS1 key that names one thing");
};

/** What the query says by application identifiers; the rest of it is for the server. */
const queryOf = (query: string): readonly Datum[] =>
  query
    .split("&")
    .map((part): Datum => {
      const [name = "", ...value] = part.split("=");
      return [name, unescaped(value.join("="))];
    })
    .filter(([name]) => identifier.test(name));

/** GTIN-8, -12 and -13 are written with zeros in front where fourteen digits are asked for. */
const gtinDigits = 14;
const wholeGtin = ([name, value]: Datum): string =>
  name === "01" && /^(?:[0-9]{8}|[0-9]{12,13})$/.test(value) ? value.padStart(gtinDigits, "0") : value;

/** Checks that a tag could hold the values of a key, with its text in a certain way or in any. @throws EpcError */
export const checkValues = (key: Gs1Key, values: readonly string[], method?: number): true => {
  const bits = new BitWriter();
  for (const [index, field] of key.fields.entries()) field.write(bits, [values[index] ?? ""], method);
  checkKey(key, values);
  return true;
};

/**
 * Reads a GS1 Digital Link on any domain that names one thing, by the key and with the serial number it takes.
 *
 * @throws EpcError `epc_malformed` for what is no such link, `epc_out_of_range` for a key with a wrong value
 */
export const readLink = (text: string): DigitalLink => {
  if (text.length > charactersMax) throw malformed(`a link has at most ${charactersMax} characters`);
  const [, host = "", path = "", query = ""] = linkPattern.exec(text) ?? [];
  if (host === "") throw malformed("expected https://<host>/<application identifier>/<value>");
  const [first, ...others] = pairsOf(path);
  const key = first && keyWithIdentifier(first[0]);
  if (first === undefined || key === undefined)
    throw malformed("the link has no GS1 key that names one thing");

  const values = key.identifiers.map((name, index) => {
    if (index === 0) return wholeGtin(first);
    return others.find(([other]) => other === name)?.[1] ?? (name === extension ? noExtension : "");
  });
  if (new Set(others.map(([name]) => name)).size < others.length)
    throw malformed("the path says something twice");
  const besides = others.filter(([name]) => !key.identifiers.includes(name));
  const stray = besides.find(([name]) => !key.qualifiers.includes(name));
  if (stray !== undefined) throw malformed(`${stray[0]} does not go with ${key.identifiers[0]} in a path`);
  checkValues(key, values);
  return { host: host.toLowerCase(), key, values, data: [...besides, ...queryOf(query)] };
};
