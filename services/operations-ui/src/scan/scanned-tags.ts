import { normaliseTag } from "@tagwire/messages";
import { uuidv7 } from "uuidv7";
import { forget, readStored, store, storedKeys } from "../stored.ts";

/*
 * What this browser has scanned into which session, and what of it the server has been told. Each page of the browser writes a record of its
 * own, and what is known is all of them together: two pages share the queue and the device, and neither may overwrite what the other scanned.
 */

/** What is scanned is written down this long after, in ms: a portal's worth of tags at once and not one by one. */
const writtenAfterMs = 300;
/** Sessions of which everything has come that are still remembered: who scans on into one says all of it anew, and not only the rest. */
const wholeKeptMax = 20;

const prefix = "tagwire.scanned.";
/** This page, until it is loaded again. */
const page = uuidv7();
const keysOf = (session: string): string => `${prefix}${session}/`;
const keyOf = (session: string): string => `${keysOf(session)}${page}`;

/** A session at its site. */
export type SessionAt = { readonly site: string; readonly session: string };

/** What one page knows. Instants are in ms since 1970, by the clock that the scans name. */
type Noted = {
  readonly site: string;
  /** Each tag with its first scan. */
  readonly tags: Map<string, number>;
  /** Each tag that was refused since the session was over, with the first scan of it that was. */
  readonly late: Map<string, number>;
  /** Whether the server knows that this browser takes part. */
  isTold: boolean;
  /** How many tags there were when all of them had come. */
  wholeAt: number | undefined;
};

const known = new Map<string, Noted>();
/** Sessions whose record of this page is in the storage. */
const written = new Set<string>();
const unwritten = new Set<string>();
let writing: ReturnType<typeof setTimeout> | undefined;

const instantsIn = (value: unknown): Map<string, number> =>
  new Map(
    (Array.isArray(value) ? value : []).filter(
      (one): one is [string, number] =>
        Array.isArray(one) && typeof one[0] === "string" && typeof one[1] === "number",
    ),
  );

const read = (key: string): Noted | undefined => {
  try {
    const kept = JSON.parse(readStored(key) ?? "null") as Record<string, unknown> | null;
    if (kept === null || typeof kept.site !== "string") return undefined;
    const { site, wholeAt } = kept;
    return {
      ...{ site, tags: instantsIn(kept.tags), late: instantsIn(kept.late), isTold: kept.isTold === true },
      wholeAt: typeof wholeAt === "number" ? wholeAt : undefined,
    };
  } catch {
    return undefined;
  }
};

/** What this page itself knows. What another page has forgotten since it was written is forgotten here, too. */
const ownOf = (session: string): Noted | undefined => {
  const isGone = written.has(session) && !unwritten.has(session) && readStored(keyOf(session)) === null;
  if (isGone) {
    known.delete(session);
    written.delete(session);
  }
  return known.get(session);
};

const addFirst = (all: Map<string, number>, more: Iterable<readonly [string, number]>): void => {
  for (const [tag, atMs] of more) all.set(tag, Math.min(atMs, all.get(tag) ?? atMs));
};

/** What all pages of this browser know of a session. */
const knownOf = (
  session: string,
): { site: string; tags: string[]; isTold: boolean; isWhole: boolean } | undefined => {
  const others = storedKeys().flatMap((key) =>
    key.startsWith(keysOf(session)) && key !== keyOf(session) ? (read(key) ?? []) : [],
  );
  const own = ownOf(session);
  const all = own === undefined ? others : [...others, own];
  const [first] = all;
  if (first === undefined) return undefined;
  const tags = new Map<string, number>();
  const late = new Map<string, number>();
  for (const noted of all) {
    addFirst(tags, noted.tags);
    addFirst(late, noted.late);
  }
  const inTime = [...tags].flatMap(([tag, atMs]) =>
    atMs < (late.get(tag) ?? Number.POSITIVE_INFINITY) ? tag : [],
  );
  return {
    ...{ site: first.site, tags: inTime, isTold: all.some(({ isTold }) => isTold) },
    isWhole: all.some(({ wholeAt }) => wholeAt === inTime.length),
  };
};

/** Writes down what is not written yet: before the page goes, that is at once. */
export const writeScanned = (): void => {
  clearTimeout(writing);
  writing = undefined;
  for (const session of unwritten) {
    const noted = known.get(session);
    if (noted === undefined) continue;
    const text = JSON.stringify({ ...noted, tags: [...noted.tags], late: [...noted.late] });
    store(keyOf(session), text);
    if (readStored(keyOf(session)) === text) written.add(session);
  }
  unwritten.clear();
};

const change = ({ site, session }: SessionAt): Noted => {
  const noted = ownOf(session) ?? {
    ...{ site, tags: new Map<string, number>(), late: new Map<string, number>() },
    ...{ isTold: false, wholeAt: undefined },
  };
  known.set(session, noted);
  unwritten.add(session);
  writing ??= setTimeout(writeScanned, writtenAfterMs);
  return noted;
};

/**
 * Notes what this browser has scanned into a session at an instant, in the one form of tags, before any of it is sent: it outlasts a reload,
 * and says at the end whether all of it has arrived. What can be no tag is none. Without tags, it is noted that this browser takes part,
 * and written at once.
 */
export const noteScanned = (where: SessionAt, tags: readonly string[], scannedAt: string): void => {
  const noted = change(where);
  const normal = tags.flatMap((tag) => normaliseTag(tag) ?? []);
  addFirst(
    noted.tags,
    normal.map((tag) => [tag, Date.parse(scannedAt)] as const),
  );
  if (tags.length === 0) writeScanned();
};

/** A scan was refused, since it was made after the session was over: it is none of its tags, unless it was one before. */
export const noteTooLate = (session: string, tag: string, scannedAt: string): void => {
  const site = knownOf(session)?.site;
  const normal = normaliseTag(tag);
  if (site === undefined || normal === undefined) return;
  addFirst(change({ site, session }).late, [[normal, Date.parse(scannedAt)]]);
};

/** The server knows that this browser takes part in a session. */
export const noteTold = (where: SessionAt): void => {
  change(where).isTold = true;
  writeScanned();
};

/** Whether this browser takes part in a session, as far as it knows, and the server may not know it. */
export const isUntold = (session: string): boolean => knownOf(session)?.isTold === false;

/** Whether this browser takes part in a session, as far as it knows. */
export const isNoted = (session: string): boolean => knownOf(session) !== undefined;

/** The tags that this browser has scanned into a session, in any of its pages. */
export const scannedInto = (session: string): readonly string[] => knownOf(session)?.tags ?? [];

const sessions = (): string[] => {
  const stored = storedKeys().flatMap((key) => {
    const end = key.lastIndexOf("/");
    return key.startsWith(prefix) && end > 0 ? key.slice(prefix.length, end) : [];
  });
  return [...new Set([...known.keys(), ...stored])];
};

/** The sessions that this browser took part in, and of which not everything is known to have come. */
export const notedSessions = (): readonly SessionAt[] =>
  sessions().flatMap((session) => {
    const noted = knownOf(session);
    return noted === undefined || noted.isWhole ? [] : { site: noted.site, session };
  });

/** The same at one site. */
export const notedAt = (site: string): readonly string[] =>
  notedSessions().flatMap((noted) => (noted.site === site ? noted.session : []));

/** The session is over and so many tags of this browser have come: unless there are more, nothing is left to be said. */
export const noteWhole = (where: SessionAt, count: number): void => {
  change(where).wholeAt = count;
  writeScanned();
  const whole = sessions().filter((session) => knownOf(session)?.isWhole === true);
  // The ids of sessions begin with the instant at which they were begun.
  for (const session of whole.sort().slice(0, -wholeKeptMax)) forgetScanned(session);
};

/** Nobody can be told of the session any more. */
export const forgetScanned = (session: string): void => {
  known.delete(session);
  written.delete(session);
  unwritten.delete(session);
  for (const key of storedKeys()) if (key.startsWith(keysOf(session))) forget(key);
};
