import { tagSetDigest } from "@tagwire/digest";
import {
  type BeginSession,
  type CloseSession,
  expectedTagsMax,
  Fault,
  futureToleranceMs,
  noMembers,
  normaliseTag,
  ownOf,
  type Session,
  SessionBegun,
  SessionClosed,
  SessionRestated,
  type TagSet,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { type Decision, fitsIntoEvent, isOlder, type Origin, type Said } from "./decision.ts";
import type { Ground } from "./known.ts";
import { openAmong } from "./station-session.ts";

/** A device's clock is believed as far as that of its scans: a session ends after the last of them even where it runs ahead. */
const believed = (at: string | undefined, receivedAt: string): string =>
  at === undefined || Date.parse(at) > Date.parse(receivedAt) + futureToleranceMs
    ? receivedAt
    : new Date(at).toISOString();

/** No session ends before it began, whatever a clock did in between. */
const closedAtOf = ({ begunAt }: Session, { closedAt }: CloseSession, { receivedAt }: Origin): string => {
  const at = believed(closedAt, receivedAt);
  return begunAt !== null && Date.parse(at) < Date.parse(begunAt) ? begunAt : at;
};

const normalised = (tags: readonly string[]): string[] => [
  ...new Set(
    tags.map((raw) => {
      const tag = normaliseTag(raw);
      if (tag === undefined) throw new Fault("tag_malformed", raw.slice(0, 80));
      return tag;
    }),
  ),
];

type Expected = {
  readonly expected: readonly string[] | null;
  readonly expectedByClass: Readonly<Record<string, number>> | null;
  readonly beside?: readonly string[];
};
const nothing: Expected = { expected: null, expectedByClass: null };

/**
 * What has still to leave on a contract, by class. What the session itself has taken out already, before its beginning was heard, had
 * still to go when it began; what it has scanned and is not on the contract stands beside.
 */
const stillToGo = (book: Book, number: string, session: string): Expected => {
  const contract = book.contract(number);
  if (contract === undefined || contract.lines.length === 0) return nothing;
  const members = book.members(contract.number);
  const seen = [...book.scannedTags(session).values()].filter(({ outcome }) => outcome === "seen");
  const gone = Map.groupBy(
    seen.flatMap(({ tag }) => members.get(tag) ?? []).filter(({ state }) => state !== "staged"),
    (member) => member.class,
  );
  const lacking = contract.lines.flatMap(({ class: name, quantity }) => {
    const { out, returned, notRecorded } = ownOf(contract.counts, name) ?? noMembers;
    const left = quantity - out - returned - notRecorded + (gone.get(name)?.length ?? 0);
    return left > 0 ? [[name, left] as const] : [];
  });
  const beside = seen.flatMap(({ tag }) => (members.has(tag) ? [] : tag));
  return {
    expected: null,
    expectedByClass: Object.fromEntries(lacking),
    ...(beside.length === 0 ? {} : { beside }),
  };
};

const stillOut = (book: Book, number: string): Expected => {
  const contract = book.contract(number);
  if (contract === undefined) return nothing;
  const tags = [...book.members(contract.number).values()]
    .filter(({ state }) => state === "out")
    .map(({ tag }) => tag);
  return { expected: tags.sort(), expectedByClass: null };
};

const expectationOf = (book: Book, body: BeginSession, ground: Ground): Expected => {
  if (body.expected !== undefined) return { expected: normalised(body.expected), expectedByClass: null };
  if (body.contract !== undefined && body.mode !== "count" && body.mode !== "service") {
    const isGoing =
      body.mode === "checkout" ||
      (body.mode === "laundry" && (book.contract(body.contract)?.state ?? "open") === "open");
    return isGoing ? stillToGo(book, body.contract, body.id) : stillOut(book, body.contract);
  }
  return ground.expected === undefined ? nothing : { expected: ground.expected, expectedByClass: null };
};

/**
 * What a reader hears is a scan of one session, so there is one at a station; whoever comes second is told which. One that is over
 * already, and whose beginning is heard only now, is in nobody's way.
 */
const checkStation = (book: Book, station: string, known: Session | undefined): void => {
  const other = openAmong(book.sessionsAt(station));
  if (other === undefined || known?.state === "closed") return;
  throw new Fault("station_busy", `session ${other.id} is open at ${station}`);
};

/**
 * Begins a session, or learns of the beginning of one whose scans came first.
 *
 * @throws Fault `session_exists`, `station_busy`, `tag_malformed`; `too_large` when more is expected than an event can carry.
 */
export const decideBegin = (book: Book, body: BeginSession, origin: Origin, ground: Ground): Decision => {
  const known = book.session(body.id);
  if (known !== undefined && known.begunAt !== null) throw new Fault("session_exists", body.id);
  if (body.station !== undefined) checkStation(book, body.station, known);
  const contract = body.contract?.trim();
  const expectation = expectationOf(
    book,
    { ...body, ...(contract === undefined ? {} : { contract }) },
    ground,
  );
  if ((expectation.expected?.length ?? 0) > expectedTagsMax)
    throw new Fault("too_large", `${expectation.expected?.length} tags would be expected`);
  const data = {
    mode: body.mode,
    contract: contract ?? null,
    place: body.place ?? null,
    class: body.class ?? null,
    ...(body.station === undefined ? {} : { station: body.station }),
    begunAt: believed(body.begunAt, origin.receivedAt),
    ...expectation,
  };
  if (!fitsIntoEvent(data)) throw new Fault("too_large", "the expected tags are too long for one session");
  return {
    outcome: "accepted",
    flags: [],
    said: {
      type: SessionBegun.type,
      session: body.id,
      data,
      ...origin,
      ...(contract === undefined ? {} : { contract }),
    },
  };
};

const setOf = (tags: readonly string[]): TagSet => ({ count: tags.length, digest: tagSetDigest(tags) });

/** The different tags whose scans count in a session, whatever became of them. */
export const recordedIn = (book: Book, id: string): TagSet =>
  setOf([...book.scannedTags(id).values()].flatMap(({ outcome, tag }) => (outcome === null ? [] : tag)));

/** Whether all that its device scanned has arrived. What was taken back since did arrive. */
export const isComplete = (book: Book, id: string, declared: TagSet | null): boolean | null => {
  if (declared === null) return null;
  const { count, digest } = setOf(
    [...book.scannedTags(id).values()].flatMap(({ type, tag }) => (type === null ? [] : tag)),
  );
  return count === declared.count && digest === declared.digest;
};

/**
 * Closes a session. What the device says it has scanned is compared with what has arrived; when they differ, the session is closed
 * all the same and shown as half uploaded until the rest comes.
 *
 * @throws Fault `session_unknown`.
 */
export const decideClose = (
  book: Book,
  { session: id, close }: { readonly session: string; readonly close: CloseSession },
  origin: Origin,
): Decision => {
  const session = book.session(id);
  if (session === undefined) throw new Fault("session_unknown", id);
  const { count, digest } = close;
  if ((count === undefined) !== (digest === undefined))
    throw new Fault("malformed", "count and digest belong together");
  const declared = count === undefined || digest === undefined ? session.declared : { count, digest };
  const isSame = declared?.count === session.declared?.count && declared?.digest === session.declared?.digest;
  if (session.state === "closed" && isSame) return { outcome: "already_applied", flags: [] };
  const recorded = recordedIn(book, id);
  const data = {
    closedAt: session.closedAt ?? closedAtOf(session, close, origin),
    recorded,
    declared,
    complete: isComplete(book, id, declared),
    duplicates: book.duplicates(id),
  };
  return { outcome: "accepted", flags: [], said: { type: SessionClosed.type, session: id, data, ...origin } };
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
  const recorded = recordedIn(book, id);
  const complete = isComplete(book, id, book.session(id)?.declared ?? null);
  return { type: SessionRestated.type, session: id, data: { recorded, complete, scans }, ...origin };
};
