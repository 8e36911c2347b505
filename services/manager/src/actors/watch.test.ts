import type { Reader } from "@tagwire/messages";
import { expect, test } from "vitest";
import { isOverThreshold } from "./threshold.ts";
import { lookGapMsMax, type Watched, type Watches, watchFigure, watchReaders } from "./watch.ts";

const startMs = Date.parse("2026-03-02T10:00:00Z");
const minuteMs = 60_000;

const nobody: ReadonlySet<string> = new Set();

type Look = { readonly atMinutes: number; readonly reads: number; readonly status?: Reader["status"] };

const reader = ({ reads, status = "inventory" }: Omit<Look, "atMinutes">, enabled = true) => ({
  ...{ id: "dock", enabled, status },
  counts: { reads } as Reader["counts"],
});

/** Looks once a minute, so that no look stands apart. */
const lookThrough = (params: Parameters<typeof watchReaders>[0], looks: readonly Look[]): Watched =>
  looks.reduce<Watched>(
    ({ watches }, { atMinutes, ...state }) =>
      watchReaders(
        params,
        { readers: [reader(state)], held: nobody },
        watches,
        startMs + atMinutes * minuteMs,
      ),
    { watches: new Map(), sights: new Map() },
  );

const every = (minutes: number, of: (minute: number) => Omit<Look, "atMinutes">): Look[] =>
  Array.from({ length: minutes + 1 }, (_, atMinutes) => ({ atMinutes, ...of(atMinutes) }));

test("a reader that takes no inventory for the limit is silent, however often its phase changes", () => {
  const flapping = (minute: number) =>
    ({ reads: 5, status: minute % 2 === 0 ? "backoff" : "connecting" }) as const;
  expect(lookThrough({ minutes: 10 }, every(9, flapping)).sights.size).toBe(0);
  const { sights } = lookThrough({ minutes: 10 }, every(10, flapping));
  expect(sights.get("dock")).toEqual({
    count: 1,
    subjects: [{ key: "dock", since: new Date(startMs).toISOString(), detail: "backoff" }],
  });
});

test("one that takes inventory without a read is silent only where that has a limit", () => {
  const still = () => ({ reads: 5 });
  expect(lookThrough({ minutes: 10 }, every(60, still)).sights.size).toBe(0);
  const params = { minutes: 10, minutesWithoutReads: 30 };
  expect(lookThrough(params, every(29, still)).sights.size).toBe(0);
  expect(lookThrough(params, every(30, still)).sights.get("dock")?.subjects[0]?.detail).toBe("no reads");
  expect(
    lookThrough(
      params,
      every(60, (minute) => ({ reads: minute })),
    ).sights.size,
  ).toBe(0);
});

test("after a time without a look it counts from the next look", () => {
  const looks = [...every(5, () => ({ reads: 5, status: "backoff" as const }))];
  const last = { atMinutes: 5 + lookGapMsMax / minuteMs + 1, reads: 5, status: "backoff" as const };
  expect(lookThrough({ minutes: 6 }, [...looks, last]).sights.size).toBe(0);
});

test.each([
  {
    what: "stands still",
    before: { status: "backoff" },
    now: { reads: 5, status: "backoff" },
    is: "backoff",
  },
  { what: "reads nothing", before: {}, now: { reads: 5 }, is: "no reads" },
  { what: "stands still no more", before: { status: "backoff" }, now: { reads: 5 }, is: undefined },
  { what: "reads again", before: {}, now: { reads: 6 }, is: undefined },
] as const)(
  "an alert about a reader that $what says so after a time without a look",
  ({ before, now, is }) => {
    const params = { minutes: 6, minutesWithoutReads: "status" in before ? 1_440 : 30 };
    const { watches, sights } = lookThrough(
      params,
      every(30, () => ({ reads: 5, ...before })),
    );
    expect(sights.size).toBe(1);
    const later = watchReaders(
      params,
      { readers: [reader(now)], held: new Set(["dock"]) },
      watches,
      startMs + 90 * minuteMs,
    );
    const [subject] = later.sights.get("dock")?.subjects ?? [];
    expect(subject?.detail).toBe(is);
    if (is !== undefined) expect(subject?.since).toBe(new Date(startMs).toISOString());
  },
);

test("stopped readers, and those that are not meant, are left alone", () => {
  const before: Watches = new Map([["dock", { value: 0, sinceMs: 0, observedAtMs: startMs }]]);
  const off = watchReaders(
    { minutes: 1 },
    { readers: [reader({ reads: 1, status: "stopped" }, false)], held: nobody },
    before,
    startMs,
  );
  expect([off.sights.size, off.watches.size]).toEqual([0, 0]);
  const other = watchReaders(
    { minutes: 1, readers: ["gate"] },
    { readers: [reader({ reads: 1 })], held: nobody },
    before,
    startMs,
  );
  expect(other.watches.size).toBe(0);
});

const params = {
  figure: "/totals/quarantined",
  comparator: ">",
  value: 10,
  clearValue: 5,
  forSeconds: 60,
} as const;

test("a figure has to be over its threshold for as long as is asked, without a break", () => {
  const at = (seconds: number, figure: number | undefined, before: Watches = new Map()) =>
    watchFigure(params, { figure, isHeld: false }, before, startMs + seconds * 1_000);
  const first = at(0, 11);
  expect([first.sights.size, first.watches.size]).toEqual([0, 1]);
  const second = at(59, 12, first.watches);
  expect(second.sights.size).toBe(0);
  expect(at(60, 13, second.watches).sights.get("")?.subjects[0]).toEqual({
    ...{ key: "/totals/quarantined", since: new Date(startMs).toISOString(), detail: "13" },
  });
  const broken = at(59, 10, first.watches);
  expect(at(60, 13, broken.watches).sights.size).toBe(0);
  expect(at(60, undefined, second.watches).sights.size).toBe(0);
});

test("between the two values it stays as it was", () => {
  expect(isOverThreshold(params, 7, false)).toBe(false);
  expect(isOverThreshold(params, 7, true)).toBe(true);
  expect(isOverThreshold(params, 5, true)).toBe(false);
  expect(isOverThreshold({ ...params, comparator: "<" }, 9, false)).toBe(true);
  const held = watchFigure(params, { figure: 7, isHeld: true }, new Map(), startMs);
  expect(held.sights.size).toBe(1);
});

test("each step that a figure is over is one more thing that its alert is about", () => {
  const stepped = { ...params, forSeconds: 0, steps: [20, 50] };
  const keys = (figure: number) =>
    watchFigure(stepped, { figure, isHeld: true }, new Map(), startMs)
      .sights.get("")
      ?.subjects.map(({ key }) => key);
  expect(keys(12)).toEqual(["/totals/quarantined"]);
  expect(keys(51)).toEqual([
    ...["/totals/quarantined", "/totals/quarantined > 20", "/totals/quarantined > 50"],
  ]);
});
