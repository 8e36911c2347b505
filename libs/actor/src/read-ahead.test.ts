import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { type LogPage, readAhead, runLimits } from "./read-ahead.ts";
import { chainOf } from "./test-chain.ts";

const pageEvents = 1_000;
const beginning = { epoch: 1, pos: 0 };
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const positionsOf = ({ events }: LogPage) => events.map(({ pos }) => pos);

/** A log of so many events, and the positions after which it was asked for. */
const testLog = (count: number) => {
  const { events } = chainOf("a", count);
  const asked: number[] = [];
  return {
    asked,
    read: async ({ pos }: { pos: number }): Promise<LogPage> => {
      asked.push(pos);
      return { epoch: 1, head: count, events: events.slice(pos, pos + pageEvents) };
    },
  };
};

test("a page comes at once, and what gathered meanwhile comes together, more each time; memory is bounded", async () => {
  const { asked, read } = testLog(20_000);
  const runs = readAhead(read, beginning);
  const first = await runs.next();
  expect(first.value && positionsOf(first.value)).toEqual(upTo(1_000));
  // Nobody takes anything: so much is read ahead and no more.
  const ahead = async (pages: number) => {
    await eventually("read ahead", () => asked.length === pages);
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toHaveLength(pages);
  };
  await ahead(7);
  const second = await runs.next();
  expect(second.value && positionsOf(second.value)).toEqual(upTo(3_000, 1_001));
  await ahead(9);
  const third = await runs.next();
  expect(third.value && positionsOf(third.value)).toEqual(upTo(6_000, 3_001));
  const rest: number[] = [];
  for await (const run of runs) rest.push(...positionsOf(run));
  expect(rest).toEqual(upTo(20_000, 6_001));
  expect(asked).toEqual(upTo(19, 0).map((page) => page * 1_000));
});

test("what takes long to apply comes in shorter runs", async () => {
  const { asked, read } = testLog(30_000);
  let nowMs = 0;
  const sizes: number[] = [];
  for await (const { events } of readAhead(read, beginning, () => nowMs)) {
    sizes.push(events.length);
    // As much as may be in memory has gathered before the next one is taken.
    const taken = sizes.reduce((sum, size) => sum + size) / pageEvents;
    await eventually("read ahead", () => asked.length === taken + runLimits.max / pageEvents);
    nowMs += sizes.length >= 4 ? runLimits.targetMs + 1 : 1;
    if (sizes.length === 7) break;
  }
  expect(sizes).toEqual([1_000, 2_000, 3_000, 4_000, 2_000, 1_000, 1_000]);
});

test("whoever stops taking ends the reading", async () => {
  const { asked, read } = testLog(50_000);
  for await (const _run of readAhead(read, beginning)) break;
  const before = asked.length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked.length).toBeLessThanOrEqual(before + 1);
});

test("what cannot be read is thrown after what was read before it", async () => {
  const { read } = testLog(3_000);
  const taken: number[] = [];
  const reading = (async () => {
    const failing = async (after: { pos: number }) => {
      if (after.pos === 2_000) throw new Error("no answer");
      return read(after);
    };
    for await (const run of readAhead(failing, beginning)) taken.push(...positionsOf(run));
  })();
  await expect(reading).rejects.toThrow("no answer");
  expect(taken).toEqual(upTo(2_000));
});

test("pages of another epoch are a run of their own", async () => {
  const { read } = testLog(2_000);
  const turning = async (after: { pos: number }) =>
    after.pos === 0 ? read(after) : { epoch: 2, head: 7, events: [] };
  const runs: [number, number, number][] = [];
  for await (const { epoch, head, events } of readAhead(turning, beginning))
    runs.push([epoch, head, events.length]);
  expect(runs).toEqual([
    [1, 2_000, 1_000],
    [2, 7, 0],
  ]);
});
