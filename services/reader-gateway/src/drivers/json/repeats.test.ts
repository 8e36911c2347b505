import { expect, test } from "vitest";
import { Repeats, repeatLimits } from "./repeats.ts";

/** Hears a text, and says whether it came before. */
const hear = (repeats: Repeats, text: string, nowMs: number): boolean => {
  const key = repeats.keyOf(text);
  const isRepeat = repeats.isRepeat(key, nowMs);
  if (!isRepeat) repeats.remember(key, nowMs);
  return isRepeat;
};

test("what came before is known again, whatever came between", () => {
  const repeats = new Repeats();
  expect(["a", "b", "a", "b", "c"].map((text) => hear(repeats, text, 0))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
});

test("what came long ago is new, and so is what too many came after", () => {
  const repeats = new Repeats();
  hear(repeats, "old", 0);
  expect(hear(repeats, "old", repeatLimits.rememberedMs)).toBe(true);
  expect(hear(repeats, "old", repeatLimits.rememberedMs + 1)).toBe(false);
  for (let index = 0; index < 2 * repeatLimits.eventsMax; index += 1)
    hear(repeats, `${index}`, repeatLimits.rememberedMs + 2);
  expect(hear(repeats, "old", repeatLimits.rememberedMs + 3)).toBe(false);
});
