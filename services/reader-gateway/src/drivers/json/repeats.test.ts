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

test("what is to be told is told once, in order, and what others told is known for as long as it would have been", () => {
  const repeats = new Repeats();
  const remember = (key: string) => repeats.remember(key, 0, { isToBeTold: true });
  expect(repeats.untold()).toBeUndefined();
  for (const key of ["a", "b"]) remember(key);
  repeats.remember("streamed", 0);
  const first = repeats.untold();
  expect(first).toEqual({ upTo: 2, keys: ["a", "b"] });
  remember("c");
  repeats.told(first?.upTo ?? 0);
  expect(repeats.untold()).toEqual({ upTo: 3, keys: ["c"] });
  for (let index = 0; index < 5 * repeatLimits.eventsMax; index += 1) remember(`${index}`);
  const { upTo = 0, keys = [] } = repeats.untold() ?? {};
  expect(keys.length).toBeLessThanOrEqual(2 * repeatLimits.eventsMax);
  expect(keys.at(-1)).toBe(`${5 * repeatLimits.eventsMax - 1}`);
  // What was let go meanwhile was before what is told: a save that was under way takes away nothing of what came after it.
  repeats.told(3);
  expect(repeats.untold()).toEqual({ upTo, keys });
  repeats.told(upTo);
  expect(repeats.untold()).toBeUndefined();

  const next = new Repeats();
  next.learn([{ key: "a", ageMs: repeatLimits.rememberedMs - 10 }], 0);
  expect([next.isRepeat("a", 10), next.isRepeat("a", 11), next.untold()]).toEqual([true, false, undefined]);
});
