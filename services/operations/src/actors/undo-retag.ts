import {
  ItemCreated,
  type ItemCreated as ItemCreatedBody,
  ItemRetagged,
  type ItemSet,
  ItemUndone,
  type LoggedEvent,
  movesOf,
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
import { around, type History, setBy, undoes } from "./undo-log.ts";

/*
 * A change of tags is two events, one after the other: the old tag ends, and the new one begins. So is its undo, the same way round,
 * and who takes one of the two back takes back both.
 */

/** Whether an event is one half of a change of tags, or may be one of the undo of one. */
export const mayBeHalf = ({ type, data }: Pick<LoggedEvent, "type" | "data">): boolean => {
  if (type === ItemRetagged.type) return true;
  if (type === ItemCreated.type) return (data as ItemCreatedBody).item.replaces != null;
  return type === ItemUndone.type && "replacedBy" in ((data as { set?: ItemSet }).set ?? {});
};

type Halves = { readonly old: LoggedEvent; readonly successor: LoggedEvent };

const halvesOf = (event: LoggedEvent, history: History): Halves | undefined => {
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
  const isOf = (one: LoggedEvent | undefined, half: LoggedEvent) =>
    one !== undefined && one.type === ItemUndone.type && undoes(one) === half.pos;
  if (target === of.old && after !== undefined && isOf(after, of.successor))
    return { old: event, successor: after };
  return target === of.successor && before !== undefined && isOf(before, of.old)
    ? { old: before, successor: event }
    : undefined;
};

/** Ends the tag that a thing had got, as a tag ends that is replaced: the old one has the thing again. */
const endSuccessor = (undoing: Undoing, old: string): Compensation => {
  const { event, book, history, origin } = undoing;
  const item = event.tag === undefined ? undefined : book.item(event.tag);
  if (item === undefined) return refused("no item carries the tag");
  const others = around(event, history.ofSame(event));
  if (others === undefined) return nothing;
  const later = others.later.find(
    (one) => Object.keys(setBy(one)).length > 0 || movesOf(one.data).length > 0,
  );
  if (later !== undefined) return blocked(later);
  const at = origin.receivedAt;
  const set: ItemSet = {
    ...{ status: "retired", contract: null, lastFactAt: latestOf(at, item.lastFactAt), replacedBy: old },
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
  const { book, nextPos } = undoing;
  const back = takeBackItem({ ...undoing, event: old });
  if (back.verdict.outcome !== "undone") return back;
  const scratch = book.fork();
  for (const [index, said] of back.says.entries()) scratch.fold(said, nextPos + index);
  const further: Undoing = { ...undoing, event: successor, book: scratch };
  const end =
    successor.type === ItemCreated.type ? endSuccessor(further, old.tag ?? "") : takeBackItem(further);
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

/** An item that began with a change of tags ends with its undo; any other is retired by hand. */
export const takeBackBeginning: TakeBack = (undoing) => {
  const halves = halvesOf(undoing.event, undoing.history);
  if (halves !== undefined) return takeBackHalves(undoing, halves);
  return refused("an item that was commissioned by mistake is retired", {
    instead: "PATCH /items/{tag}",
  });
};

/** An undo of a half of a change of tags is one of both; any other is of one item. */
export const takeBackUndo: TakeBack = (undoing) => {
  const halves = halvesOf(undoing.event, undoing.history);
  return halves === undefined ? takeBackItem(undoing) : takeBackHalves(undoing, halves);
};
