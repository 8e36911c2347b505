import { Fault } from "@tagwire/messages";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createTurns, turnLimits } from "./turns.ts";

afterEach(() => void vi.useRealTimers());

type Taken = {
  readonly key: string;
  readonly batch: readonly number[];
  readonly end: (error?: Error) => void;
};

/** Turns whose batches end when the test says so. A message is its own weight, and its answer is its negative. */
const heldTurns = () => {
  const taken: Taken[] = [];
  const turns = createTurns<number, number>({
    weightOf: (message) => message,
    take: (key, batch) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) =>
          error === undefined ? resolve(batch.map((message) => -message)) : reject(error);
        taken.push({ key, batch, end });
      }),
  });
  const endOf = (index: number, error?: Error) => {
    const one = taken[index];
    if (one === undefined) throw new Error(`no turn ${index} was taken`);
    one.end(error);
  };
  return { turns, taken, endOf, batches: () => taken.map(({ batch }) => batch) };
};

test("an idle key takes a message at once, without waiting for company", () => {
  const { turns, batches } = heldTurns();
  void turns.tell("north", 1);
  expect(batches()).toEqual([[1]]);
});

test("what gathers while a turn is in flight is the next turn, in order", async () => {
  const { turns, batches, endOf } = heldTurns();
  const answers = [1, 2, 3, 4].map((message) => turns.tell("north", message));
  expect(batches()).toEqual([[1]]);
  expect(turns.waiting()).toBe(2 + 3 + 4);
  endOf(0);
  expect(await answers[0]).toBe(-1);
  await vi.waitFor(() => expect(batches()).toEqual([[1], [2, 3, 4]]));
  endOf(1);
  expect(await Promise.all(answers)).toEqual([-1, -2, -3, -4]);
  expect(turns.waiting()).toBe(0);
});

test("keys do not wait for each other", async () => {
  const { turns, taken, endOf } = heldTurns();
  const north = turns.tell("north", 1);
  const south = turns.tell("south", 2);
  expect(taken.map(({ key }) => key)).toEqual(["north", "south"]);
  endOf(1);
  expect(await south).toBe(-2);
  endOf(0);
  expect(await north).toBe(-1);
});

test("a turn that fails fails its own messages; the next one goes on", async () => {
  const { turns, batches, endOf } = heldTurns();
  const first = turns.tell("north", 1);
  const second = turns.tell("north", 2);
  endOf(0, new Error("no store"));
  await expect(first).rejects.toThrow("no store");
  await vi.waitFor(() => expect(batches()).toHaveLength(2));
  endOf(1);
  expect(await second).toBe(-2);
});

test("however they arrive, messages of a key are decided one turn at a time, each once, in their order", async () => {
  const message = fc.record({
    key: fc.constantFrom("a", "b", "c"),
    weight: fc.constantFrom(1, 100, 400, 900),
  });
  const story = fc.array(message, { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(story, fc.scheduler(), async (messages, scheduler) => {
      const inFlight = new Set<string>();
      const decided = new Map<string, number[]>();
      const turns = createTurns<{ index: number; weight: number }, number>({
        weightOf: ({ weight }) => weight,
        take: async (key, batch) => {
          expect(inFlight.has(key)).toBe(false);
          inFlight.add(key);
          await scheduler.schedule(Promise.resolve(), "commit");
          inFlight.delete(key);
          decided.set(key, [...(decided.get(key) ?? []), ...batch.map(({ index }) => index)]);
          return batch.map(({ index }) => index);
        },
      });
      const answers = messages.map(({ key, weight }, index) => turns.tell(key, { index, weight }));
      await scheduler.waitFor(Promise.all(answers));
      expect(await Promise.all(answers)).toEqual(messages.map((_, index) => index));
      for (const key of ["a", "b", "c"]) {
        const sent = messages.flatMap((one, index) => (one.key === key ? [index] : []));
        expect(decided.get(key) ?? []).toEqual(sent);
      }
    }),
    { numRuns: 100 },
  );
});

describe("the size of a turn", () => {
  const { weightFirst, weightStep, weightMax, weightMin, targetMs, shrink } = turnLimits;

  test("is bounded by weight; what is heavier than a turn is a turn of its own", async () => {
    const { turns, batches, endOf } = heldTurns();
    // The second turn is full and quick, so the third may take a step more.
    const tooHeavy = weightFirst + weightStep + 7;
    const answers = [1, weightFirst - 1, 1, 1, tooHeavy, 3].map((message) => turns.tell("north", message));
    for (let turn = 0; turn < 5; turn += 1) {
      await vi.waitFor(() => expect(batches()).toHaveLength(turn + 1));
      endOf(turn);
    }
    await Promise.all(answers);
    expect(batches()).toEqual([[1], [weightFirst - 1, 1], [1], [tooHeavy], [3]]);
  });

  /** Runs one turn of this weight that takes so long, in ms. */
  const runOne = async (
    { turns, taken, endOf }: ReturnType<typeof heldTurns>,
    weight: number,
    tookMs: number,
  ) => {
    const answer = turns.tell("north", weight);
    await vi.advanceTimersByTimeAsync(tookMs);
    endOf(taken.length - 1);
    await answer;
    // The size adapts once the answers are out.
    await vi.advanceTimersByTimeAsync(0);
  };

  test("grows by steps while turns are full and quick, up to its bound", async () => {
    vi.useFakeTimers();
    const held = heldTurns();
    await runOne(held, weightFirst, targetMs);
    expect(held.turns.weightCap()).toBe(weightFirst + weightStep);
    await runOne(held, 1, 0);
    expect(held.turns.weightCap()).toBe(weightFirst + weightStep);
    for (let turn = 0; turn < 40; turn += 1) await runOne(held, weightMax, 1);
    expect(held.turns.weightCap()).toBe(weightMax);
  });

  test("shrinks by a factor when they take too long, down to its bound", async () => {
    vi.useFakeTimers();
    const held = heldTurns();
    await runOne(held, 1, targetMs + 1);
    expect(held.turns.weightCap()).toBe(Math.floor(weightFirst * shrink));
    for (let turn = 0; turn < 20; turn += 1) await runOne(held, weightMax, targetMs * 2);
    expect(held.turns.weightCap()).toBe(weightMin);
  });
});

describe("a mailbox", () => {
  const { queueWeightMax } = turnLimits;

  test("that is full refuses, and takes again once it has drained", async () => {
    const { turns, endOf, batches } = heldTurns();
    const answers = [turns.tell("north", 1), turns.tell("north", queueWeightMax)];
    await expect(turns.tell("north", 1)).rejects.toMatchObject({ code: "overloaded", retryable: true });
    answers.push(turns.tell("south", 1));
    endOf(0);
    await vi.waitFor(() => expect(batches()).toHaveLength(3));
    endOf(1);
    endOf(2);
    await Promise.all(answers);
    answers.push(turns.tell("north", 1));
    endOf(3);
    expect(await answers.at(-1)).toBe(-1);
  });

  test("takes one message of any weight when nothing waits before it", async () => {
    const { turns, endOf } = heldTurns();
    const answer = turns.tell("north", queueWeightMax * 2);
    endOf(0);
    expect(await answer).toBe(-queueWeightMax * 2);
  });

  test("that is dropped refuses what waits, and is empty once its running turn has ended", async () => {
    const { turns, endOf, batches } = heldTurns();
    const running = turns.tell("north", 1);
    const waiting = [2, 3].map((message) => turns.tell("north", message));
    let dropped = false;
    const dropping = turns.drop("north", new Fault("unavailable", "north")).then(() => {
      dropped = true;
    });
    for (const one of waiting) await expect(one).rejects.toMatchObject({ code: "unavailable" });
    expect(dropped).toBe(false);
    endOf(0);
    await dropping;
    expect(await running).toBe(-1);
    expect(batches()).toEqual([[1]]);
    expect(turns.waiting()).toBe(0);

    const again = turns.tell("north", 4);
    endOf(1);
    expect(await again).toBe(-4);
  });

  test("that nobody wrote to is dropped at once", async () => {
    await heldTurns().turns.drop("north", new Fault("unavailable", "north"));
  });
});
