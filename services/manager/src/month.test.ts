import {
  foldItem,
  type Item,
  type LoggedEvent,
  ScanDismissed,
  ScanQuarantined,
  ScanRefused,
  serviceQueues,
} from "@tagwire/messages";
import { expect, test } from "vitest";
import { memberKey } from "./actors/contract-book.ts";
import { addCounts, type StatusCounts, totalOf } from "./actors/status-counts.ts";
import { crewOfItem, type MonthBoards, openMonthBoards } from "./test-month-boards.ts";
import { differences, same } from "./test-month-differences.ts";
import { monthLog, monthSeed } from "./test-month-log.ts";
import { pastWrong, type Remembered, remember } from "./test-month-past.ts";
import { dueAndWaitingWrong, reckonedWrong } from "./test-month-reckoned.ts";
import { openReckoning } from "./test-month-reckoning.ts";
import { dueSituationsOf, situationsOf } from "./test-month-situations.ts";
import { recordsOf } from "./test-records.ts";

/** Generous: it only decides how long a broken run takes to fail. */
const timeoutMs = 900_000;
/** Of what is wrong on a day, so much is told. */
const toldMax = 5;
/** The sizes of the runs in which the log comes, in turn: single scans, a session, and what a rebuild reads at once. */
const runSizes = [1, 7, 500, 3, 64, 1_000] as const;
/** What concerns every item is reckoned after so many days, and at the end: each time costs as much as a day does. */
const reckonedEveryDays = 4;

const dayOfLast = (events: readonly LoggedEvent[]): string => events.at(-1)?.recordedAt.slice(0, 10) ?? "";

function* runsOf(events: readonly LoggedEvent[]): Generator<readonly LoggedEvent[]> {
  for (let from = 0, turn = 0; from < events.length; turn += 1) {
    const size = runSizes[turn % runSizes.length] ?? 1;
    yield events.slice(from, from + size);
    from += size;
  }
}

const plus = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/** What the log says, counted event by event without any of the boards. */
const openCount = () => {
  const items = new Map<string, Item>();
  const stray = new Map<string, number>();
  const outcomes = new Map<string, number>();
  const outcomeOf = ({ type, data }: LoggedEvent): string => {
    if (type === ScanQuarantined.type) return "quarantined";
    return type === ScanRefused.type ? "rejected" : String(data.outcome);
  };
  return {
    items,
    outcomes,
    waiting: (): number => [...stray].reduce((sum, [tag, count]) => sum + (items.has(tag) ? 0 : count), 0),
    read: (event: LoggedEvent): void => {
      const { tag, type, scanId, data } = event;
      if (type === ScanQuarantined.type && tag !== undefined) plus(stray, tag);
      if (type === ScanDismissed.type && tag !== undefined) stray.delete(tag);
      const item =
        tag === undefined || !type.startsWith("item.") ? undefined : foldItem(items.get(tag), event);
      if (item !== undefined) items.set(item.tag, item);
      const { flags = [] } = data as { readonly flags?: readonly string[] };
      if (scanId !== undefined && !flags.includes("from_quarantine")) plus(outcomes, outcomeOf(event));
    },
  };
};
type Count = ReturnType<typeof openCount>;

/** Items that something was said of after a position: a day's part of them. */
const saidSince = (items: ReadonlyMap<string, Item>, sincePos: number): Map<string, Item> =>
  new Map([...items].filter(([, { pos }]) => pos > sincePos));

const countsWrong = (boards: MonthBoards, { items, waiting }: Count): string[] => {
  const classes = new Map<string, StatusCounts>();
  for (const { class: name, status } of items.values()) {
    const counts = classes.get(name) ?? {};
    counts[status] = (counts[status] ?? 0) + 1;
    classes.set(name, counts);
  }
  const { classes: kept, statuses, quarantined } = boards.counts();
  return [
    ...differences("class", new Map([...kept].filter(([, counts]) => totalOf(counts) > 0)), classes),
    ...same("statuses", statuses, [...classes.values()].reduce(addCounts, {})),
    ...same("quarantined", quarantined, waiting()),
  ];
};

const queuesWrong = ({ queued, classes }: MonthBoards, { items }: Count): string[] => {
  const queues: ReadonlySet<string> = new Set(serviceQueues);
  const stands = [...items.values()].filter(({ status }) => queues.has(status));
  const told = new Map(
    stands.map((item) => [item.tag, `${item.status} ${crewOfItem(classes, item)} ${item.class}`]),
  );
  const kept = [...queued].map(([tag, row]) => [tag, `${row.queue} ${row.crew} ${row.class}`] as const);
  return differences("queued item", new Map(kept), told);
};

const scansWrong = ({ minutes, tallies }: MonthBoards, { outcomes }: Count): string[] => {
  const scans = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
  const sum = (of: (row: { scans: number; rejected: number; quarantined: number }) => number) =>
    [...minutes.values()].reduce((total, minute) => total + of(minute), 0);
  const byDevice = [...tallies.values()].filter(({ span, kind }) => span === "day" && kind === "device");
  const tallied = (of: (row: (typeof byDevice)[number]) => number) =>
    byDevice.reduce((total, row) => total + of(row), 0);
  const [rejected, quarantined] = [outcomes.get("rejected") ?? 0, outcomes.get("quarantined") ?? 0];
  return [
    ...same(
      "scans by minute",
      [sum((row) => row.scans), sum((row) => row.rejected), sum((row) => row.quarantined)],
      [scans, rejected, quarantined],
    ),
    ...same(
      "scans by device",
      [
        tallied((row) => row.scans),
        tallied((row) => row.accepted),
        tallied((row) => row.alreadyApplied),
        tallied((row) => row.rejected),
        tallied((row) => row.quarantined),
      ],
      [scans, outcomes.get("accepted") ?? 0, outcomes.get("already_applied") ?? 0, rejected, quarantined],
    ),
  ];
};

/** Rows of the board of contracts, counted again from the items that stand on them. */
const contractRowsWrong = ({ contractRows, members }: MonthBoards): string[] => {
  const byContract = Map.groupBy(members.values(), ({ contract }) => contract);
  return [...contractRows].flatMap(([number, row]) => {
    const own = byContract.get(number) ?? [];
    const of = (state: string) => own.filter((member) => member.state === state).length;
    return same(
      `contract ${number}`,
      [row.stagedItems, row.stillOutItems, row.returnedItems],
      [of("staged"), of("out"), of("returned")],
    );
  });
};

/** Everything of contracts, sessions and classes, from the whole log at once. */
const recordsWrong = (boards: MonthBoards, log: readonly LoggedEvent[]): string[] => {
  const records = recordsOf(log);
  const sessions = new Map([...boards.sessions].map(([id, { session }]) => [id, session]));
  const members = [...records.members.values()].map(
    (one) => [memberKey(one.contract, one.tag), one] as const,
  );
  const tags = [...records.tags.values()].map((one) => [memberKey(one.session, one.tag), one] as const);
  return [
    ...differences("contract", boards.contracts, records.contracts),
    ...differences("member", boards.members, new Map(members)),
    ...differences("session", sessions, records.sessions),
    ...differences("session tag", boards.sessionTags, new Map(tags)),
    ...differences("class", boards.classes, records.classes),
  ];
};

test(
  `a month of the real house, seed ${monthSeed}: however its log is cut, every board is the recount of it at the end of each day`,
  async () => {
    const boards = openMonthBoards();
    const count = openCount();
    const reckoning = openReckoning();
    const remembered: Remembered[] = [];
    const met = new Map<string, number>();
    const meet = (situations: Readonly<Record<string, ReadonlySet<unknown>>>): void => {
      for (const [what, { size }] of Object.entries(situations)) met.set(what, (met.get(what) ?? 0) + size);
    };
    const log: LoggedEvent[] = [];
    let days = 0;
    for await (const events of monthLog(monthSeed)) {
      for (const run of runsOf(events)) {
        boards.apply(run);
        // The middle of a day is as past as its end.
        if (remembered.length < 2 * Math.ceil(days / reckonedEveryDays))
          remembered.push(remember(boards, run.at(-1)?.pos ?? 0));
      }
      for (const event of events) {
        count.read(event);
        reckoning.read(event);
      }
      const readPos = log.length;
      log.push(...events);
      days += 1;
      const wrong = [
        ...differences("item", saidSince(boards.items, readPos), saidSince(count.items, readPos)),
        ...countsWrong(boards, count),
        ...queuesWrong(boards, count),
        ...scansWrong(boards, count),
        ...contractRowsWrong(boards),
        ...dueAndWaitingWrong(boards, reckoning),
        ...(days % reckonedEveryDays === 0 ? reckonedWrong(boards, reckoning, dayOfLast(log)) : []),
      ];
      meet(dueSituationsOf(boards, dayOfLast(log)));
      if (days % reckonedEveryDays === 0) remembered.push(remember(boards, log.length));
      expect(wrong.slice(0, toldMax), `${wrong.length} things are wrong at the end of day ${days}`).toEqual(
        [],
      );
    }
    const wrong = [
      ...differences("item", boards.items, count.items),
      ...recordsWrong(boards, log),
      ...reckonedWrong(boards, reckoning, dayOfLast(log)),
      ...remembered.flatMap((then) => pastWrong(boards, then)),
    ];
    expect(wrong.slice(0, toldMax), `${wrong.length} records are wrong`).toEqual([]);

    meet(situationsOf(boards, reckoning, dayOfLast(log)));

    // A month in which something never happens would prove nothing about it.
    expect(days).toBeGreaterThan(20);
    expect(log.map(({ pos }) => pos)).toEqual(log.map((_, index) => index + 1));
    expect(boards.items.size).toBeGreaterThan(12_000);
    for (const [what, some] of Object.entries({
      contracts: boards.contractRows,
      sessions: boards.sessions,
      queued: boards.queued,
      tallies: boards.tallies,
      available: boards.available,
      unseen: boards.unseen,
      remembered: new Set(remembered.filter(({ contracts }) => contracts.size > 0)),
    }))
      expect(some.size, what).toBeGreaterThan(0);
    expect([...met].filter(([, times]) => times === 0)).toEqual([]);
  },
  timeoutMs,
);
