import { setImmediate } from "node:timers/promises";
import { quietLog } from "@tagwire/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Backoff, type SuperviseOptions, supervise } from "./supervise.ts";

const backoff: Backoff = { firstMs: 100, maxMs: 1_000, resetAfterMs: 5_000 };

/** Lets everything run that waits for no timer. */
const settle = () => setImmediate();

/** Something supervised whose attempts a test ends one by one, on a clock that only the test moves. */
const supervised = (more: Partial<SuperviseOptions> = {}) => {
  const attempts: { readonly signal: AbortSignal; readonly end: (error?: Error) => void }[] = [];
  const pausesMs: number[] = [];
  const { stop } = supervise({
    name: "test",
    run: (signal) =>
      new Promise<void>((resolve, reject) => {
        attempts.push({ signal, end: (error) => (error === undefined ? resolve() : reject(error)) });
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
    failed: (_error, retryInMs) => void pausesMs.push(retryInMs),
    backoff,
    log: quietLog(),
    ...more,
  });
  /** The newest attempt fails after it ran for so long, and the pause after it passes. */
  const failAfter = async (ranMs: number) => {
    vi.advanceTimersByTime(ranMs);
    attempts.at(-1)?.end(new Error("failed"));
    await settle();
    vi.advanceTimersByTime(pausesMs.at(-1) ?? 0);
    await settle();
  };
  return { attempts, pausesMs, failAfter, stop };
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("pauses double from the first to the longest", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { attempts, pausesMs, failAfter, stop } = supervised();
  for (let times = 0; times < 6; times += 1) await failAfter(10);
  expect(pausesMs).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(attempts).toHaveLength(7);
  await stop();
});

test.each([
  { drawn: 0, pauseMs: 50 },
  { drawn: 0.5, pauseMs: 75 },
  { drawn: 1, pauseMs: 100 },
])(
  "a pause is drawn between half of the delay and all of it: $drawn gives $pauseMs ms",
  async ({ drawn, pauseMs }) => {
    vi.spyOn(Math, "random").mockReturnValue(drawn);
    const { attempts, pausesMs, stop } = supervised();
    attempts[0]?.end(new Error("failed"));
    await settle();
    expect(pausesMs).toEqual([pauseMs]);
    vi.advanceTimersByTime(pauseMs - 1);
    await settle();
    expect(attempts).toHaveLength(1);
    vi.advanceTimersByTime(1);
    await settle();
    expect(attempts).toHaveLength(2);
    await stop();
  },
);

test("an attempt that ran long enough makes pauses begin anew, a shorter one does not", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { pausesMs, failAfter, stop } = supervised();
  for (const ranMs of [10, 10, 5_000, 5_001, 10]) await failAfter(ranMs);
  expect(pausesMs).toEqual([100, 200, 400, 100, 200]);
  await stop();
});

test("what it took to set up does not count when it is known how long it worked", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  let workedMs = 0;
  const { pausesMs, failAfter, stop } = supervised({ workedMs: () => workedMs });
  for (const ranMs of [60_000, 60_000, 60_000]) await failAfter(ranMs);
  expect(pausesMs).toEqual([100, 200, 400]);
  workedMs = 5_001;
  await failAfter(60_000);
  expect(pausesMs.at(-1)).toBe(100);
  await stop();
});

test("each attempt has a signal of its own, which aborts when the attempt has ended", async () => {
  const { attempts, failAfter, stop } = supervised();
  for (let times = 0; times < 3; times += 1) await failAfter(10);
  expect(new Set(attempts.map(({ signal }) => signal)).size).toBe(4);
  expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, true, true, false]);
  await stop();
  expect(attempts.at(-1)?.signal.aborted).toBe(true);
});

describe("stop", () => {
  test("aborts what runs, waits for its end and starts nothing more", async () => {
    const ended = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    const { stop } = supervised({
      run: (signal) => {
        signals.push(signal);
        return ended.promise;
      },
    });
    let hasStopped = false;
    const stopping = stop().then(() => {
      hasStopped = true;
    });
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(hasStopped).toBe(false);
    ended.resolve();
    await stopping;
    vi.advanceTimersByTime(60_000);
    await settle();
    expect(signals).toHaveLength(1);
  });

  test("ends a pause", async () => {
    const { attempts, stop } = supervised();
    attempts[0]?.end(new Error("failed"));
    await settle();
    await stop();
    vi.advanceTimersByTime(60_000);
    await settle();
    expect(attempts).toHaveLength(1);
  });
});
