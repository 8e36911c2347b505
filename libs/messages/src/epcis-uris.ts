import type { SiteId } from "./ids.ts";

/*
 * What has no GS1 key gets a name of our own: `urn:tagwire:<site>:<kind>:<name>`, with the name percent-encoded. It claims to be
 * nothing else, and the name can be read back from it. A place that is called by its SGLN keeps it.
 */

export const tagwireKinds = ["tag", "place", "contract", "class", "lot"] as const;
export type TagwireKind = (typeof tagwireKinds)[number];

/** Everything but letters, digits and `-._~` is escaped, as in the unreserved characters of RFC 3986. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export const tagwireUri = (site: SiteId, kind: TagwireKind, name: string): string =>
  `urn:tagwire:${site}:${kind}:${escaped(name)}`;

/** The name behind one of our URIs of this site and kind; undefined when it is none of them. */
export const nameOfTagwireUri = (site: SiteId, kind: TagwireKind, uri: string): string | undefined => {
  const start = `urn:tagwire:${site}:${kind}:`;
  if (!uri.startsWith(start)) return undefined;
  try {
    const name = decodeURIComponent(uri.slice(start.length));
    return name === "" ? undefined : name;
  } catch {
    return undefined;
  }
};

/** The pure identity of a location, TDS 1.13 §6.3.3, as far as it can be told from a name that only looks like one. */
const sgln = /^urn:epc:id:sgln:(?=[\d.]{13}\.)\d{6,12}\.\d{0,6}\.(%[\dA-Fa-f]{2}|[!'()*+,\-.\w:;=]){1,20}$/;

export const placeUri = (site: SiteId, place: string): string =>
  sgln.test(place) ? place : tagwireUri(site, "place", place);

/** The place that a read point or a business location names; undefined when it is nobody's here. */
export const placeOfUri = (site: SiteId, uri: string): string | undefined =>
  sgln.test(uri) ? uri : nameOfTagwireUri(site, "place", uri);
