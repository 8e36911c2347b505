import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { typedInto } from "./field.ts";
import {
  isAbandoned,
  joinMs,
  type Key,
  noBurst,
  pastedTags,
  quietMs,
  strayPaceMs,
  typedPaceMs,
  wedgeLengthMax,
  wedgeStep,
} from "./wedge.ts";

type Press = { key: string; gapMs: number } & Partial<Key>;

/** Keys at a steady pace, the first after a long silence. */
const keys = (text: readonly string[], gapMs: number): Press[] =>
  text.map((key, index) => ({ key, gapMs: index === 0 ? 10 * quietMs : gapMs }));
const scanOf = (tag: string, gapMs = 8): Press[] => keys([...tag, "Enter"], gapMs);
/** The same keys with a pause before the key at `index`. */
const hiccup = (presses: readonly Press[], index: number, gapMs: number): Press[] =>
  presses.map((press, at) => (at === index ? { ...press, gapMs } : press));
/** The same keys with one more, `gapMs` after the one before. */
const insert = (presses: readonly Press[], index: number, press: Press): Press[] => [
  ...presses.slice(0, index),
  press,
  ...presses.slice(index),
];

/** A page with the focus in a field, or nowhere: what becomes of each key, and what is recorded, said and left over. */
const play = (presses: readonly Press[], typing: boolean, held = "") => {
  let burst = noBurst;
  let atMs = 0;
  let field = held;
  let before = held;
  let [broken, ends, abandoned] = [0, 0, 0];
  const recorded: string[] = [];
  const swallowed: string[] = [];
  for (const { gapMs, ...press } of presses) {
    if (!typing && gapMs >= quietMs && isAbandoned(burst)) abandoned += 1;
    atMs += gapMs;
    const step = wedgeStep(burst, { atMs, modified: false, repeats: false, typing, ...press });
    burst = step.burst;
    if (step.begins) before = field;
    if (step.swallow) swallowed.push(press.key);
    const types = [...press.key].length === 1 && !press.modified;
    if (types && typing && !step.swallow) field += press.key;
    if ((press.key === "Enter" || press.key === "Tab") && !step.swallow) ends += 1;
    const { verdict } = step;
    if (verdict === undefined) continue;
    const caret = before.length;
    const wasTyped = field === typedInto({ value: before, start: caret, end: caret }, verdict.text, -1);
    if ((verdict.kind === "scanned" || !verdict.isLeft) && wasTyped) field = before;
    if (verdict.kind === "scanned") recorded.push(verdict.text);
    else broken += 1;
  }
  if (!typing && isAbandoned(burst)) abandoned += 1;
  return { recorded, broken, ends, abandoned, swallowed, field };
};

const tag = "3034F4A1B2C3D4E5F6071829";
const places = [
  { where: "in a field", typing: true },
  { where: "elsewhere", typing: false },
];

describe.each(places)("a scanner $where", ({ typing }) => {
  test.each([7, 16, 34])("with %i ms between keys is heard, and the field is as it was", (gapMs) => {
    expect(play(scanOf(tag, gapMs), typing, "chair")).toMatchObject({
      recorded: [tag],
      broken: 0,
      ends: 0,
      field: "chair",
    });
  });

  test("may end with Tab, may press Shift between, and may have a short tag", () => {
    expect(play(keys(["Shift", "C", "Shift", "H", "a", "Tab"], 10), typing).recorded).toEqual(["CHa"]);
  });

  test("is heard again at once", () => {
    const twice = [...scanOf("AAAA"), ...hiccup(scanOf("BBBB"), 0, 8)];
    expect(play(twice, typing).recorded).toEqual(["AAAA", "BBBB"]);
  });

  test.each([
    { what: "in the middle", index: 12 },
    { what: "after the first key", index: 1 },
    { what: "before the last key", index: tag.length - 1 },
    { what: "before its end", index: tag.length },
  ])("that hesitates $what for less than a piece is taken whole", ({ index }) => {
    expect(play(hiccup(scanOf(tag), index, joinMs), typing).recorded).toEqual([tag]);
  });

  test.each([
    { what: "in the middle", index: 12, gapMs: joinMs + 1 },
    { what: "after the first key", index: 1, gapMs: quietMs - 1 },
    { what: "before the last key", index: tag.length - 1, gapMs: quietMs - 1 },
    { what: "before the last but five", index: tag.length - 5, gapMs: 60 * quietMs },
    { what: "before its end", index: tag.length, gapMs: quietMs - 1 },
  ])("that pauses $what is refused aloud, once, and the next is heard", ({ index, gapMs }) => {
    const { recorded, broken } = play([...hiccup(scanOf(tag), index, gapMs), ...scanOf("NEXT")], typing);
    expect(recorded).toEqual(["NEXT"]);
    expect(broken).toBe(1);
  });

  test.each<{ what: string; press: Press }>([
    { what: "a group separator", press: { key: "]", modified: true, gapMs: 8 } },
    { what: "a dead key", press: { key: "Dead", gapMs: 8 } },
    { what: "a key of an input method", press: { key: "Process", gapMs: 8 } },
    { what: "an arrow", press: { key: "ArrowLeft", gapMs: 8 } },
    { what: "a key that hangs", press: { key: "A", repeats: true, gapMs: 8 } },
  ])("with $what in its tag is refused aloud, wherever that is", ({ press }) => {
    for (let index = 1; index <= 8; index += 1) {
      const { recorded, broken } = play(insert(scanOf("010950AB"), index, press), typing);
      expect(recorded).toEqual([]);
      expect(broken).toBe(1);
    }
  });

  test("that begins with a group separator is refused, after a function key it is heard", () => {
    const separator: Press = { key: "]", modified: true, gapMs: 10 * quietMs };
    expect(play([separator, ...hiccup(scanOf(tag), 0, 8)], typing)).toMatchObject({
      recorded: [],
      broken: 1,
    });
    const prefix: Press = { key: "F8", gapMs: 10 * quietMs };
    expect(play([prefix, ...hiccup(scanOf(tag), 0, 8)], typing).recorded).toEqual([tag]);
  });

  test("that never ends fills no memory, and is not cut to fit", () => {
    const long = "x".repeat(wedgeLengthMax + 1);
    expect(play(scanOf(long, 5), typing)).toMatchObject({ recorded: [], broken: 1 });
    let burst = noBurst;
    for (let atMs = 0; atMs < 5 * long.length; atMs += 5)
      burst = wedgeStep(burst, { key: "x", atMs, modified: false, repeats: false, typing }).burst;
    expect(burst.text.length).toBe(wedgeLengthMax);
  });

  test("soon after other typing is refused, since that may be its own beginning; the typing stays", () => {
    const chair = keys([..."chair"], 130);
    const soon = play([...chair, ...hiccup(scanOf(tag), 0, quietMs - 1)], typing);
    expect(soon).toMatchObject({ recorded: [], broken: 1, field: typing ? "chair" : "" });
    const later = play([...chair, ...hiccup(scanOf(tag), 0, quietMs)], typing);
    expect(later).toMatchObject({ recorded: [tag], broken: 0, field: typing ? "chair" : "" });
  });
});

describe("a scanner where nothing can be typed", () => {
  const press = { typing: false };

  test("may be slow", () => {
    expect(play(scanOf(tag, strayPaceMs - 1), press.typing).recorded).toEqual([tag]);
  });

  test("is kept from the page from its second key on, the end included", () => {
    expect(play(scanOf("A B C"), press.typing).swallowed).toEqual([..." B C", "Enter"]);
  });

  test("whose text has no end is told apart from silence", () => {
    expect(play(keys([...tag], 8), press.typing)).toMatchObject({ recorded: [], abandoned: 1 });
  });

  test("that types too slowly is refused aloud rather than lost", () => {
    expect(play(scanOf(tag, 100), press.typing)).toMatchObject({ recorded: [], broken: 1 });
  });
});

describe("a person", () => {
  test.each(["the", "station", "roll"])(
    "typing “%s” and Enter with quick hands keeps every letter",
    (word) => {
      for (const gapMs of [typedPaceMs, 40, 45, 80, 200])
        expect(play(scanOf(word, gapMs), true)).toMatchObject({
          recorded: [],
          broken: 0,
          ends: 1,
          swallowed: [],
          field: word,
        });
    },
  );

  test("rolling every second key, however many, is not a scan", () => {
    const rolled = keys([..."aaaaaaaaaa"], 1).map((each, index) => ({
      ...each,
      gapMs: index % 2 === 0 ? 35 : 1,
    }));
    for (const gapMs of [typedPaceMs, joinMs, joinMs + 1])
      expect(play([...rolled, { key: "Enter", gapMs }], true)).toMatchObject({
        recorded: [],
        broken: 0,
        ends: 1,
        swallowed: [],
        field: "aaaaaaaaaa",
      });
  });

  test("rolling two keys and pressing Enter is not a scan", () => {
    for (const { typing } of places)
      expect(play(scanOf("ok", 20), typing)).toMatchObject({
        recorded: [],
        broken: 0,
        ends: 1,
        swallowed: typing ? [] : ["k"],
      });
  });

  test("whose words are typed by a text expander keeps them, and is told when the end comes too soon after", () => {
    const text = keys([..."Deliver to gate 9, ring twice"], 1);
    expect(play(text, true)).toMatchObject({ swallowed: [], field: "Deliver to gate 9, ring twice" });
    for (const gapMs of [quietMs - 1, quietMs]) {
      const { field, recorded, broken } = play([...text, { key: "Enter", gapMs }], true);
      expect(field).toBe("Deliver to gate 9, ring twice");
      expect(recorded).toEqual([]);
      expect(broken).toBe(gapMs < quietMs ? 1 : 0);
    }
  });

  test("holding Space down or using shortcuts is never taken for a scanner", () => {
    const held = [
      { key: " ", gapMs: 2_000 },
      ...keys(Array(30).fill(" "), 33).map((each) => ({ ...each, gapMs: 33, repeats: true })),
    ];
    expect(play(held, false)).toMatchObject({ recorded: [], broken: 0, abandoned: 0, swallowed: [] });
    const copy = [..."ac"].map((key) => ({ key, gapMs: 200, modified: true }));
    expect(play(copy, false)).toMatchObject({ broken: 0, abandoned: 0, swallowed: [] });
  });
});

describe("whatever the radio does", () => {
  const character = fc.constantFrom(..."0123456789ABCDEFabc-. ");
  const anyTag = fc
    .string({ unit: character, minLength: 6, maxLength: 40 })
    .filter((text) => text.trim() === text);
  const pace = fc.integer({ min: 1, max: typedPaceMs - 1 });
  const pause = fc.oneof(
    fc.integer({ min: typedPaceMs, max: 2 * joinMs }),
    fc.integer({ min: joinMs, max: quietMs - 1 }),
    fc.integer({ min: quietMs, max: 20 * quietMs }),
  );
  /** A scan with hiccups. After the very first keys, which alone prove nothing, they are shorter than the silence before a scan. */
  const burst = fc
    .record({
      text: anyTag,
      gaps: fc.array(pace, { minLength: 41, maxLength: 41 }),
      pauses: fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), pause), { maxLength: 4 }),
      silenceMs: fc.integer({ min: quietMs, max: 5 * quietMs }),
    })
    .map(({ text, gaps, pauses, silenceMs }) => {
      let presses: Press[] = [...text, "Enter"].map((key, index) => ({ key, gapMs: gaps[index] ?? 1 }));
      for (const [index, gapMs] of pauses) {
        const isProven = pauses.every(([at]) => at >= 3) && index >= 3;
        presses = hiccup(presses, index, isProven ? gapMs : Math.min(gapMs, quietMs - 1));
      }
      return { text, presses: hiccup(presses, 0, silenceMs), pauses };
    });

  test.each(places)(
    "$where nothing is recorded but whole tags, and none is lost in silence",
    ({ typing }) => {
      fc.assert(
        fc.property(fc.array(burst, { minLength: 1, maxLength: 4 }), (bursts) => {
          const { recorded, broken, abandoned, field } = play(
            bursts.flatMap(({ presses }) => presses),
            typing,
          );
          let from = 0;
          for (const text of recorded) {
            const found = bursts.findIndex((each, index) => index >= from && each.text === text);
            expect(found).toBeGreaterThanOrEqual(from);
            from = found + 1;
          }
          const isVisible = typing && field !== "";
          if (!isVisible) expect(recorded.length + broken + abandoned).toBeGreaterThanOrEqual(bursts.length);
        }),
        { numRuns: 2_000 },
      );
    },
  );

  test("a tag whose first keys came fast and the next ones slowly is not taken for its own end", () => {
    const gapsMs = [quietMs, 1, 1, typedPaceMs, typedPaceMs, typedPaceMs, quietMs, 1, 1];
    const cut = gapsMs.map((gapMs) => ({ key: "0", gapMs }));
    const end = { key: "Enter", gapMs: 1 };
    expect(play([...cut, end], true)).toMatchObject({ recorded: [], broken: 1 });
    const whole = hiccup(scanOf("000000", 1), 0, quietMs);
    expect(play([...cut, end, ...whole], true)).toMatchObject({ recorded: ["000000"], broken: 1 });
  });

  test.each(places)("$where a scan whose hiccups are short is recorded", ({ typing }) => {
    const mild = fc
      .tuple(anyTag, pace, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: joinMs }))
      .map(([text, gapMs, index, pauseMs]) => ({
        text,
        presses: hiccup(scanOf(text, gapMs), index, pauseMs),
      }));
    fc.assert(
      fc.property(fc.array(mild, { minLength: 1, maxLength: 4 }), (scans) => {
        const { recorded, broken } = play(
          scans.flatMap(({ presses }) => presses),
          typing,
        );
        expect(recorded).toEqual(scans.map(({ text }) => text));
        expect(broken).toBe(0);
      }),
    );
  });
});

describe("whatever hands do", () => {
  /** Two keys rolled together at any speed, then one at the pace of a hand; the end is a movement of its own. */
  const word = fc
    .record({
      text: fc.string({ unit: fc.constantFrom(..."abcdefghij 0123456789"), minLength: 1, maxLength: 30 }),
      slow: fc.array(fc.integer({ min: typedPaceMs, max: 2_500 }), { minLength: 31, maxLength: 31 }),
      rolls: fc.array(fc.integer({ min: 1, max: typedPaceMs - 1 }), { minLength: 31, maxLength: 31 }),
      isRolled: fc.boolean(),
      end: fc.constantFrom("Enter", "Tab", undefined),
    })
    .map(({ text, slow, rolls, isRolled, end }) => {
      const typed = [...text].map((key, index) => ({
        key,
        gapMs: (isRolled && index % 2 === 1 ? rolls[index] : slow[index]) ?? typedPaceMs,
      }));
      return { text, presses: end === undefined ? typed : [...typed, { key: end, gapMs: slow[30] ?? 100 }] };
    });

  test("every letter arrives, every end does, and nothing is taken for a scan", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const presses = words.flatMap((each) => each.presses);
        expect(play(presses, true)).toMatchObject({
          recorded: [],
          broken: 0,
          ends: presses.filter(({ key }) => key === "Enter" || key === "Tab").length,
          swallowed: [],
          field: words.map(({ text }) => text).join(""),
        });
      }),
      { numRuns: 2_000 },
    );
  });

  test("among scans, however close, every letter stays", () => {
    const scan = fc
      .tuple(
        fc.string({ unit: fc.constantFrom(..."0123456789ABCDEF"), minLength: 6, maxLength: 30 }),
        fc.integer({ min: 1, max: typedPaceMs - 1 }),
        fc.integer({ min: joinMs + 1, max: 3 * quietMs }),
      )
      .map(([text, gapMs, silenceMs]) => ({ text: "", presses: hiccup(scanOf(text, gapMs), 0, silenceMs) }));
    const slowWord = word.map(({ text, presses }) => ({ text, presses: hiccup(presses, 0, 2 * joinMs) }));
    fc.assert(
      fc.property(fc.array(fc.oneof(slowWord, scan), { minLength: 1, maxLength: 6 }), (acts) => {
        const { field } = play(
          acts.flatMap(({ presses }) => presses),
          true,
        );
        expect(field).toBe(acts.map(({ text }) => text).join(""));
      }),
      { numRuns: 2_000 },
    );
  });
});

test("a field is known again by what was typed into it, up to what it takes", () => {
  expect(typedInto({ value: "ab", start: 1, end: 1 }, "XY", -1)).toBe("aXYb");
  expect(typedInto({ value: "abcd", start: 1, end: 3 }, "XYZ", 4)).toBe("aXYd");
  expect(typedInto({ value: "abcd", start: 4, end: 4 }, "XYZ", 4)).toBe("abcd");
});

test("a pasted list gives each tag once, trimmed, in order", () => {
  expect(pastedTags(" 3034A \r\n\n3034B\t3034C\n3034A\n  \n")).toEqual(["3034A", "3034B", "3034C"]);
  expect(pastedTags("one, two")).toEqual(["one, two"]);
  expect(pastedTags(" \n ")).toEqual([]);
  const [one, two] = ["3034257BF7194E4000000001", "3034257bf7194e4000000002"];
  expect(pastedTags(`${one} ${two}  ${one}\nchair 7`)).toEqual([one, two, "chair 7"]);
  // One tag that was written in groups is not four.
  expect(pastedTags("3034 257B F719 4E40")).toEqual(["3034 257B F719 4E40"]);
  expect(pastedTags(`${one} chair`)).toEqual([`${one} chair`]);
});
