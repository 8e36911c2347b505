import type {
  AvailableItem,
  ClassDay,
  ContractRow,
  FlaggedScan,
  LagMinute,
  SessionRow,
  ThroughputRow,
  UnseenItem,
} from "@tagwire/messages";
import { noLags } from "@tagwire/messages";
import { expect, test } from "vitest";
import {
  byActivity,
  byDue,
  byScanner,
  dateTexts,
  dueText,
  idleRows,
  lagOfHour,
  staleRows,
  usedClasses,
  withMark,
} from "./board-rows.ts";
import { daysSince, siteDay, untilFor } from "./site-time.ts";

const dayMs = 86_400_000;
const nowMs = Date.parse("2026-03-10T15:00:00Z");
const daysAgo = (days: number): string => new Date(nowMs - days * dayMs).toISOString();

const item = { tag: "A", class: "tent", status: "ready", place: null, role: null, lastSeenAt: null } as const;

test("what is idle is told by the present, and nothing has to come for it", () => {
  const rows: AvailableItem[] = [29.9, 30, 60].map((days) => ({
    ...{ ...item, quality: null, tag: `T${days}`, since: daysAgo(days) },
  }));
  expect(idleRows(rows, 30, nowMs).map(({ tag }) => tag)).toEqual(["T60", "T30"]);
  expect(idleRows(rows, 30, nowMs + dayMs).map(({ tag }) => tag)).toEqual(["T60", "T30", "T29.9"]);
});

test("the instant a view is asked by takes in all that becomes old within the day, and stays for a day", () => {
  const until = untilFor(30, nowMs);
  expect(until >= daysAgo(30)).toBe(true);
  expect(Date.parse(until) - Date.parse(daysAgo(30))).toBeLessThanOrEqual(dayMs);
  expect(untilFor(30, nowMs + 3_600_000)).toBe(until);
  expect(untilFor(30, nowMs + dayMs)).not.toBe(until);
  expect(daysSince(daysAgo(2.9), nowMs)).toBe(2);
});

test("each thing has the limit of its role, else of its place, else the one for everything", () => {
  const params = {
    days: 360,
    limits: [
      { name: "resale", days: 90 },
      { name: "Pack", days: 120 },
    ],
  };
  const rows: UnseenItem[] = [
    { ...item, tag: "role", role: "RESALE", place: "pack", since: daysAgo(91) },
    { ...item, tag: "place", place: "pack", since: daysAgo(121) },
    { ...item, tag: "soon", place: "pack", since: daysAgo(119) },
    { ...item, tag: "else", since: daysAgo(359) },
  ];
  expect(staleRows(rows, params, nowMs).map(({ tag, limit }) => [tag, limit.name])).toEqual([
    ["place", "Pack"],
    ["role", "resale"],
  ]);
});

test("utilisation goes on at midnight without a message: the new day stands as the one before ended", () => {
  const days: ClassDay[] = [
    { class: "tent", day: "2026-02-01", statuses: { ready: 10 }, pos: 1 },
    { class: "tent", day: "2026-03-09", statuses: { ready: 5, on_rent: 5 }, pos: 2 },
    { class: "gone", day: "2026-02-01", statuses: { sold: 3 }, pos: 3 },
  ];
  const first = usedClasses(days, { from: "2026-03-08", to: "2026-03-09" });
  expect(first.rows).toMatchObject([{ class: "tent", itemDays: 20, outDays: 5, share: 0.25 }]);
  const next = usedClasses(days, { from: "2026-03-09", to: "2026-03-10" });
  expect(next.all).toEqual({ outDays: 10, itemDays: 20, share: 0.5 });
});

test("who scanned stands with what they did today and this hour, the busiest first", () => {
  const tally = { accepted: 0, alreadyApplied: 0, rejected: 0, quarantined: 0 };
  const row = (span: "hour" | "day", start: string, who: string, scans: number): ThroughputRow => ({
    ...{ span, start, kind: "person", who, ...tally, scans },
  });
  const rows = [
    row("day", "2026-03-10", "ana", 5),
    row("day", "2026-03-10", "ben", 9),
    row("day", "2026-03-09", "ana", 99),
    row("hour", "2026-03-10T15:00:00.000Z", "ana", 2),
    row("hour", "2026-03-10T14:00:00.000Z", "ben", 9),
  ];
  const shown = byScanner(rows, { day: "2026-03-10", hour: "2026-03-10T15:00:00.000Z" });
  expect(shown.map(({ who, hour, today }) => [who, hour, today.scans])).toEqual([
    ["ben", 0, 9],
    ["ana", 2, 5],
  ]);
});

test("odd scans are narrowed down to those that are odd in one way", () => {
  const scan = (pos: number, ...marks: string[]) => ({ pos, marks }) as FlaggedScan;
  const all = [scan(1, "late"), scan(2, "forced", "late"), scan(3, "rejected")];
  expect(withMark(all, "late").map(({ pos }) => pos)).toEqual([1, 2]);
  expect(withMark(all, "")).toEqual(all);
});

const undue = { dueInDay: null, dueOutDay: null, dueAt: null, outAt: null };

test("contracts stand by the day they are due, as it stands to today in the site's zone", () => {
  const today = siteDay(Date.parse("2026-03-11T02:00:00Z"), "America/Chicago");
  expect(today).toBe("2026-03-10");
  const contract = (number: string, what: Partial<ContractRow>) =>
    ({ ...undue, number, state: "open", stillOutItems: 0, stillOutLots: 0, ...what }) as ContractRow;
  const all = [
    contract("3", { dueOutDay: "2026-03-10" }),
    contract("1", { dueInDay: "2026-03-09", stillOutItems: 4, state: "closed" }),
    contract("2", { dueInDay: "2026-03-10", stillOutItems: 1 }),
    contract("4", {}),
    contract("5", { state: "closed" }),
  ];
  const { rows, counts } = byDue(all, today);
  expect(rows.map(({ number }) => number)).toEqual(["1", "2", "3", "4"]);
  expect(counts).toEqual({ overdue: 1, dueInToday: 1, lateOut: 0, dueOutToday: 1, stillOut: 5 });
  const now = { nowMs: Date.parse("2026-03-11T02:00:00Z"), timeZone: "America/Chicago" };
  expect(rows.map((row) => dueText(row, now))).toEqual([
    "closed, but 4 still out, due 9 Mar 2026",
    "back today",
    "out today",
    "–",
  ]);
});

test("what is due today says its hour where one was stated, and since when it has been past", () => {
  const dueOut = (number: string, outAt: string) =>
    ({
      number,
      state: "open",
      stillOutItems: 0,
      dueInDay: null,
      dueOutDay: "2026-03-10",
      outAt,
    }) as ContractRow;
  const all = [
    dueOut("afternoon", "2026-03-10T19:30:00Z"),
    dueOut("morning", "2026-03-10T13:00:00.000Z"),
    dueOut("day", "2026-03-10T05:00:00.000Z"),
  ];
  const { rows } = byDue(all, "2026-03-10");
  const at = (now: string) =>
    rows.map((row) => dueText(row, { nowMs: Date.parse(now), timeZone: "America/Chicago" }));
  expect(at("2026-03-10T12:00:00Z")).toEqual(["out today", "out today 08:00", "out today 14:30"]);
  expect(at("2026-03-10T16:01:00Z")).toEqual(["out today", "out today 08:00, past", "out today 14:30"]);
  expect(at("2026-03-11T16:01:00Z").at(1)).toBe("out, late since 10 Mar 2026");
});

test("the dates of a contract are said once, with what is due or late, and those that nobody knows are left out", () => {
  const dates = {
    outAt: null,
    dueAt: null,
    dueOutDay: null,
    dueInDay: null,
    firstOutAt: null,
    lastBackAt: null,
  };
  const of = (what: Partial<ContractRow>) =>
    dateTexts({ ...dates, ...what } as ContractRow, {
      nowMs: Date.parse("2026-03-10T16:00:00Z"),
      timeZone: "America/Chicago",
    });
  expect(of({})).toEqual([]);
  expect(of({ outAt: "2026-03-11T02:00:00Z", dueOutDay: "2026-03-10" })).toEqual([
    "to go out 10 Mar 2026 (today 21:00)",
  ]);
  const out = {
    ...{ outAt: "2026-03-01T15:00:00Z", firstOutAt: "2026-03-02T15:00:00Z" },
    ...{ dueAt: "2026-03-09T15:00:00Z", dueInDay: "2026-03-09" },
  };
  expect(of(out)).toEqual(["to go out 1 Mar 2026", "due back 9 Mar 2026 (late)", "first out 2 Mar 2026"]);
  expect(of({ ...out, state: "closed", stillOutItems: 3, stillOutLots: 1 })).toContain(
    "due back 9 Mar 2026 (closed, but 4 still out)",
  );
});

test("the lag of the hour forgets minutes as they pass", () => {
  const minute = (ago: number): LagMinute => ({
    minute: new Date(nowMs - ago * 60_000).toISOString(),
    counts: noLags.map((_, bucket) => (bucket === 3 ? 2 : 0)),
    maxMs: 30,
  });
  const minutes = [0, 59, 60].map(minute);
  expect(lagOfHour(minutes, nowMs)).toMatchObject({ samples: 4, maxMs: 30 });
  expect(lagOfHour(minutes, nowMs + 60_000)).toMatchObject({ samples: 2 });
});

test("sessions that are open come before those that are over, however quiet they are", () => {
  const rows = [
    { id: "late", state: "closed", activeAt: "2026-03-10T14:00:00Z" },
    { id: "quiet", state: "open", activeAt: "2026-03-10T08:00:00Z" },
    { id: "unbegun", state: "unbegun", activeAt: "2026-03-10T13:00:00Z" },
    { id: "busy", state: "open", activeAt: "2026-03-10T12:00:00Z" },
  ] as unknown as SessionRow[];
  expect(byActivity(rows).map(({ id }) => id)).toEqual(["busy", "quiet", "late", "unbegun"]);
});
