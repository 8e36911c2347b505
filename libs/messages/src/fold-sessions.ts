import { ownOf } from "./contracts.ts";
import { type OwnCounts, withCount } from "./counts-by-name.ts";
import type { LoggedEvent } from "./events.ts";
import { type InSession, type ItemChange, ItemUndone } from "./item-events.ts";
import { ScanQuarantined, ScanRefused } from "./scan-events.ts";
import {
  SessionBegun,
  SessionClosed,
  SessionDeclared,
  type SessionDeclared as SessionDeclaredBody,
  SessionHeard,
  SessionJoined,
  SessionReopened,
  type SessionReopened as SessionReopenedBody,
  SessionRestated,
  type SessionRestated as SessionRestatedBody,
  SessionWithdrawn,
  type SessionWithdrawn as SessionWithdrawnBody,
} from "./session-events.ts";
import type { Session, SessionTag } from "./sessions.ts";

/** What the fold reads and writes: in a turn, in a projection's batch, or in memory. */
export type SessionBook = {
  readonly session: (id: string) => Session | undefined;
  readonly tag: (id: string, tag: string) => SessionTag | undefined;
  readonly putSession: (session: Session) => void;
  readonly putTag: (tag: SessionTag) => void;
  /** Counts that this book made and nobody was given yet; without it each event makes them anew. */
  readonly ownCounts?: OwnCounts;
};

type Happened = Pick<
  LoggedEvent,
  "type" | "pos" | "tag" | "session" | "scannedAt" | "receivedAt" | "by" | "data"
>;

const strayTypes: ReadonlySet<string> = new Set([ScanQuarantined.type, ScanRefused.type]);

/** The session and the tags of it that an event touches: what a book has to hold before the event is folded. */
export const sessionKeysOf = (
  event: Happened,
): { readonly session: string; readonly tags: readonly string[] } | undefined => {
  const { session, tag } = event;
  if (session === undefined) return undefined;
  if (event.type === SessionBegun.type) {
    const { expected, beside = [] } = event.data as SessionBegun;
    return { session, tags: [...(expected ?? []), ...beside] };
  }
  if (event.type === SessionWithdrawn.type)
    return { session, tags: (event.data as SessionWithdrawnBody).expected };
  return { session, tags: tag === undefined ? [] : [tag] };
};

const unbegun = (id: string): Session => ({
  id,
  mode: null,
  contract: null,
  place: null,
  class: null,
  state: "unbegun",
  begunAt: null,
  closedAt: null,
  lastScanAt: null,
  people: [],
  devices: [],
  expectedTags: 0,
  expectedByClass: null,
  seenByClass: {},
  foundTags: 0,
  seenTags: 0,
  rejectedTags: 0,
  unknownTags: 0,
  lateScans: 0,
  recorded: null,
  declared: null,
  complete: null,
  duplicates: null,
  version: 0,
  pos: 0,
});

const blank = (session: string, tag: string): SessionTag => ({
  session,
  tag,
  expected: false,
  outcome: null,
  type: null,
  class: null,
  seenAt: null,
  beside: false,
});

const withOne = (list: readonly string[], one: string | undefined): string[] =>
  one === undefined || list.includes(one) ? [...list] : [...list, one];

const withPeople = (session: Session, { by }: Happened): Session => ({
  ...session,
  people: withOne(session.people, by.person),
  devices: withOne(session.devices, by.device ?? by.reader),
});

const countKey = { seen: "seenTags", rejected: "rejectedTags", unknown: "unknownTags" } as const;

/** Takes a tag's row out of the session's counts, or puts it in. */
const counted = ({ ownCounts }: SessionBook, session: Session, row: SessionTag, by: 1 | -1): Session => {
  const { outcome, expected, class: name, beside } = row;
  if (outcome === null) return session;
  const key = countKey[outcome];
  const isSeen = outcome === "seen";
  return {
    ...session,
    [key]: session[key] + by,
    foundTags: session.foundTags + (isSeen && expected ? by : 0),
    seenByClass:
      isSeen && !beside && name !== null
        ? withCount(session.seenByClass, name, (ownOf(session.seenByClass, name) ?? 0) + by, ownCounts)
        : session.seenByClass,
  };
};

const recounted = (
  book: SessionBook,
  session: Session,
  { before, after }: { readonly before: SessionTag; readonly after: SessionTag },
): Session => counted(book, counted(book, session, before, -1), after, 1);

const begin = (book: SessionBook, session: Session, event: Happened) => {
  const {
    mode,
    contract,
    place,
    class: name,
    station,
    begunAt,
    expected,
    expectedByClass,
    beside = [],
  } = event.data as SessionBegun;
  let begun: Session = {
    ...withPeople(session, event),
    mode,
    contract,
    place,
    class: name,
    ...(station === undefined ? {} : { station }),
    begunAt,
    expectedByClass,
    state: session.state === "closed" ? "closed" : "open",
  };
  for (const tag of expected ?? []) {
    const before = book.tag(session.id, tag) ?? blank(session.id, tag);
    if (before.expected) continue;
    const after = { ...before, expected: true };
    book.putTag(after);
    begun = recounted(book, begun, { before, after });
    begun = { ...begun, expectedTags: begun.expectedTags + 1 };
  }
  for (const tag of beside) {
    const before = book.tag(session.id, tag) ?? blank(session.id, tag);
    const after = { ...before, beside: true };
    book.putTag(after);
    begun = recounted(book, begun, { before, after });
  }
  return begun;
};

/** It is as if nobody had begun it. Who was at work on it stays, as everywhere. */
const withdrawn = (book: SessionBook, session: Session, { data }: Happened): Session => {
  for (const tag of (data as SessionWithdrawnBody).expected)
    book.putTag({ ...(book.tag(session.id, tag) ?? blank(session.id, tag)), expected: false });
  const { station: _, ...rest } = session;
  const { mode, contract, place, class: name, state, begunAt, expectedTags, expectedByClass } = unbegun("");
  return {
    ...rest,
    ...{ mode, contract, place, class: name, state, begunAt, expectedTags, expectedByClass },
  };
};

/** Instants in one spelling sort as text. What comes late was not scanned last. */
const laterOf = (known: string | null, at: string): string => (known !== null && known > at ? known : at);

/** A scan that counted once stays counted, whatever becomes of later ones of the same tag. */
const outcomeOf = (event: Happened, before: SessionTag): SessionTag["outcome"] => {
  if (before.outcome === "seen") return "seen";
  if (strayTypes.has(event.type)) return "unknown";
  return (event.data as ItemChange).outcome === "rejected" ? "rejected" : "seen";
};

const scanned = (book: SessionBook, session: Session, event: Happened, tag: string): Session => {
  const before = book.tag(session.id, tag) ?? blank(session.id, tag);
  const change = event.data as Partial<ItemChange>;
  const after: SessionTag = {
    ...before,
    outcome: outcomeOf(event, before),
    type: change.scan?.type ?? before.type,
    class: change.class ?? before.class,
    seenAt: event.scannedAt ?? event.receivedAt,
    beside: change.outcome === "rejected" ? before.beside : (change.beside ?? false),
  };
  book.putTag(after);
  return {
    ...withPeople(recounted(book, session, { before, after }), event),
    lastScanAt: laterOf(session.lastScanAt, event.scannedAt ?? event.receivedAt),
  };
};

/**
 * A scan was taken back. Its row stays, since the device did send it, and says nothing but that; who was at work, and when, is as it
 * was.
 */
const takenBack = (
  book: SessionBook,
  session: Session,
  { tag }: { readonly tag: string },
  inSession: InSession,
): Session => {
  const before = book.tag(session.id, tag) ?? blank(session.id, tag);
  const after = { ...before, ...inSession };
  book.putTag(after);
  return recounted(book, session, { before, after });
};

/** What devices did, where the event states it. */
const partsIn = ({ parts }: { readonly parts?: Session["parts"] }): Pick<Session, "parts"> =>
  parts === undefined ? {} : { parts };

/** What a device says of itself says nothing of the session but whether that is complete, once it is over. */
const told = (session: Session, event: Happened): Session => {
  const body = event.data as SessionDeclaredBody;
  return {
    ...withPeople(session, event),
    ...(session.state === "closed" ? { complete: body.complete } : {}),
    ...partsIn(body),
  };
};

const reopened = (session: Session, { data }: Happened): Session => ({
  ...session,
  ...partsIn(data as SessionReopenedBody),
  state: session.begunAt === null ? "unbegun" : "open",
  closedAt: null,
  recorded: null,
  declared: null,
  complete: null,
  duplicates: null,
  lateScans: 0,
});

const after = (book: SessionBook, session: Session, event: Happened): Session | undefined => {
  if (event.type === SessionBegun.type) return begin(book, session, event);
  if (event.type === SessionWithdrawn.type) return withdrawn(book, session, event);
  if (event.type === SessionReopened.type) return reopened(session, event);
  if (event.type === SessionJoined.type || event.type === SessionDeclared.type) return told(session, event);
  if (event.type === SessionHeard.type) return withPeople(session, event);
  if (event.type === ItemUndone.type) {
    const { inSession } = event.data as ItemChange;
    const { tag } = event;
    return tag === undefined || inSession === undefined
      ? undefined
      : takenBack(book, session, { tag }, inSession);
  }
  if (event.type === SessionClosed.type) {
    const closed = event.data as SessionClosed;
    const { closedAt, recorded, declared, complete, duplicates } = closed;
    return {
      ...withPeople(session, event),
      ...partsIn(closed),
      state: "closed",
      closedAt,
      recorded,
      declared,
      complete,
      duplicates,
    };
  }
  if (event.type === SessionRestated.type) {
    const restated = event.data as SessionRestatedBody;
    const { recorded, complete, scans } = restated;
    return { ...session, ...partsIn(restated), recorded, complete, lateScans: session.lateScans + scans };
  }
  const isScan = strayTypes.has(event.type) || (event.data as Partial<ItemChange>).scan !== undefined;
  return event.tag === undefined || !isScan ? undefined : scanned(book, session, event, event.tag);
};

/**
 * Folds an event into the session it belongs to: the one definition of what the log says of a session. An event without a session
 * changes nothing.
 */
export const foldSessions = (book: SessionBook, event: Happened): void => {
  if (event.session === undefined) return;
  const session = book.session(event.session) ?? unbegun(event.session);
  const changed = after(book, session, event);
  if (changed !== undefined) book.putSession({ ...changed, version: session.version + 1, pos: event.pos });
};
