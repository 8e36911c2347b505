import {
  ItemCreated,
  type ItemCreated as ItemCreatedBody,
  ItemRetagged,
  type ItemSet,
  ItemUndone,
  movesOf,
  ScanDismissed,
  ScanQuarantined,
} from "@tagwire/messages";
import {
  blocked,
  type Compensation,
  nothing,
  numberNow,
  refused,
  type TakeBack,
  type Undoing,
  undone,
} from "./compensation.ts";
import { changeBody, latestOf, type Said } from "./decision.ts";
import { takeBackItem } from "./undo-item.ts";
import { around, type History, type PastEvent, setBy, undoes } from "./undo-log.ts";

/*
 * A change of tags is two events, one after the other: the old tag ends, and the new one begins. So is its undo, the same way round,
 * and who takes one of the two back takes back both. The beginning of a new thing is alone.
 */

/** Whether an event is one half of a change of tags, or may be one of the undo of one. */
export const mayBeHalf = ({ type, data }: Pick<PastEvent, "type" | "data">): boolean => {
  if (type === ItemRetagged.type) return true;
  if (type === ItemCreated.type) return (data as ItemCreatedBody).item.replaces != null;
  return type === ItemUndone.type && "replacedBy" in ((data as { set?: ItemSet }).set ?? {});
};

type Halves = { readonly old: PastEvent; readonly successor: PastEvent };

const halvesOf = (event: PastEvent, history: History): Halves | undefined => {
  if (!mayBeHalf(event)) return undefined;
  const before = history.at(event.pos - 1);
  const after = history.at(event.pos + 1);
  if (event.type === ItemRetagged.type)
    return after?.type === ItemCreated.type ? { old: event, successor: after } : undefined;
  if (event.type === ItemCreated.type)
    return before?.type === ItemRetagged.type ? { old: before, successor: event } : undefined;
  const target = history.at(undoes(event) ?? 0);
  const of = target === undefined ? undefined : halvesOf(target, history);
  if (of === undefined) return undefined;
  const isOf = (one: PastEvent | undefined, half: PastEvent) =>
    one !== undefined && one.type === ItemUndone.type && undoes(one) === half.pos;
  if (target === of.old && after !== undefined && isOf(after, of.successor))
    return { old: event, successor: after };
  return target === of.successor && before !== undefined && isOf(before, of.old)
    ? { old: before, successor: event }
    : undefined;
};

/**
 * Ends the tag that a thing had got, as a tag ends that is replaced: this one is free, and leads to the one that has the thing again, or
 * to itself where there never was another.
 */
const endBeginning = (undoing: Undoing, leadsTo: string): Compensation => {
  const { event, book, history, origin } = undoing;
  const item = event.tag === undefined ? undefined : book.item(event.tag);
  if (item === undefined) return refused("no item carries the tag");
  const others = around(event, history.ofSame(event));
  if (others === undefined) return nothing;
  const later = others.later.find(
    (one) =>
      one.type === ItemCreated.type || Object.keys(setBy(one)).length > 0 || movesOf(one.data).length > 0,
  );
  if (later !== undefined) return blocked(later);
  const at = origin.receivedAt;
  const set: ItemSet = {
    ...{ status: "retired", contract: null, lastFactAt: latestOf(at, item.lastFactAt), replacedBy: leadsTo },
  };
  const moves = movesOf(event.data).map(({ contract, class: name, outAt }) => ({
    contract: numberNow(book, contract),
    class: name,
    // What was out before was so under the old tag, and is so again.
    to: outAt === undefined ? ("none" as const) : ("renamed" as const),
    at,
  }));
  const data = changeBody(item, set, { outcome: "accepted", flags: [], undoes: event.pos, moves });
  const contract = event.contract === undefined ? {} : { contract: numberNow(book, event.contract) };
  return undone([{ type: ItemUndone.type, tag: item.tag, data, ...contract, ...origin }]);
};

/** Takes a change of tags back, or the undo of one: the thing carries the other tag of the two again. */
const takeBackHalves = (undoing: Undoing, { old, successor }: Halves): Compensation => {
  const back = takeBackItem({ ...undoing, event: old });
  if (back.verdict.outcome !== "undone") return back;
  // Both are decided on the same site: what is said of the one tag tells nothing of the other, and a fork for each change of tags
  // would copy everything that the undo has changed by then.
  const further: Undoing = { ...undoing, event: successor };
  const end =
    successor.type === ItemCreated.type ? endBeginning(further, old.tag ?? "") : takeBackItem(further);
  if (end.verdict.outcome !== "undone") return end;
  const says: Said[] = [...back.says, ...end.says];
  return { verdict: back.verdict, says };
};

export const takeBackRetag: TakeBack = (undoing) => {
  const halves = halvesOf(undoing.event, undoing.history);
  return halves === undefined
    ? refused("the other half of it is not in the log")
    : takeBackHalves(undoing, halves);
};

/** A beginning that was half of a change of tags is taken back with it; of any other the thing is gone from the stock. */
export const takeBackBeginning: TakeBack = (undoing) => {
  const { event, history } = undoing;
  const halves = halvesOf(event, history);
  return halves === undefined ? endBeginning(undoing, event.tag ?? "") : takeBackHalves(undoing, halves);
};

/** The scan of a tag that nobody knew again which began to wait first, of those that wait still. */
const waitingSince = ({ event, history }: Undoing): PastEvent | undefined => {
  const since = history.ofSame(event).filter(({ pos }) => pos > event.pos);
  const dismissed = since.findLastIndex(({ type }) => type === ScanDismissed.type);
  return since.slice(dismissed + 1).find(({ type }) => type === ScanQuarantined.type);
};

/** An undo of a half of a change of tags is one of both; any other is of one item. */
export const takeBackUndo: TakeBack = (undoing) => {
  const { event, history } = undoing;
  const halves = halvesOf(event, history);
  if (halves !== undefined) return takeBackHalves(undoing, halves);
  const isBeginning = history.at(undoes(event) ?? 0)?.type === ItemCreated.type;
  const waiting = isBeginning ? waitingSince(undoing) : undefined;
  if (waiting === undefined) return takeBackItem(undoing);
  return refused(
    `a scan has waited for the tag since ${waiting.pos}: it is decided once that is commissioned`,
    {
      ...{ blockedBy: waiting.pos, instead: "POST /items" },
    },
  );
};
