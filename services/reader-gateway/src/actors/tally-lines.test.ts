import fc from "fast-check";
import { expect, test } from "vitest";
import {
  refusedLine,
  savingLine,
  shortened,
  type Taken,
  takenLine,
  takenOf,
  untoldIn,
} from "./tally-lines.ts";

const taken = (reads: number): Taken => ({ frames: 1, malformed: 2, reads: new Map([[1, reads]]) });

test("what was taken is untold until a save that tells of it is held, and a refused one tells of nothing", () => {
  const text = [takenLine(7, taken(1)), takenLine(8, taken(2)), savingLine(1, [7]), takenLine(7, taken(4))];
  const readsOf = (lines: readonly string[], lastSave: number) =>
    new Map([...untoldIn(lines.join(""), lastSave)].map(([reader, { reads }]) => [reader, reads.get(1)]));
  expect(readsOf(text, 0)).toEqual(
    new Map([
      [7, 5],
      [8, 2],
    ]),
  );
  expect(readsOf(text, 1)).toEqual(
    new Map([
      [8, 2],
      [7, 4],
    ]),
  );
  expect(readsOf([...text, refusedLine(1)], 2)).toEqual(
    new Map([
      [7, 5],
      [8, 2],
    ]),
  );
  expect(readsOf([...text, "t 7 1 0 1:100"], 1).get(7)).toBe(4);
});

test("reads are counted under ports that a reader may have", () => {
  const read = { epc: "AA", rssiDbm: null, heardAtMs: 0 };
  expect(
    takenOf([
      { ...read, antenna: 2, count: 3 },
      { ...read, antenna: 9_999, count: Number.NaN },
    ]),
  ).toEqual({
    ...{ frames: 1, malformed: 0 },
    reads: new Map([
      [2, 3],
      [0, 1],
    ]),
  });
});

/** What may happen to a book, in order: it takes, or a save is sent, and was answered, refused or is under way when it is looked at. */
const history = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("take" as const),
        reader: fc.integer({ min: 1, max: 3 }),
        reads: fc.nat(9),
      }),
    },
    fc.record({
      kind: fc.constant("save" as const),
      readers: fc.subarray([1, 2, 3], { minLength: 1 }),
      isRefused: fc.boolean(),
    }),
  ),
  { maxLength: 40 },
);

test("a shortened book tells the same, whether the save under way is held or not", () => {
  fc.assert(
    fc.property(history, fc.boolean(), (steps, isUnderWay) => {
      let text = "";
      let save = 0;
      let lastSave = 0;
      for (const step of steps) {
        if (step.kind === "take") text += takenLine(step.reader, taken(step.reads));
        else {
          save += 1;
          text += savingLine(save, step.readers) + (step.isRefused ? refusedLine(save) : "");
          if (!step.isRefused) lastSave = save;
        }
      }
      if (isUnderWay) text += savingLine(save + 1, [1, 3]) + takenLine(1, taken(1)) + takenLine(2, taken(1));
      const short = shortened(`\n${text}`, lastSave, isUnderWay ? save + 1 : undefined);
      for (const held of isUnderWay ? [lastSave, save + 1] : [lastSave])
        expect(new Map([...untoldIn(short, held)].sort())).toEqual(new Map([...untoldIn(text, held)].sort()));
      expect(short.split("\n").length).toBeLessThanOrEqual(8);
    }),
  );
});
