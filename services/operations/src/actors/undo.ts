import {
  ContractAmended,
  type ContractAmended as ContractAmendedBody,
  ContractClosed,
  type ContractMove,
  ContractReopened,
  Fault,
  foldItem,
  type Item,
  type ItemChange,
  ItemCreated,
  ItemReassigned,
  ItemRetagged,
  type ItemSet,
  ItemUndone,
  type LoggedEvent,
  LotRecorded,
  type LotRecorded as LotRecordedBody,
  movesOf,
  ownOf,
  type UndoEvents,
  type UndoneEvent,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { changeBody, type Origin, type Said } from "./decision.ts";
import type { Ground } from "./known.ts";

type Verdict = Omit<UndoneEvent, "pos" | "type" | "tag" | "contract" | "by">;
type Compensation = { readonly verdict: Verdict; readonly said?: Said };

const refused = (reason: string, blockedBy?: number): Compensation => ({
  verdict: { outcome: "refused", reason, ...(blockedBy === undefined ? {} : { blockedBy }) },
});
const nothing: Compensation = { verdict: { outcome: "nothing_to_undo" } };

/** The members that make up a fact: who states one states all of them, and who takes one back takes back all. */
const factKeys: ReadonlySet<string> = new Set(["status", "contract"]);

const isFactual = (set: ItemSet): boolean => Object.keys(set).some((key) => factKeys.has(key));

/**
 * What an event set, by the names of the members. A sighting that changed nothing set nothing. A fact names only what it changed,
 * and states the rest of it as well: it may come to stand on other ground, when what was before it is taken back.
 */
const setBy = ({ data }: LoggedEvent): ItemSet => {
  const { set = {}, was } = data as Partial<ItemChange>;
  if (was === undefined || !isFactual(set)) return set;
  return { status: was.status, contract: was.contract, ...set };
};

/** What the item was after these events, each fact of them as a whole. */
const foldWhole = (events: readonly LoggedEvent[]): Item | undefined =>
  events.reduce<Item | undefined>(
    (folded, event) => foldItem(folded, { ...event, data: { ...event.data, set: setBy(event) } }),
    undefined,
  );

const undoes = (event: LoggedEvent): number | undefined => (event.data as { undoes?: number }).undoes;

/** Events that were taken back, and those that took them back and were not themselves: together they are as if nothing had been. */
const effective = (history: readonly LoggedEvent[]): LoggedEvent[] => {
  const gone = new Set<number>();
  for (const event of history.toReversed()) {
    const target = undoes(event);
    if (target === undefined || gone.has(event.pos)) continue;
    gone.add(event.pos);
    gone.add(target);
  }
  return history.filter(({ pos }) => !gone.has(pos));
};

const isTakenBack = (event: LoggedEvent, history: readonly LoggedEvent[]): boolean =>
  history.some((one) => undoes(one) === event.pos && !isTakenBack(one, history));

/**
 * What would count if an event had not been, before and after it; undefined when it was taken back already. Without one that took
 * another back, that other is there again, so an undo is undone like anything else.
 */
const around = (event: LoggedEvent, history: readonly LoggedEvent[]) => {
  if (isTakenBack(event, history)) return undefined;
  const others = effective(history.filter((one) => one !== event));
  return {
    before: others.filter(({ pos }) => pos < event.pos),
    later: others.filter(({ pos }) => pos > event.pos),
  };
};

/** Kinds whose effect reaches beyond one item, or that have a command of their own to take them back. */
const otherWay: ReadonlyMap<string, string> = new Map([
  [ItemCreated.type, "an item that was commissioned by mistake is retired"],
  [ItemRetagged.type, "an item that got the wrong tag gets another one"],
  [ItemReassigned.type, "a merge is not undone item by item"],
]);

/** The number that a contract has now: what happened on one that was merged since happened on the one it was merged into. */
const numberNow = (book: Book, number: string): string => book.contract(number)?.number ?? number;

/** What an event did to the records of contracts, by the numbers they have now. */
const movesNow = (book: Book, { data }: LoggedEvent): ContractMove[] =>
  movesOf(data).map((move) => ({ ...move, contract: numberNow(book, move.contract) }));

/** Where the item stood on these contracts before an event: it is taken off, and goes the way again that it had gone until then. */
const movesBack = (
  book: Book,
  event: LoggedEvent,
  before: readonly LoggedEvent[],
  item: Item,
): ContractMove[] => {
  const earlier = before.flatMap((one) => movesNow(book, one));
  const numbers = new Set(movesNow(book, event).map(({ contract }) => contract));
  const at = event.scannedAt ?? event.recordedAt;
  return [...numbers].flatMap((contract) => [
    { contract, class: item.class, to: "none" as const, at },
    ...earlier.filter((move) => move.contract === contract),
  ]);
};

/** The first later event that says anew what this one said: of the item's status, or of its standing on the same contract. */
const dependentOn = (
  book: Book,
  event: LoggedEvent,
  later: readonly LoggedEvent[],
): LoggedEvent | undefined => {
  const isFact = (one: LoggedEvent) => isFactual(setBy(one));
  const numbers = new Set(movesNow(book, event).map(({ contract }) => contract));
  return later.find(
    (one) =>
      (isFact(event) && isFact(one)) || movesNow(book, one).some(({ contract }) => numbers.has(contract)),
  );
};

/**
 * Takes back what one event did to an item: each member it set is what it was before, unless something later has set it anew.
 * Later facts about the item's status depend on it and must be undone first.
 */
const undoItemEvent = (
  book: Book,
  event: LoggedEvent,
  history: readonly LoggedEvent[],
  { item, origin }: { readonly item: Item; readonly origin: Origin },
): Compensation => {
  const reason = otherWay.get(event.type);
  if (reason !== undefined) return refused(reason);
  const others = around(event, history);
  if (others === undefined) return nothing;
  const { before, later } = others;
  const set = setBy(event);
  const keys = Object.keys(set) as (keyof ItemSet)[];
  if (keys.length === 0 && movesOf(event.data).length === 0) return nothing;

  const blocking = dependentOn(book, event, later);
  if (blocking !== undefined) return refused(`${blocking.type} came after it`, blocking.pos);

  const was = foldWhole(before);
  if (was === undefined) return refused("nothing is known of the item before it");
  const setAnew = new Map(
    later.flatMap((one) => Object.keys(setBy(one)).map((key) => [key, one.pos] as const)),
  );
  const open = keys.filter((key) => !setAnew.has(key));
  const [firstKey] = keys;
  if (open.length === 0 && firstKey !== undefined)
    return refused("all of it was stated anew", setAnew.get(firstKey));
  const then = was.contract === null ? was : { ...was, contract: numberNow(book, was.contract) };
  // The rest of a fact is told only where it differs from what is there.
  const told = open.filter((key) => key in (event.data as ItemChange).set || then[key] !== item[key]);
  const back = Object.fromEntries(told.map((key) => [key, then[key] ?? null])) as ItemSet;
  const moves = movesBack(book, event, before, item);
  const data = changeBody(item, back, { outcome: "accepted", flags: [], undoes: event.pos, moves });
  const contract = event.contract === undefined ? {} : { contract: numberNow(book, event.contract) };
  return {
    verdict: { outcome: "undone", set: back },
    said: { type: ItemUndone.type, tag: item.tag, data, ...contract, ...origin },
  };
};

const undoLot = (
  book: Book,
  event: LoggedEvent,
  history: readonly LoggedEvent[],
  origin: Origin,
): Compensation => {
  if (around(event, history) === undefined) return nothing;
  const { name, quantity, action } = event.data as LotRecordedBody;
  const contract = book.contract(event.contract ?? "");
  if (contract === undefined || contract.number !== event.contract) return refused("its contract was merged");
  const lot = ownOf(contract.lots, name);
  const balance = (lot?.added ?? 0) - (lot?.removed ?? 0);
  if (action === "added" && quantity > balance) return refused(`only ${balance} of ${name} are on it now`);
  const data = { name, quantity, action: action === "added" ? "removed" : "added", undoes: event.pos };
  return {
    verdict: { outcome: "undone" },
    said: { type: LotRecorded.type, contract: event.contract, data, ...origin },
  };
};

const undoContractEvent = (
  book: Book,
  event: LoggedEvent,
  history: readonly LoggedEvent[],
  origin: Origin,
): Compensation => {
  const contract = book.contract(event.contract ?? "");
  if (contract === undefined || contract.number !== event.contract) return refused("its contract was merged");
  const others = around(event, history);
  if (others === undefined) return nothing;
  const later = others.later.find(({ type }) => type !== LotRecorded.type && type.startsWith("contract."));
  if (later !== undefined) return refused(`${later.type} came after it`, later.pos);
  const named = { contract: contract.number, ...origin };
  if (event.type === ContractAmended.type) {
    const { set, was } = event.data as ContractAmendedBody;
    return {
      verdict: { outcome: "undone", set: was },
      said: { type: ContractAmended.type, data: { set: was, was: set, undoes: event.pos }, ...named },
    };
  }
  if (event.type === ContractClosed.type || event.type === ContractReopened.type) {
    const { was, state } = event.data as { was: string; state: string };
    const type = event.type === ContractClosed.type ? ContractReopened.type : ContractClosed.type;
    const data = { state: was, was: state, flags: [], undoes: event.pos };
    return { verdict: { outcome: "undone", set: { state: was } }, said: { type, data, ...named } };
  }
  return refused("another command takes it back");
};

const ofSame = (event: LoggedEvent, history: readonly LoggedEvent[]): LoggedEvent[] =>
  event.tag !== undefined
    ? history.filter(({ tag }) => tag === event.tag)
    : history.filter(({ tag, contract }) => tag === undefined && contract === event.contract);

const compensate = (
  book: Book,
  event: LoggedEvent,
  history: readonly LoggedEvent[],
  origin: Origin,
): Compensation => {
  if (event.tag !== undefined && event.type.startsWith("item.")) {
    const item = book.item(event.tag);
    return item === undefined
      ? refused("no item carries the tag")
      : undoItemEvent(book, event, history, { item, origin });
  }
  if (event.type === LotRecorded.type) return undoLot(book, event, history, origin);
  if (event.type.startsWith("contract.")) return undoContractEvent(book, event, history, origin);
  return refused("nothing takes it back");
};

export type Undoing = { readonly says: readonly Said[]; readonly undone: readonly UndoneEvent[] };

/**
 * Takes events back by compensating ones, the newest first, so that what depends on another is gone before it. Nothing is undone
 * when any of it cannot be, unless a part is wanted. `nextPos` is the position that the first compensating event will have.
 *
 * @throws Fault `event_unknown` when there is nothing at a position; `undo_refused` with the reason of the first that stays.
 */
export const decideUndo = (
  book: Book,
  body: UndoEvents,
  origin: Origin,
  { ground, nextPos }: { readonly ground: Ground; readonly nextPos: number },
): Undoing => {
  const scratch = book.fork();
  const history = [...(ground.history ?? [])];
  const targets = history.filter(({ pos }) => ground.targets?.has(pos));
  if (targets.length === 0) throw new Fault("event_unknown", "");
  const says: Said[] = [];
  const undone = targets.toReversed().map((event): UndoneEvent => {
    const { verdict, said } = compensate(scratch, event, ofSame(event, history), origin);
    const { pos, type, tag, contract } = event;
    if (verdict.outcome === "refused" && body.partial !== true && !body.preview)
      throw new Fault("undo_refused", `${type} at ${pos}: ${verdict.reason}`);
    const by = nextPos + says.length;
    if (said !== undefined) {
      // The next one is decided on a log that has the end of this one in it.
      history.push({ ...event, ...said, pos: by } as LoggedEvent);
      scratch.fold(said, by);
      says.push(said);
    }
    return {
      pos,
      type,
      ...(tag === undefined ? {} : { tag }),
      ...(contract === undefined ? {} : { contract }),
      ...verdict,
      ...(said === undefined || body.preview ? {} : { by }),
    };
  });
  return { says, undone };
};
