import {
  type ContractMove,
  foldSessions,
  type InSession,
  type Item,
  type ItemChange,
  ItemReassigned,
  type ItemSet,
  ItemUndone,
  type LoggedEvent,
  movesOf,
  SessionBegun,
  type SessionBegun as SessionBegunBody,
  type SessionTag,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import {
  blocked,
  type Compensation,
  nothing,
  numberNow,
  refused,
  type Undoing,
  undone,
} from "./compensation.ts";
import { changeBody } from "./decision.ts";
import { type Around, around, foldWhole, isFactual, setBy, undoes } from "./undo-log.ts";

/** Whether an event is a scan of an item that its session counts. */
export const isSessionScan = ({ type, session, data }: LoggedEvent): boolean =>
  session !== undefined && type.startsWith("item.") && (data as Partial<ItemChange>).scan !== undefined;

const isInSession = (event: LoggedEvent): boolean =>
  isSessionScan(event) || (event.data as Partial<ItemChange>).inSession !== undefined;

/** What an event did to the records of contracts, by the numbers they have now. */
const movesNow = (book: Book, { data }: LoggedEvent): ContractMove[] =>
  movesOf(data).map((move) => ({ ...move, contract: numberNow(book, move.contract) }));

/** Where the item stood on these contracts before an event: it is taken off, and goes the way again that it had gone until then. */
const movesBack = ({ book, event }: Undoing, before: readonly LoggedEvent[], item: Item): ContractMove[] => {
  const earlier = before.flatMap((one) => movesNow(book, one));
  const numbers = new Set(movesNow(book, event).map(({ contract }) => contract));
  const at = event.scannedAt ?? event.recordedAt;
  return [...numbers].flatMap((contract) => [
    { contract, class: item.class, to: "none" as const, at },
    ...earlier.filter((move) => move.contract === contract),
  ]);
};

/** The first later event that says anew what this one said: of the item's status, or of its standing on the same contract. */
const dependentOn = ({ book, event }: Undoing, later: readonly LoggedEvent[]): LoggedEvent | undefined => {
  const isFact = (one: LoggedEvent) => isFactual(setBy(one));
  const numbers = new Set(movesNow(book, event).map(({ contract }) => contract));
  return later.find(
    (one) =>
      (isFact(event) && isFact(one)) || movesNow(book, one).some(({ contract }) => numbers.has(contract)),
  );
};

/**
 * Whether a tag stands beside what its session expects: as its last scan that was taken says, unless the session began after that and
 * said so of it.
 */
const isBeside = (
  row: SessionTag,
  taken: readonly LoggedEvent[],
  begun: LoggedEvent | undefined,
): boolean => {
  const { beside = [] } = (begun?.data ?? {}) as Partial<SessionBegunBody>;
  const isNamed = begun !== undefined && beside.includes(row.tag);
  return isNamed && !taken.some(({ pos }) => pos > begun.pos) ? true : row.beside;
};

/**
 * How the tag stands in the session of an event by the scans that still count there. A tag of which none does was scanned all the
 * same: what the last one was stays in its row, without an outcome.
 */
const standingIn = ({ book, event, history }: Undoing, { before, later }: Around): InSession | undefined => {
  const { session, tag } = event;
  if (session === undefined || tag === undefined || !isInSession(event)) return undefined;
  const counting = [...before, ...later];
  const counts = new Set(counting.map(({ pos }) => pos));
  // A scan that waited for its tag first was heard as one of an unknown tag; who takes the scan back takes that back with it.
  const gone = new Set(
    history
      .ofSame(event)
      .flatMap(({ type, pos, scanId }) =>
        type.startsWith("item.") && !counts.has(pos) ? (scanId ?? []) : [],
      ),
  );
  let row: SessionTag | undefined;
  const own = {
    session: () => undefined,
    tag: () => row,
    putSession: () => {},
    putTag: (one: SessionTag) => {
      row = one;
    },
  };
  const scans = counting.filter(
    (one) => one.session === session && (one.type.startsWith("item.") || !gone.has(one.scanId ?? "")),
  );
  for (const one of scans) foldSessions(own, one);
  const taken = scans.filter(({ data }) => (data as Partial<ItemChange>).outcome !== "rejected");
  const begun = history.ofSession(session).find(({ type }) => type === SessionBegun.type);
  const last = row ?? book.sessionTag(session, tag);
  return {
    outcome: row?.outcome ?? null,
    type: last?.type ?? null,
    class: last?.class ?? null,
    seenAt: last?.seenAt ?? null,
    beside: row !== undefined && isBeside(row, taken, begun),
  };
};

/** Whether an event took an item to another contract with a merge, or took that back: neither is anything without the merge. */
const isOfMerge = (event: LoggedEvent, history: readonly LoggedEvent[]): boolean => {
  if (event.type === ItemReassigned.type) return true;
  const target = undoes(event);
  const of = target === undefined ? undefined : history.find(({ pos }) => pos === target);
  return of !== undefined && isOfMerge(of, history);
};

/** What an event set that nothing later has set anew, as it was before it. */
const setBack = (undoing: Undoing, { before, later }: Around, item: Item): ItemSet | Compensation => {
  const { book, event } = undoing;
  const keys = Object.keys(setBy(event)) as (keyof ItemSet)[];
  if (keys.length === 0) return {};
  const was = foldWhole(before);
  if (was === undefined) return refused("nothing is known of the item before it");
  const setAnew = new Map(
    later.flatMap((one) => Object.keys(setBy(one)).map((key) => [key, one.pos] as const)),
  );
  const open = keys.filter((key) => !setAnew.has(key));
  const blockedBy = setAnew.get(keys[0] ?? "");
  if (open.length === 0 && blockedBy !== undefined && !isInSession(event) && movesOf(event.data).length === 0)
    return refused("all of it was stated anew", { blockedBy });
  const then = was.contract === null ? was : { ...was, contract: numberNow(book, was.contract) };
  // The rest of a fact is told only where it differs from what is there.
  const told = open.filter((key) => key in (event.data as ItemChange).set || then[key] !== item[key]);
  return Object.fromEntries(told.map((key) => [key, then[key] ?? null])) as ItemSet;
};

/** Takes back what one event did to an item, also where that is a part of something larger. */
export const takeBackPart = (undoing: Undoing): Compensation => {
  const { book, event, history, origin } = undoing;
  const item = event.tag === undefined ? undefined : book.item(event.tag);
  if (item === undefined) return refused("no item carries the tag");
  const others = around(event, history.ofSame(event));
  if (others === undefined) return nothing;
  const isCounted = isInSession(event);
  if (Object.keys(setBy(event)).length === 0 && movesOf(event.data).length === 0 && !isCounted)
    return nothing;

  const blocking = dependentOn(undoing, others.later);
  if (blocking !== undefined) return blocked(blocking);
  const set = setBack(undoing, others, item);
  if ("verdict" in set) return set;
  const inSession = standingIn(undoing, others);
  const data = changeBody(item, set, {
    ...{ outcome: "accepted", flags: [], undoes: event.pos },
    moves: movesBack(undoing, others.before, item),
    ...(inSession === undefined ? {} : { inSession }),
  });
  const contract = event.contract === undefined ? {} : { contract: numberNow(book, event.contract) };
  const session = event.session === undefined || inSession === undefined ? {} : { session: event.session };
  return undone([{ type: ItemUndone.type, tag: item.tag, data, ...contract, ...session, ...origin }], set);
};

/**
 * Takes back what one event did to an item: each member it set is what it was before, unless something later has set it anew, and
 * its session counts it no longer. Later facts about the item's status depend on it and must be undone first.
 */
export const takeBackItem = (undoing: Undoing): Compensation =>
  isOfMerge(undoing.event, undoing.history.ofSame(undoing.event))
    ? refused("it is part of a merge: take back contract.merged.v1, or merge again", {
        instead: "POST /contracts/{number}:merge",
      })
    : takeBackPart(undoing);
