import { normaliseTag } from "@tagwire/messages";
import { forget, readStored, store } from "../stored.ts";

/** What is scanned is written down this long after, in ms: a portal's worth of tags at once and not one by one. */
const writtenAfterMs = 300;

const keyOf = (session: string): string => `tagwire.scanned.${session}`;
const known = new Map<string, Set<string>>();
const unwritten = new Set<string>();

const read = (session: string): Set<string> => {
  try {
    const kept: unknown = JSON.parse(readStored(keyOf(session)) ?? "[]");
    return new Set(Array.isArray(kept) ? kept.filter((tag) => typeof tag === "string") : []);
  } catch {
    return new Set();
  }
};

const tagsOf = (session: string): Set<string> => {
  const tags = known.get(session) ?? read(session);
  known.set(session, tags);
  return tags;
};

const write = (): void => {
  for (const session of unwritten) store(keyOf(session), JSON.stringify([...tagsOf(session)]));
  unwritten.clear();
};

/**
 * Notes what this browser has scanned into a session, in the one form of tags, before any of it is sent: it outlasts a reload, and says at
 * the end whether all of it has arrived. What can be no tag is none.
 */
export const noteScanned = (session: string, tags: readonly string[]): void => {
  const own = tagsOf(session);
  for (const tag of tags) {
    const normal = normaliseTag(tag);
    if (normal !== undefined) own.add(normal);
  }
  if (unwritten.size === 0) setTimeout(write, writtenAfterMs);
  unwritten.add(session);
};

/** The tags that this browser has scanned into a session. */
export const scannedInto = (session: string): readonly string[] => [...tagsOf(session)];

/** The session is over: what was scanned into it is the server's to know. */
export const forgetScanned = (session: string): void => {
  known.delete(session);
  unwritten.delete(session);
  forget(keyOf(session));
};
