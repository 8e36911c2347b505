import { describe, expect, test } from "vitest";
import { type Key, noBurst, pastedTags, type WedgeStep, wedgeLengthMax, wedgeStep } from "./wedge.ts";

/** Plays keys at a steady pace and gives every step. */
const play = (keys: readonly string[], gapMs: number, more: Partial<Key> = {}): WedgeStep[] => {
  let burst = noBurst;
  return keys.map((key, index) => {
    const step = wedgeStep(burst, { key, atMs: 1_000 + index * gapMs, foreign: false, ...more });
    burst = step.burst;
    return step;
  });
};
const scanned = (steps: readonly WedgeStep[]): string[] => steps.flatMap(({ scanned }) => scanned ?? []);

const tag = [..."3034F4A1B2C3D4E5F6071829"];

describe("a scanner", () => {
  test.each([7, 16, 49])("with %i ms between keys is heard", (gapMs) => {
    expect(scanned(play([...tag, "Enter"], gapMs))).toEqual(["3034F4A1B2C3D4E5F6071829"]);
  });

  test("may end with Tab, and may press Shift between", () => {
    const keys = ["Shift", "C", "Shift", "H", "a", "i", "r", "Tab"];
    expect(scanned(play(keys, 10))).toEqual(["CHair"]);
  });

  test("is kept from the page from its third key on, the end included", () => {
    const steps = play([..."ABCDE", "Enter"], 10);
    expect(steps.map(({ swallow }) => swallow)).toEqual([false, false, true, true, true, true]);
    expect(steps.map(({ begins }) => begins)).toEqual([true, false, false, false, false, false]);
  });

  test("two scans in a row are two scans", () => {
    expect(scanned(play([..."AAAA", "Enter", ..."BBBB", "Enter"], 10))).toEqual(["AAAA", "BBBB"]);
  });

  test("that never ends does not fill the memory", () => {
    const steps = play(
      Array.from({ length: wedgeLengthMax + 50 }, () => "x"),
      5,
    );
    expect(steps.at(-1)?.burst.text.length).toBe(wedgeLengthMax);
  });
});

describe("a person", () => {
  test.each([50, 80, 200])("typing with %i ms between keys is left alone", (gapMs) => {
    const steps = play([...tag, "Enter"], gapMs);
    expect(scanned(steps)).toEqual([]);
    expect(steps.some(({ swallow }) => swallow)).toBe(false);
  });

  test("rolling two keys and pressing Enter is not a scan", () => {
    const steps = play(["o", "k", "Enter"], 20);
    expect(scanned(steps)).toEqual([]);
    expect(steps.some(({ swallow }) => swallow)).toBe(false);
  });

  test("pressing Enter a while after a burst does not complete it", () => {
    const burst = { text: "ABCDEF", lastAtMs: 1_000 };
    expect(wedgeStep(burst, { key: "Enter", atMs: 1_050, foreign: false }).scanned).toBeUndefined();
  });

  test("holding a key, using shortcuts or composing is never a scan", () => {
    expect(scanned(play([...tag, "Enter"], 10, { foreign: true }))).toEqual([]);
  });

  test("arrows and function keys break a burst", () => {
    expect(scanned(play([..."ABCD", "ArrowLeft", "Enter"], 10))).toEqual([]);
  });
});

test("a pasted list gives each tag once, trimmed, in order", () => {
  expect(pastedTags(" 3034A \r\n\n3034B\t3034C\n3034A\n  \n")).toEqual(["3034A", "3034B", "3034C"]);
  expect(pastedTags("one, two")).toEqual(["one, two"]);
  expect(pastedTags(" \n ")).toEqual([]);
});
