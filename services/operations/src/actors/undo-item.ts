import { isDeepStrictEqual } from "node:util";
import {
  type ContractMove,
  faultCatalogue,
  foldSessions,
  type InSession,
  type Item,
  type ItemChange,
  ItemCreated,
  ItemReassigned,
  type ItemSet,
  ItemUndone,
  type LastScan,
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
import { standsAs } from "./contract-moves.ts";
import { changeBody } from "./decision.ts";
import { isHeldElsewhere, isHolding } from "./epc-holder.ts";
import { type Around, around, foldWhole, isFactual, type PastEvent, setBy, undoes } from "./undo-log.ts";

/** Whether an event is a scan of an item that its session counts. */
export const isSessionScan = ({ type, session, data }: PastEvent): boolean =>
  session !== undefined && type.startsWith("item.") && (data as Partial<ItemChange>).scan !== undefined;

const isInSession = (event: PastEvent): boolean =>
  isSessionScan(event) || (event.data as Partial<ItemChange>).inSession !== undefined;

/** What an event did to the records of contracts, by the numbers they have now. */
const movesNow = (book: Book, { data }: PastEvent): ContractMove[] =>
  movesOf(data).map((move) => ({ ...move, contract: numberNow(book, move.contract) }));

/**
 * Where the item stood on these contracts before an event: it is taken off, and goes the way again that it had gone until then. What was
 * told of a contract that became this one since may have ended there what goes on here: `after`, which is on it, stands on it last.
 */
const movesBack = ({ book, event }: Undoing, before: readonly PastEvent[], after: Item): ContractMove[] => {
  const earlier = before.flatMap((one) => movesNow(book, one));
  const numbers = new Set(movesNow(book, event).map(({ contract }) => contract));
  const at = event.scannedAt ?? event.recordedAt;
  return [...numbers].flatMap((contract) => {
    const own = earlier.filter((move) => move.contract === contract);
    const stands = contract === after.contract ? standsAs(after) : undefined;
    const again = own.at(-1)?.to === stands ? undefined : own.findLast(({ to }) => to === stands);
    return [
      { contract, class: after.class, to: "none" as const, at },
      ...own,
      ...(again === undefined ? [] : [again]),
    ];
  });
};

/** What is gone with an event that is taken back: of one that took an undo back, what is there again by it. */
const standingFor = (event: PastEvent, history: readonly PastEvent[]): number => {
  const taken = (one: PastEvent | undefined) => {
    const target = one === undefined ? undefined : undoes(one);
    return target === undefined ? undefined : history.find(({ pos }) => pos === target);
  };
  const again = taken(taken(event));
  return again === undefined ? event.pos : standingFor(again, history);
};

/**
 * The first later event that says anew what this one said: of the item's status, or of its standing on the same contract; or that told
 * too late of a rental, and took this one for its end. What the tag was put on since is another thing, of which nothing from before is
 * said.
 */
const dependentOn = (
  { book, event, history }: Undoing,
  later: readonly PastEvent[],
): PastEvent | undefined => {
  const stoodFor = standingFor(event, history.ofSame(event));
  const isFact = (one: PastEvent) => isFactual(setBy(one));
  const numbers = new Set(movesNow(book, event).map(({ contract }) => contract));
  return later.find(
    (one) =>
      one.type === ItemCreated.type ||
      (isFact(event) && isFact(one)) ||
      movesNow(book, one).some(({ contract, endedBy }) => numbers.has(contract) || endedBy === stoodFor),
  );
};

/**
 * Whether a tag stands beside what its session expects: as its last scan that was taken says, unless the session began after that and
 * said so of it.
 */
const isBeside = (row: SessionTag, taken: readonly PastEvent[], begun: PastEvent | undefined): boolean => {
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
  const begun = history.ofSession(session).findLast(({ type }) => type === SessionBegun.type);
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
const isOfMerge = (event: PastEvent, history: readonly PastEvent[]): boolean => {
  if (event.type === ItemReassigned.type) return true;
  const target = undoes(event);
  const of = target === undefined ? undefined : history.find(({ pos }) => pos === target);
  return of !== undefined && isOfMerge(of, history);
};

/**
 * The members that an event set, with those of what it took back: of these it could set only what nothing had set anew by then, and that
 * may be gone since.
 */
const membersOf = (event: PastEvent, history: readonly PastEvent[]): ReadonlySet<keyof ItemSet> => {
  const own = Object.keys(setBy(event)) as (keyof ItemSet)[];
  const target = undoes(event);
  const of = target === undefined ? undefined : history.find(({ pos }) => pos === target);
  return new Set([...own, ...(of === undefined ? [] : membersOf(of, history))]);
};

/** What an event set that nothing later has set anew, as it was before it. */
const setBack = (undoing: Undoing, { before, later }: Around, item: Item): ItemSet | Compensation => {
  const { book, event, history } = undoing;
  const keys = [...membersOf(event, history.ofSame(event))];
  if (keys.length === 0) return {};
  const was = foldWhole(before);
  if (was === undefined) return refused("nothing is known of the item before it");
  const setAnew = new Map(
    later.flatMap((one) => Object.keys(setBy(one)).map((key) => [key, one.pos] as const)),
  );
  const open = keys.filter((key) => !setAnew.has(key));
  const blockedBy = setAnew.get(keys[0] ?? "");
  if (open.length === 0 && blockedBy !== undefined && !isInSession(event) && movesOf(event.data).length === 0)
    return refused(`all of it was stated anew at ${blockedBy}`, { blockedBy });
  const then = was.contract === null ? was : { ...was, contract: numberNow(book, was.contract) };
  // The rest of it is told only where it differs from what is there.
  const isOther = (key: keyof ItemSet) => !isDeepStrictEqual(then[key] ?? null, item[key] ?? null);
  const told = open.filter((key) => key in (event.data as ItemChange).set || isOther(key));
  const set = Object.fromEntries(told.map((key) => [key, then[key] ?? null])) as ItemSet;
  // What was read of the tag itself is true whatever is taken back.
  const isStillIso = item.lastScan?.isIso === true && set.lastScan != null;
  return isStillIso ? { ...set, lastScan: { ...set.lastScan, isIso: true } as LastScan } : set;
};

/**
 * Why what was taken back cannot be there again: what counts before it leaves the thing on a contract by now that it did not end, so that
 * nobody would. Undefined when it can be.
 */
const ofAnotherPast = ({ book, event }: Undoing, before: readonly PastEvent[]): Compensation | undefined => {
  const again = before.find(({ pos }) => pos === undoes(event));
  const { was } = (again?.data ?? {}) as Partial<ItemChange>;
  if (again === undefined || was === undefined || !isFactual(setBy(again))) return undefined;
  const past = before.filter(({ pos }) => pos < again.pos);
  const contractOf = (number: string | null | undefined) => (number == null ? null : numberNow(book, number));
  const [then, now] = [contractOf(was.contract), contractOf(foldWhole(past)?.contract)];
  // What ended a contract that the item is not on any more ends nothing, and is as it was otherwise.
  if (now === null || then === now) return undefined;
  const named = (number: string | null) => (number === null ? "no contract" : `contract ${number}`);
  const blockedBy = past.findLast((one) => "contract" in setBy(one))?.pos;
  return refused(
    `${again.type} at ${again.pos} was said of an item on ${named(then)}, which before it is on ${named(now)} by now`,
    blockedBy === undefined ? {} : { blockedBy },
  );
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
  const otherPast = ofAnotherPast(undoing, others.before);
  if (otherPast !== undefined) return otherPast;
  const set = setBack(undoing, others, item);
  if ("verdict" in set) return set;
  // A thing that was sold here is another site's since: it cannot be in the stock of both.
  const isBack = !isHolding(item) && isHolding({ ...item, ...set });
  if (isBack && isHeldElsewhere(book, item.tag)) return refused(faultCatalogue.epc_held_elsewhere.advice);
  const inSession = standingIn(undoing, others);
  const data = changeBody(item, set, {
    ...{ outcome: "accepted", flags: [], undoes: event.pos },
    moves: movesBack(undoing, others.before, { ...item, ...set }),
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
