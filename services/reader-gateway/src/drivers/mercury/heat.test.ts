import { expect, test } from "vitest";
import { coolHeat, heard, heatLimits } from "./heat.ts";

const { stepDb, backOffMaxDb, settleMs, coolForMs } = heatLimits;
const beats = (isHot: boolean, fromMs: number, toMs: number, heat = coolHeat) => {
  let now = heat;
  for (let atMs = fromMs; atMs <= toMs; atMs += 1_000) now = heard(now, isHot, atMs, heatLimits);
  return now;
};

test("a hot module gets less power at once, and a step more only when the last has had its time", () => {
  expect(beats(true, 0, 0).backOffDb).toBe(stepDb);
  expect(beats(true, 0, settleMs - 1_000).backOffDb).toBe(stepDb);
  expect(beats(true, 0, settleMs).backOffDb).toBe(2 * stepDb);
});

test("it never loses more than the most", () => {
  expect(beats(true, 0, 100 * settleMs).backOffDb).toBe(backOffMaxDb);
});

test("cool for long enough it gets its power back, step by step", () => {
  const hot = beats(true, 0, settleMs);
  const from = settleMs + 1_000;
  expect(beats(false, from, settleMs + coolForMs - 1_000, hot).backOffDb).toBe(2 * stepDb);
  expect(beats(false, from, settleMs + coolForMs, hot).backOffDb).toBe(stepDb);
  expect(beats(false, from, settleMs + 2 * coolForMs, hot).backOffDb).toBe(0);
});

test("a module that is never hot is left alone", () => {
  expect(beats(false, 0, 10 * coolForMs)).toEqual(coolHeat);
});
