import { tagSetDigest } from "@tagwire/digest";
import {
  type CloseSession,
  type DeclareSession,
  Fault,
  futureToleranceMs,
  type JoinSession,
  type Session,
  SessionClosed,
  SessionDeclared,
  SessionHeard,
  SessionJoined,
  type SessionPart,
  SessionRestated,
  type TagSet,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { type Decision, isOlder, type Origin, type Said } from "./decision.ts";
import {
  type Declared,
  hasDeclared,
  isWhole,
  namedDeviceOf,
  type PartChange,
  partsOf,
  refuseFurther,
} from "./session-parts.ts";

/** A device's clock is believed as far as that of its scans: a session ends after the last of them even where it runs ahead. */
export const believed = (at: string | undefined, receivedAt: string): string =>
  at === undefined || Date.parse(at) > Date.parse(receivedAt) + futureToleranceMs
    ? receivedAt
    : new Date(at).toISOString();

/** No session ends before it began, whatever a clock did in between. */
const closedAtOf = ({ begunAt }: Session, { closedAt }: CloseSession, { receivedAt }: Origin): string => {
  const at = believed(closedAt, receivedAt);
  return begunAt !== null && Date.parse(at) < Date.parse(begunAt) ? begunAt : at;
};

const setOf = (tags: readonly string[]): TagSet => ({ count: tags.length, digest: tagSetDigest(tags) });

/** The different tags whose scans count in a session, whatever became of them. */
export const recordedIn = (book: Book, id: string): TagSet =>
  setOf([...book.scannedTags(id).values()].flatMap(({ outcome, tag }) => (outcome === null ? [] : tag)));

/** What was declared before devices declared each for itself, for all of them together, and has not been declared anew since. */
const isWholeAsBefore = (book: Book, id: string, { count, digest }: TagSet): boolean => {
  const arrived = setOf(
    [...book.scannedTags(id).values()].flatMap(({ type, tag }) => (type === null ? [] : tag)),
  );
  return arrived.count === count && arrived.digest === digest;
};

type Standing = { readonly complete: boolean | null; readonly parts?: SessionPart[] };

/** Who took part in a session and what of theirs has arrived, with what some of them say just now. What was taken back since did arrive. */
export const standingOf = (
  book: Book,
  id: string,
  {
    changes = [],
    declared = book.session(id)?.declared ?? null,
  }: { readonly changes?: readonly PartChange[]; readonly declared?: TagSet | null } = {},
): Standing => {
  const session = book.session(id);
  if (session?.parts === undefined && declared !== null && changes.length === 0)
    return { complete: isWholeAsBefore(book, id, declared) };
  const parts = partsOf(session?.parts ?? [], book.heardBy(id), changes);
  return { complete: isWhole(parts), parts };
};

const sessionOf = (book: Book, id: string): Session => {
  const session = book.session(id);
  if (session === undefined) throw new Fault("session_unknown", id);
  return session;
};

/** @throws Fault `malformed` when one of the two is missing. */
const declarationIn = ({ count, digest, lastSeq }: CloseSession): Declared | undefined => {
  if ((count === undefined) !== (digest === undefined))
    throw new Fault("malformed", "count and digest belong together");
  if (count === undefined || digest === undefined) return undefined;
  return { count, digest, ...(lastSeq === undefined ? {} : { lastSeq }) };
};

/**
 * Closes a session. What the device says it has scanned is compared with what has arrived of it; when they differ, or another device is
 * waited for, the session is closed all the same and shown as half uploaded until the rest comes.
 *
 * @throws Fault `session_unknown`, `malformed`, `session_full` when a further device declares with it.
 */
export const decideClose = (
  book: Book,
  { session: id, close }: { readonly session: string; readonly close: CloseSession },
  origin: Origin,
): Decision => {
  const session = sessionOf(book, id);
  const declaration = declarationIn(close);
  const device = namedDeviceOf(origin.by, close.device);
  const isSame = declaration === undefined || hasDeclared(session, device, declaration);
  if (session.state === "closed" && isSame) return { outcome: "already_applied", flags: [] };
  if (declaration !== undefined) refuseFurther(session.parts ?? [], device);
  const { count, digest, lastSeq } = declaration ?? {};
  const declared = count === undefined || digest === undefined ? session.declared : { count, digest };
  const data = {
    closedAt: session.closedAt ?? closedAtOf(session, close, origin),
    recorded: recordedIn(book, id),
    declared,
    ...(declaration === undefined ? {} : { device }),
    ...(lastSeq === undefined ? {} : { lastSeq }),
    ...standingOf(book, id, {
      changes: declaration === undefined ? [] : [{ device, declared: declaration }],
    }),
    duplicates: book.duplicates(id),
  };
  return { outcome: "accepted", flags: [], said: { type: SessionClosed.type, session: id, data, ...origin } };
};

/**
 * A device takes part in a session: once that is over, it is waited for until it has declared.
 *
 * @throws Fault `session_unknown`, `session_full`.
 */
export const decideJoin = (
  book: Book,
  { session: id, join }: { readonly session: string; readonly join: JoinSession },
  origin: Origin,
): Decision => {
  const { parts = [] } = sessionOf(book, id);
  const device = namedDeviceOf(origin.by, join.device);
  if (parts.some((part) => part.device === device && part.joined))
    return { outcome: "already_applied", flags: [] };
  refuseFurther(parts, device);
  const data = { device, ...standingOf(book, id, { changes: [{ device, joined: true }] }) };
  return { outcome: "accepted", flags: [], said: { type: SessionJoined.type, session: id, data, ...origin } };
};

/**
 * A device declares what it scanned, before or after its scans, and before or after the close.
 *
 * @throws Fault `session_unknown`, `session_full`.
 */
export const decideDeclare = (
  book: Book,
  { session: id, declare }: { readonly session: string; readonly declare: DeclareSession },
  origin: Origin,
): Decision => {
  const session = sessionOf(book, id);
  const { count, digest, lastSeq } = declare;
  const declaration = { count, digest, ...(lastSeq === undefined ? {} : { lastSeq }) };
  const device = namedDeviceOf(origin.by, declare.device);
  if (hasDeclared(session, device, declaration)) return { outcome: "already_applied", flags: [] };
  refuseFurther(session.parts ?? [], device);
  const data = {
    device,
    declared: { count, digest },
    ...(lastSeq === undefined ? {} : { lastSeq }),
    ...standingOf(book, id, { changes: [{ device, declared: declaration }] }),
  };
  return {
    outcome: "accepted",
    flags: [],
    said: { type: SessionDeclared.type, session: id, data, ...origin },
  };
};

/** Whether a scan was made after its session was over; what was captured before and arrives later belongs to it. */
export const isAfterClose = (book: Book, id: string, atMs: number): boolean => {
  const session = book.session(id);
  return (
    session?.state === "closed" &&
    session.closedAt !== null &&
    isOlder(Date.parse(session.closedAt), new Date(atMs).toISOString())
  );
};

/** What scans that arrived after the close make of their session, or the undo of some. */
export const restatement = (book: Book, id: string, scans: number, origin: Origin): Said => {
  const data = { recorded: recordedIn(book, id), ...standingOf(book, id), scans };
  return { type: SessionRestated.type, session: id, data, ...origin };
};

/** Tags that one event names: as many as a request has scans, and of the longest ones it still fits onto the bus. */
const heardTagsMax = 5_000;

/** Which tags a device has scanned besides, where nothing else says so. */
export const hearings = (
  session: string,
  { device, tags }: { readonly device: string; readonly tags: readonly string[] },
  origin: Origin,
): Said[] =>
  Array.from({ length: Math.ceil(tags.length / heardTagsMax) }, (_, index) => ({
    type: SessionHeard.type,
    session,
    data: { device, tags: tags.slice(index * heardTagsMax, (index + 1) * heardTagsMax) },
    ...origin,
  }));
