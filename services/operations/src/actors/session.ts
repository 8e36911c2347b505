import {
  type BeginSession,
  expectedTagsMax,
  Fault,
  noMembers,
  normaliseTag,
  ownOf,
  type Session,
  SessionBegun,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { type Decision, fitsIntoEvent, type Origin } from "./decision.ts";
import type { Ground } from "./known.ts";
import { believed } from "./session-close.ts";
import { openAmong } from "./station-session.ts";

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
