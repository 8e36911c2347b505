import {
  type AvailableItem,
  type ClassDay,
  type Contract,
  type ContractMember,
  type ContractRow,
  crewOf,
  type Day,
  type FlaggedScan,
  type Item,
  type LiveChange,
  type LoggedEvent,
  type QueuedItem,
  type RentalClass,
  type SessionTag,
  type ThroughputRow,
  type UnseenItem,
} from "@tagwire/messages";
import { concernsClasses, foldClasses } from "./actors/class-book.ts";
import { concernsUse, foldUse } from "./actors/class-use.ts";
import { type ContractStep, concernsContracts, foldContractRun } from "./actors/contract-book.ts";
import { type Counts, foldCounts, isCounted, noCounts, type StockMove } from "./actors/counts.ts";
import { calendarOf } from "./actors/day.ts";
import { flaggedScanOf } from "./actors/flagged-scan.ts";
import type { Step } from "./actors/item-steps.ts";
import { foldMinutes, type Minute } from "./actors/minute.ts";
import { concernsQueues, foldQueues, queueKeys } from "./actors/queue-book.ts";
import { isScan } from "./actors/scan-outcome.ts";
import { type ActiveSession, concernsSessions, foldSessionRun } from "./actors/session-book.ts";
import { standingChanges } from "./actors/standing.ts";
import { foldStock, type KnownTimes } from "./actors/stock.ts";
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
  /** By position. */
  readonly flagged: ReadonlyMap<number, FlaggedScan>;
  /** How classes stood at the ends of days, each class's in the order of the days. */
  readonly use: ReadonlyMap<string, readonly ClassDay[]>;
  /** What a screen shows of what is available, and of what was seen. */
  readonly available: ReadonlyMap<string, AvailableItem>;
  readonly unseen: ReadonlyMap<string, UnseenItem>;
  /** What the past is told from. */
  readonly steps: readonly ContractStep[];
  readonly moves: readonly StockMove[];
  readonly apply: (events: readonly LoggedEvent[]) => void;
};

const putAll = <T>(into: Map<string, T>, changed: ReadonlyMap<string, T>): void => {
  for (const [key, value] of changed) into.set(key, value);
};

const show = <T>(rows: Map<string, T>, { key, ...change }: LiveChange): void => {
  if ("del" in change) rows.delete(key);
  else if ("put" in change) rows.set(key, change.put as T);
};

const dateOf = (at: string | null | undefined): Date | null => (at == null ? null : new Date(at));

export const openMonthBoards = (): MonthBoards => {
  const items = new Map<string, Item>();
  const since = new Map<string, string>();
  const waiting = new Map<string, number>();
  const waitingSince = new Map<string, string>();
  const minutes = new Map<string, Minute>();
  const tallies = new Map<string, ThroughputRow>();
  const classes = new Map<string, RentalClass>();
  const contracts = new Map<string, Contract>();
  const members = new Map<string, ContractMember>();
  const contractRows = new Map<string, ContractRow>();
  const sessions = new Map<string, ActiveSession>();
  const sessionTags = new Map<string, SessionTag>();
  const queued = new Map<string, QueuedItem>();
  const flagged = new Map<number, FlaggedScan>();
  const use = new Map<string, readonly ClassDay[]>();
  const available = new Map<string, AvailableItem>();
  const unseen = new Map<string, UnseenItem>();
  const steps: ContractStep[] = [];
  const moves: StockMove[] = [];
  const times = new Map<string, KnownTimes>();
  const itemSteps = new Map<string, readonly Step[]>();
  let counts: Counts = noCounts;

  const applyUse = (happenings: ReturnType<typeof foldStock>["happenings"]): void => {
    for (const [name, changed] of Map.groupBy(
      foldUse(use, happenings.filter(concernsUse), dayOf),
      (one) => one.class,
    )) {
      const days = new Map([...(use.get(name) ?? []), ...changed].map((one) => [one.day, one]));
      use.set(
        name,
        [...days.values()].sort((one, other) => (one.day < other.day ? -1 : 1)),
      );
    }
  };

  const applyTimes = (stock: ReturnType<typeof foldStock>, pos: number): void => {
    const { idle, stale } = standingChanges({ items, waiting, waitingSince, times }, stock, pos);
    for (const { change } of idle) show(available, change);
    for (const { change } of stale) show(unseen, change);
    for (const tag of new Set([...stock.items.keys(), ...stock.seen.keys()])) {
      const changed = stock.items.get(tag);
      const before = times.get(tag);
      const changedAt = dateOf(changed?.changedAt) ?? before?.changedAt;
      if (changedAt === undefined) continue;
      const [seen, seenBefore] = [dateOf(stock.seen.get(tag)), before?.seenAt ?? null];
      times.set(tag, {
        freeAt: dateOf(changed?.times.freeAt) ?? before?.freeAt ?? null,
        seenAt: seen !== null && (seenBefore === null || seen > seenBefore) ? seen : seenBefore,
        changedAt,
      });
    }
    for (const [tag, { times: own }] of stock.items)
      if (own.steps !== undefined) itemSteps.set(tag, own.steps);
  };

  const applyQueues = (happenings: ReturnType<typeof foldStock>["happenings"]): void => {
    const { described } = queueKeys(happenings);
    const known = [...queued.values()].flatMap(({ tag, class: name, since: at }) => {
      const item = items.get(tag);
      return item === undefined || !described.has(name) ? [] : [{ item, since: at }];
    });
    for (const { change } of foldQueues({ classes, waiting: known, since }, happenings)) show(queued, change);
  };

  return {
    ...{ items, minutes, tallies, classes, contracts, members, contractRows, sessions, sessionTags, queued },
    ...{ flagged, use, available, unseen, steps, moves },
    counts: () => counts,
    apply: (events) => {
      const stock = foldStock({ items, waiting, waitingSince, steps: itemSteps }, events);
      const { happenings } = stock;
      // Boards read what was before the run; the rows of the run are kept when all of them have.
      applyQueues(happenings.filter(concernsQueues));
      const turned = foldCounts(counts, happenings.filter(isCounted), dayOf);
      counts = { ...turned, classes: new Map([...counts.classes, ...turned.classes]) };
      moves.push(...turned.moves);
      applyUse(happenings);
      applyTimes(stock, events.at(-1)?.pos ?? 0);
      for (const scan of happenings.flatMap((one) => flaggedScanOf(one) ?? [])) flagged.set(scan.pos, scan);
      putAll(minutes, foldMinutes(minutes, happenings.filter(isScan)));
      putAll(tallies, foldThroughput(tallies, happenings.filter(isScan), dayOf).changed);
      putAll(classes, foldClasses(classes, happenings.filter(concernsClasses)));
      const moved = foldContractRun({ contracts, members }, happenings.filter(concernsContracts), dayOf);
      steps.push(...moved.steps);
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
      putAll(waitingSince, stock.waitingSince);
    },
  };
};

/** The crew whose queue an item stands in. */
export const crewOfItem = (classes: ReadonlyMap<string, RentalClass>, item: Item) =>
  crewOf(classes.get(item.class));
