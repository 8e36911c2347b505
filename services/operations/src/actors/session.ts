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
};
const nothing: Expected = { expected: null, expectedByClass: null };

/** What has still to leave on a contract, by class. */
const stillToGo = (book: Book, number: string): Expected => {
  const contract = book.contract(number);
  if (contract === undefined || contract.lines.length === 0) return nothing;
  const lacking = contract.lines.flatMap(({ class: name, quantity }) => {
    const { out, returned, notRecorded } = ownOf(contract.counts, name) ?? noMembers;
    const left = quantity - out - returned - notRecorded;
    return left > 0 ? [[name, left] as const] : [];
  });
  return { expected: null, expectedByClass: Object.fromEntries(lacking) };
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
    return isGoing ? stillToGo(book, body.contract) : stillOut(book, body.contract);
  }
  return ground.expected === undefined ? nothing : { expected: ground.expected, expectedByClass: null };
};

/**
 * Begins a session, or learns of the beginning of one whose scans came first.
 *
 * @throws Fault `session_exists`, `tag_malformed`; `too_large` when more is expected than an event can carry.
 */
export const decideBegin = (book: Book, body: BeginSession, origin: Origin, ground: Ground): Decision => {
  const known = book.session(body.id);
  if (known !== undefined && known.begunAt !== null) throw new Fault("session_exists", body.id);
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

/** The different tags that were scanned in a session, whatever became of the scans. */
const recordedIn = (book: Book, id: string): TagSet => {
  const tags = [...book.sessionTags(id).values()].flatMap(({ outcome, tag }) =>
    outcome === null ? [] : tag,
  );
  return { count: tags.length, digest: tagSetDigest(tags) };
};

const isComplete = (recorded: TagSet, declared: TagSet | null): boolean | null =>
  declared === null ? null : recorded.count === declared.count && recorded.digest === declared.digest;

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
    complete: isComplete(recorded, declared),
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

/** What scans that arrived after the close make of their session. */
export const restatement = (book: Book, id: string, scans: number, origin: Origin): Said => {
  const recorded = recordedIn(book, id);
  const complete = isComplete(recorded, book.session(id)?.declared ?? null);
  return { type: SessionRestated.type, session: id, data: { recorded, complete, scans }, ...origin };
};
