import { expect, test } from "vitest";
import { Repeats, repeatLimits } from "./repeats.ts";

test("what came before is known again, whatever came between", () => {
  const repeats = new Repeats();
  expect(["a", "b", "a", "b", "c"].map((text) => repeats.isRepeat(text, 0))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
});

test("what came long ago is new, and so is what too many came after", () => {
  const repeats = new Repeats();
  repeats.isRepeat("old", 0);
  expect(repeats.isRepeat("old", repeatLimits.rememberedMs)).toBe(true);
  expect(repeats.isRepeat("old", repeatLimits.rememberedMs + 1)).toBe(false);
  for (let index = 0; index < repeatLimits.eventsMax; index += 1)
    repeats.isRepeat(`${index}`, repeatLimits.rememberedMs + 2);
  expect(repeats.isRepeat("old", repeatLimits.rememberedMs + 3)).toBe(false);
});
