import { expect, test } from "vitest";
import { queueSaid, queueShown } from "./queue.ts";

const calm = {
  ...{ waiting: 0, own: 0, absent: [], attention: [], held: 0, storage: "there" as const },
  ...{ needsSignIn: false, isFailing: false },
};
const five = { ...calm, waiting: 5, own: 5 };
const parked = [{}, {}] as never;

test.each([
  { what: "nothing waits", queue: calm, reached: true, word: undefined },
  { what: "nothing waits, offline", queue: calm, reached: false, word: undefined },
  { what: "it sends", queue: five, reached: true, word: "Sending 5" },
  { what: "it is offline", queue: five, reached: false, word: "Offline · 5 saved here" },
  {
    what: "nobody answers",
    queue: { ...five, isFailing: true },
    reached: true,
    word: "No answer · 5 saved here",
  },
  {
    what: "the session ended",
    queue: { ...five, needsSignIn: true },
    reached: true,
    word: "Sign in to send 5",
  },
  {
    what: "all are by somebody else",
    queue: { ...five, own: 0, absent: ["Carl"] },
    reached: true,
    word: "Sign in to send 5",
  },
  {
    what: "some need a person",
    queue: { ...five, attention: parked },
    reached: true,
    word: "2 need attention",
  },
  {
    what: "one needs a person",
    queue: { ...calm, attention: [{}] as never },
    reached: true,
    word: "1 needs attention",
  },
  {
    what: "some need a person, offline",
    queue: { ...five, attention: parked },
    reached: false,
    word: "Offline · 2 need attention",
  },
  {
    what: "nothing can be stored",
    queue: { ...five, attention: parked, storage: "away" as const },
    reached: true,
    word: "Storage problem",
  },
])("when $what the header says $word", ({ queue, reached, word }) => {
  const shown = queueShown(queue, reached);
  expect(shown && [shown.word, shown.rest].filter((part) => part !== undefined).join(" ")).toBe(word);
});

test("what is said aloud is the same however many wait", () => {
  const said = [5, 6].map((waiting) => queueSaid({ ...five, waiting }, false));
  expect(new Set(said)).toEqual(new Set(["Offline. Scans are saved on this device."]));
  expect(queueSaid(calm, true)).toBe("");
  const needing = { ...five, attention: parked };
  expect(queueSaid(needing, false)).toBe("Offline. Scans need attention: see the queue.");
  expect(queueSaid(needing, true)).toBe("Scans need attention: see the queue.");
});
