import type { TagSet } from "@tagwire/messages";
import { fetchScannedTags } from "../api/sessions.ts";
import { scannedInto } from "./scanned-tags.ts";

const compare = (left: Uint8Array, right: Uint8Array): number => {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

/**
 * A set of tags as the close of a session declares it: how many, and the SHA-256, in hex, of the tags sorted by their UTF-8 bytes and
 * joined by line feeds. Undefined where the browser keeps its cryptography to secure pages.
 */
export const tagSetOf = async (tags: Iterable<string>): Promise<TagSet | undefined> => {
  if (globalThis.crypto?.subtle === undefined) return undefined;
  const encoder = new TextEncoder();
  const sorted = [...new Set(tags)]
    .map((tag) => ({ tag, bytes: encoder.encode(tag) }))
    .sort((left, right) => compare(left.bytes, right.bytes))
    .map(({ tag }) => tag);
  const hash = await crypto.subtle.digest("SHA-256", encoder.encode(sorted.join("\n")));
  const digest = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { count: sorted.length, digest };
};

/**
 * What was scanned in a session as far as it is known here: what this browser has scanned, and what has arrived of others. A scan of this
 * browser that has not arrived makes the session a half uploaded one until it does. Nothing is declared where nothing was scanned here,
 * or where nobody says what has arrived.
 */
export const declare = async (site: string, session: string): Promise<TagSet | undefined> => {
  const own = scannedInto(session);
  if (own.length === 0) return undefined;
  const arrived = await fetchScannedTags(site, session);
  return arrived === undefined ? undefined : tagSetOf([...own, ...arrived]);
};
