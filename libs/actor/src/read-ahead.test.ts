import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { type LogPage, readAhead } from "./read-ahead.ts";
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

test("a page comes at once, and what gathered meanwhile comes together; memory is bounded", async () => {
  const { asked, read } = testLog(10_000);
  const runs = readAhead(read, beginning);
  const first = await runs.next();
  expect(first.value && positionsOf(first.value)).toEqual(upTo(1_000));
  // Nobody takes anything: three pages are read ahead and no more.
  await eventually("read ahead", () => asked.length === 4);
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual([0, 1_000, 2_000, 3_000]);
  const second = await runs.next();
  expect(second.value && positionsOf(second.value)).toEqual(upTo(4_000, 1_001));
  const rest: number[] = [];
  for await (const run of runs) rest.push(...positionsOf(run));
  expect(rest).toEqual(upTo(10_000, 4_001));
  expect(asked).toEqual(upTo(9, 0).map((page) => page * 1_000));
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
