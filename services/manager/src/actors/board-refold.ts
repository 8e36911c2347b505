import { isDeepStrictEqual } from "node:util";
import {
  type BoardEntity,
  type Contract,
  contractRow,
  type Day,
  type LoggedEvent,
  type Session,
} from "@tagwire/messages";
import { foldSessionRun, knownSessions } from "./session-book.ts";
import { foldStock, nothingKnown } from "./stock.ts";

/** What a row has beside what both sides have, instants as text to the millisecond. */
export type BoardFields = Readonly<Record<string, unknown>>;

/** A row as it is kept, and as its events say; `folded` is null where they say nothing of it. */
export type BoardLife = {
  readonly entity: BoardEntity;
  readonly key: string;
  readonly row: BoardFields;
  readonly folded: BoardFields | null;
};

/** In which fields a row is something else than its events. */
export const boardDifference = ({ row, folded }: BoardLife): string[] =>
  [...new Set([...Object.keys(row), ...Object.keys(folded ?? {})])]
    .filter((name) => !isDeepStrictEqual(row[name], folded?.[name]))
    .sort();

/** Since when an item is what it is, by its own events and those of the tags that it had before. */
export const itemBoardFields = (tag: string, life: readonly LoggedEvent[]): BoardFields | null => {
  const stock = foldStock(nothingKnown, life);
  const own = stock.items.get(tag);
  if (own === undefined) return null;
  const { changedAt, times } = own;
  return {
    changedAt: new Date(changedAt).toISOString(),
    statusAt: times.statusAt ?? null,
    freeAt: times.freeAt ?? null,
    steps: times.steps ?? null,
    seenAt: stock.seen.get(tag) ?? null,
  };
};

/** How many scans wait for a tag, and since when. */
export const waitingBoardFields = (tag: string, life: readonly LoggedEvent[]): BoardFields | null => {
  const { waiting, waitingSince } = foldStock(nothingKnown, life);
  const scans = waiting.get(tag) ?? 0;
  const since = waitingSince.get(tag);
  return scans === 0 || since === undefined ? null : { scans, since: new Date(since).toISOString() };
};

/** What a session is looked for by, of the whole that both sides have, and when something was last recorded of it. */
export const sessionBoardFields = (
  { id, complete, lateScans }: Pick<Session, "id" | "complete" | "lateScans">,
  life: readonly LoggedEvent[],
): BoardFields | null => {
  const { sessions } = foldSessionRun(
    knownSessions([], []),
    life.map((event) => ({ event, waiting: 0 })),
  );
  const activeAt = sessions.get(id)?.activeAt;
  return activeAt === undefined ? null : { complete, lateScans, activeAt };
};

/** What a contract is looked for by, of the whole that both sides have. */
export const contractBoardFields = (contract: Contract, dayOf: (instant: string) => Day): BoardFields => {
  const { progress, stillOutItems, dueOutDay, dueInDay } = contractRow(contract, dayOf);
  return { progress, stillOutItems, dueOutDay, dueInDay };
};
