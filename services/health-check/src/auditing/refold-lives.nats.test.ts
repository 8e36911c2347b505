import { answer, type Bus, openBus } from "@tagwire/bus";
import { AskBoardRefolds, AskRefold, AskRefolds } from "@tagwire/messages";
import { quietLog, testNats } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RefoldedUntil } from "../actors/progress.ts";
import { nothingBefore } from "../actors/storm.ts";
import { refoldBoards } from "./refold-boards.ts";
import { refoldLives } from "./refold-lives.ts";

const stack = new AsyncDisposableStack();
const [count, everyMs] = [3_000, 300_000];
const keyAt = (at: number): string => `T${String(at).padStart(4, "0")}`;
const tags = Array.from({ length: count }, (_, at) => keyAt(at));
/** Nobody can fold the life of this one. */
const long = keyAt(42);
const folded: string[] = [];
let bus: Bus;
beforeAll(async () => {
  const { url } = stack.use(await testNats());
  bus = await openBus({ url, name: "test", log: quietLog() });
  stack.defer(bus.close);
  const page = (after: string | null, limit: number) => {
    const from = after === null ? 0 : tags.indexOf(after) + 1;
    const found = tags.slice(from, from + limit);
    return { found, next: from + limit < count ? (found.at(-1) ?? null) : null };
  };
  answer(bus, AskRefolds, async ({ entity, after, limit }) => {
    if (entity !== "item") return { checked: 0, next: null, differ: [] };
    const { found, next } = page(after, limit);
    const looked = found.filter((tag) => tag !== long);
    folded.push(...looked);
    return { checked: looked.length, next, differ: [], tooLong: found.filter((tag) => tag === long) };
  });
  answer(bus, AskRefold, async ({ key }) => ({
    ...{ isSame: true, fields: [], row: null, folded: null, events: [], reads: [], clocks: {} },
    ...(key === long ? { isTooLong: true } : {}),
  }));
  answer(bus, AskBoardRefolds, async ({ entity, after, limit, keys }) => {
    if (entity !== "item") return { checked: 0, next: null, differ: [], more: 0 };
    const { found, next } = keys === undefined ? page(after, limit) : { found: keys, next: null };
    const tooLong = found.filter((tag) => tag === long);
    return { checked: found.length, next, differ: [], more: 0, tooLong };
  });
  await bus.connection.flush();
});
afterAll(() => stack.disposeAsync());

const task = (
  share: number,
  until: RefoldedUntil = {},
  known: { code: "field_diff" | "state_unexplained" }[] = [],
) => ({
  ...{ bus, site: "north", livesPerAudit: 100, due: { share, everyMs }, until, isLogChanged: false },
  countOf: (entity: string) => (entity === "item" ? count : 0),
  known: known.map((one) => ({ ...one, entity: "item", key: long })),
  standing: nothingBefore,
  read: () => {},
  signal: new AbortController().signal,
});

test.each([
  { what: "lives", refold: refoldLives, at: "item", named: "item" },
  { what: "boards", refold: refoldBoards, at: "board item", named: "item of boards" },
] as const)(
  "of $what the share that is due is folded, round and round, and what is too long is named",
  async ({ refold, at, named }) => {
    const part = await refold(task(1 / 10));
    expect(part.until[at]).toBe(keyAt(299));
    expect(part.share).toBeCloseTo(1 / 10);
    expect(part.unproven).toEqual([{ what: named, why: "too_long", count: 1, examples: [long] }]);
    // All of it is due, and somebody has begun in the middle.
    const rest = await refold(task(1, part.until));
    expect(rest.share).toBe(1);
    expect(rest.unproven).toEqual([{ what: named, why: "too_long", count: 1, examples: [long] }]);
    expect(rest.until[at]).toBe(keyAt(299));
  },
);

test("whoever goes round has folded everything once", async () => {
  folded.length = 0;
  await refoldLives(task(1, { item: keyAt(1_234) }));
  expect(folded.toSorted()).toEqual(tags.filter((tag) => tag !== long));
});

test.each([
  { code: "state_unexplained", refold: refoldLives },
  { code: "field_diff", refold: refoldBoards },
] as const)("a $code of a life that has become too long has not healed", async ({ code, refold }) => {
  const { found } = await refold(task(0, { item: keyAt(2_000), "board item": keyAt(2_000) }, [{ code }]));
  expect(found).toMatchObject([{ code, key: long, remedy: "none" }]);
  expect(found[0]?.evidence.detail).toContain("too long");
});
