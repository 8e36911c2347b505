import { normaliseTag } from "@tagwire/messages";
import { forget, readStored, store, storedKeys } from "../stored.ts";

/** What is scanned is written down this long after, in ms: a portal's worth of tags at once and not one by one. */
const writtenAfterMs = 300;

const prefix = "tagwire.scanned.";
const keyOf = (session: string): string => `${prefix}${session}`;

/** What this browser has scanned into a session, and at which site that is. */
type Noted = { readonly site: string; readonly tags: Set<string> };

const known = new Map<string, Noted>();
const unwritten = new Set<string>();

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

const read = (session: string): Noted | undefined => {
  try {
    const kept = JSON.parse(readStored(keyOf(session)) ?? "null") as {
      site?: unknown;
      tags?: unknown;
    } | null;
    return kept === null || typeof kept.site !== "string"
      ? undefined
      : { site: kept.site, tags: new Set(textsIn(kept.tags)) };
  } catch {
    return undefined;
  }
};

const notedOf = (session: string): Noted | undefined => {
  const noted = known.get(session) ?? read(session);
  if (noted !== undefined) known.set(session, noted);
  return noted;
};

const write = (): void => {
  for (const session of unwritten) {
    const noted = known.get(session);
    if (noted !== undefined)
      store(keyOf(session), JSON.stringify({ site: noted.site, tags: [...noted.tags] }));
  }
  unwritten.clear();
};

/**
 * Notes what this browser has scanned into a session, in the one form of tags, before any of it is sent: it outlasts a reload, and says at
 * the end whether all of it has arrived. What can be no tag is none. Without tags, it is noted that this browser takes part.
 */
export const noteScanned = (
  { site, session }: { readonly site: string; readonly session: string },
  tags: readonly string[],
): void => {
  const noted = notedOf(session) ?? { site, tags: new Set() };
  known.set(session, noted);
  for (const tag of tags) {
    const normal = normaliseTag(tag);
    if (normal !== undefined) noted.tags.add(normal);
  }
  if (unwritten.size === 0) setTimeout(write, writtenAfterMs);
  unwritten.add(session);
};

/** A scan was refused, since it was made after the session was over: it is none of its tags. */
export const noteTooLate = (session: string, tag: string): void => {
  const noted = notedOf(session);
  const normal = normaliseTag(tag);
  if (noted === undefined || normal === undefined) return;
  noteScanned({ site: noted.site, session }, []);
  noted.tags.delete(normal);
};

/** Whether this browser takes part in a session, as far as it knows. */
export const isNoted = (session: string): boolean => notedOf(session) !== undefined;

/** The tags that this browser has scanned into a session. */
export const scannedInto = (session: string): readonly string[] => [...(notedOf(session)?.tags ?? [])];

/** The sessions of a site that this browser took part in, and of which not everything is known to have come. */
export const notedAt = (site: string): readonly string[] => {
  const stored = storedKeys().flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : []));
  return [...new Set([...known.keys(), ...stored])].filter((session) => notedOf(session)?.site === site);
};

/** The session is over: what was scanned into it is the server's to know. */
export const forgetScanned = (session: string): void => {
  known.delete(session);
  unwritten.delete(session);
  forget(keyOf(session));
};
