import fc from "fast-check";
import { expect, test } from "vitest";
import { countedFrom, type Step, stepBack, stepForward, stepsMax } from "./item-steps.ts";

const ages = { statusAt: "", freeAt: "" };
const agesFrom = () => ages;
const instant = (minute: number): string => new Date(Date.UTC(2026, 2, 1) + minute * 60_000).toISOString();

/** A fact of some minute, the undo of the last fact that stands, or the undo of the last undo. */
const told = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.constantFrom("undo" as const, "redo" as const) },
);

test("what is taken back leaves each moment as it was, in any order of facts, undos and undos of undos", () => {
  fc.assert(
    fc.property(fc.array(told, { maxLength: 12 }), (story) => {
      /** What each minute shows: the number of the fact, changed as the figures are, from a minute on. */
      const shown = Array.from({ length: 42 }, () => 0);
      /** The facts that stand, and those that were taken back since the last new one, told plainly. */
      const facts: { readonly number: number; readonly minute: number; pos: number }[] = [];
      const gone: typeof facts = [];
      let steps: readonly Step[] = [];
      for (const [index, one] of story.entries()) {
        const pos = index + 1;
        const before = facts.at(-1)?.number ?? 0;
        let at: string | undefined;
        if (typeof one === "number") {
          const stepped = stepForward(steps, { pos, at: instant(one), ...ages });
          ({ at, steps } = stepped);
          facts.push({ number: pos, minute: Math.max(one, facts.at(-1)?.minute ?? 0), pos });
          gone.length = 0;
        } else {
          const [from, to] = one === "undo" ? [facts, gone] : [gone, facts];
          const fact = from.pop();
          if (fact === undefined) continue;
          const stepped = stepBack(steps, { pos, undoes: fact.pos, agesFrom });
          if (stepped === undefined) throw new Error(`step ${fact.pos} is not known`);
          ({ at, steps } = stepped);
          to.push({ ...fact, pos });
        }
        const from = shown.findIndex((_, minute) => instant(minute) === at);
        const after = facts.at(-1)?.number ?? 0;
        for (let minute = from; minute < shown.length; minute += 1) {
          expect(shown[minute]).toBe(before);
          shown[minute] = after;
        }
        expect(countedFrom(steps)).toBe(facts.length === 0 ? undefined : instant(facts.at(-1)?.minute ?? 0));
      }
      expect(shown).toEqual(
        shown.map((_, minute) => facts.findLast((fact) => fact.minute <= minute)?.number ?? 0),
      );
    }),
    { numRuns: 300 },
  );
});

test("an undo of what is not known, or not the last, is left to whoever asks", () => {
  const { steps } = stepForward(stepForward([], { pos: 1, at: instant(1), ...ages }).steps, {
    pos: 2,
    at: instant(2),
    ...ages,
  });
  expect(stepBack(steps, { pos: 3, undoes: 1, agesFrom })).toBeUndefined();
  expect(stepBack(steps, { pos: 3, undoes: 9, agesFrom })).toBeUndefined();
});

test("no more steps are kept than are allowed, and those that stand longest of all", () => {
  let steps: readonly Step[] = [];
  for (let pos = 1; pos <= 30; pos += 2) {
    ({ steps } = stepForward(steps, { pos, at: instant(pos), ...ages }));
    steps = stepBack(steps, { pos: pos + 1, undoes: pos, agesFrom })?.steps ?? [];
    ({ steps } = stepForward(steps, { pos: pos + 100, at: instant(pos), ...ages }));
  }
  expect(steps).toHaveLength(stepsMax);
  expect(steps.every(({ isOff }) => isOff === undefined)).toBe(true);
  expect(countedFrom(steps)).toBe(instant(29));
});
