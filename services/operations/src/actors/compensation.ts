import type { UndoneEvent } from "@tagwire/messages";
import type { Book } from "./book.ts";
import type { Origin, Said } from "./decision.ts";
import type { History, PastEvent } from "./undo-log.ts";

/** What becomes of one event that is to be taken back, without what names it. */
type Verdict = Omit<UndoneEvent, "pos" | "type" | "tag" | "contract" | "by">;

/** What is said to take an event back, and what that comes to. */
export type Compensation = { readonly verdict: Verdict; readonly says: readonly Said[] };

/** One event that is to be taken back, with all that its undo is decided on. */
export type Undoing = {
  readonly event: PastEvent;
  readonly book: Book;
  readonly history: History;
  readonly origin: Origin;
  /** The position that the first compensating event will have. */
  readonly nextPos: number;
};

/** How one kind of event is taken back. */
export type TakeBack = (undoing: Undoing) => Compensation;

export const refused = (
  why: string,
  more: { readonly blockedBy?: number; readonly instead?: string } = {},
): Compensation => {
  const reason = more.instead === undefined ? why : `${why} (${more.instead})`;
  return { verdict: { outcome: "refused", reason, ...more }, says: [] };
};

/** Something later stands on it, and is taken back first. */
export const blocked = ({ type, pos }: PastEvent): Compensation =>
  refused(`${type} at ${pos} came after it: take that back first`, { blockedBy: pos });

export const nothing: Compensation = { verdict: { outcome: "nothing_to_undo" }, says: [] };

export const undone = (says: readonly Said[], set?: Readonly<Record<string, unknown>>): Compensation => ({
  verdict: { outcome: "undone", ...(set === undefined ? {} : { set }) },
  says,
});

/** A kind of event that no other takes back: why, and by which operation what is wanted is done. */
export const never =
  (reason: string, instead?: string): TakeBack =>
  () =>
    refused(reason, instead === undefined ? {} : { instead });

/** The number that a contract has now: what happened on one that was merged since happened on the one it was merged into. */
export const numberNow = (book: Book, number: string): string => book.contract(number)?.number ?? number;
