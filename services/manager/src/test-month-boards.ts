import {
  type Contract,
  type ContractMember,
  type ContractRow,
  crewOf,
  type Day,
  type Item,
  type LoggedEvent,
  type QueuedItem,
  type RentalClass,
  type SessionTag,
  type ThroughputRow,
} from "@tagwire/messages";
import { concernsClasses, foldClasses } from "./actors/class-book.ts";
import { concernsContracts, foldContractRun } from "./actors/contract-book.ts";
import { type Counts, foldCounts, isCounted, noCounts } from "./actors/counts.ts";
import { calendarOf } from "./actors/day.ts";
import { foldMinutes, type Minute } from "./actors/minute.ts";
import { concernsQueues, foldQueues, queueKeys } from "./actors/queue-book.ts";
import { isScan } from "./actors/scan-outcome.ts";
import { type ActiveSession, concernsSessions, foldSessionRun } from "./actors/session-book.ts";
import { foldStock } from "./actors/stock.ts";
import { foldThroughput } from "./actors/throughput.ts";

/*
 * Every board of one site in memory: the manager's own folds, with maps where it has Postgres, fed run by run as the stream is.
 */

const dayOf: (at: string | number) => Day = calendarOf("UTC");

export type MonthBoards = {
  readonly items: ReadonlyMap<string, Item>;
  readonly counts: () => Counts;
  readonly minutes: ReadonlyMap<string, Minute>;
  readonly tallies: ReadonlyMap<string, ThroughputRow>;
  readonly classes: ReadonlyMap<string, RentalClass>;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly members: ReadonlyMap<string, ContractMember>;
  readonly contractRows: ReadonlyMap<string, ContractRow>;
  readonly sessions: ReadonlyMap<string, ActiveSession>;
  readonly sessionTags: ReadonlyMap<string, SessionTag>;
  /** What a screen shows that was told of every change of the queues. */
  readonly queued: ReadonlyMap<string, QueuedItem>;
  readonly apply: (events: readonly LoggedEvent[]) => void;
};

const putAll = <T>(into: Map<string, T>, changed: ReadonlyMap<string, T>): void => {
  for (const [key, value] of changed) into.set(key, value);
};

export const openMonthBoards = (): MonthBoards => {
  const items = new Map<string, Item>();
  const since = new Map<string, string>();
  const waiting = new Map<string, number>();
  const minutes = new Map<string, Minute>();
  const tallies = new Map<string, ThroughputRow>();
  const classes = new Map<string, RentalClass>();
  const contracts = new Map<string, Contract>();
  const members = new Map<string, ContractMember>();
  const contractRows = new Map<string, ContractRow>();
  const sessions = new Map<string, ActiveSession>();
  const sessionTags = new Map<string, SessionTag>();
  const queued = new Map<string, QueuedItem>();
  let counts: Counts = noCounts;

  const applyQueues = (happenings: ReturnType<typeof foldStock>["happenings"]): void => {
    const { described } = queueKeys(happenings);
    const known = [...queued.values()].flatMap(({ tag, class: name, since: at }) => {
      const item = items.get(tag);
      return item === undefined || !described.has(name) ? [] : [{ item, since: at }];
    });
    for (const { change } of foldQueues({ classes, waiting: known, since }, happenings)) {
      if ("del" in change) queued.delete(change.key);
      else if ("put" in change) queued.set(change.key, change.put as QueuedItem);
    }
  };

  return {
    ...{ items, minutes, tallies, classes, contracts, members, contractRows, sessions, sessionTags, queued },
    counts: () => counts,
    apply: (events) => {
      const stock = foldStock({ items, waiting }, events);
      const { happenings } = stock;
      // Boards read what was before the run; the rows of the run are kept when all of them have.
      applyQueues(happenings.filter(concernsQueues));
      const turned = foldCounts(counts, happenings.filter(isCounted), dayOf);
      counts = { ...turned, classes: new Map([...counts.classes, ...turned.classes]) };
      putAll(minutes, foldMinutes(minutes, happenings.filter(isScan)));
      putAll(tallies, foldThroughput(tallies, happenings.filter(isScan), dayOf).changed);
      putAll(classes, foldClasses(classes, happenings.filter(concernsClasses)));
      const moved = foldContractRun({ contracts, members }, happenings.filter(concernsContracts), dayOf);
      putAll(contracts, moved.contracts);
      putAll(contractRows, moved.rows);
      for (const [key, { member }] of moved.members) {
        if (member === undefined) members.delete(key);
        else members.set(key, member);
      }
      const heard = foldSessionRun({ sessions, tags: sessionTags }, happenings.filter(concernsSessions));
      putAll(sessions, heard.sessions);
      putAll(sessionTags, heard.tags);
      for (const [tag, { item, times }] of stock.items) {
        items.set(tag, item);
        if (times.statusAt !== undefined) since.set(tag, times.statusAt);
      }
      putAll(waiting, stock.waiting);
    },
  };
};

/** The crew whose queue an item stands in. */
export const crewOfItem = (classes: ReadonlyMap<string, RentalClass>, item: Item) =>
  crewOf(classes.get(item.class));
