import { expect, test } from "vitest";
import { createPace, ownTurns } from "./pace.ts";
import { allArrivedMs, loginsOf, pull, secondAt, startFake } from "./test-rfidpro.ts";

const { signal } = new AbortController();

test("one thing at a time, and so far apart as they may be", async () => {
  // Whoever says whose turn it is has to be waited for, each time for another while: what is told counts from the answer on.
  const turns = ownTurns();
  const waits = [0, 30, 5, 25, 0, 15];
  const pace = createPace(50, async (gapMs) => {
    await new Promise((resolve) => setTimeout(resolve, waits[begunAtMs.length] ?? 0));
    const inMs = await turns(gapMs);
    turnsAtMs.push(performance.now() + inMs);
    return inMs;
  });
  const turnsAtMs: number[] = [];
  const begunAtMs: number[] = [];
  let begun = 0;
  let going = 0;
  const work = async () => {
    going += 1;
    begun += 1;
    begunAtMs.push(performance.now());
    expect(going).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    going -= 1;
  };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: 6 }, () => pace(signal, work)));
  expect(begun).toBe(6);
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(5 * 20);
  // Turns are so far apart, and nobody begins before the one that was given.
  for (const [index, atMs] of turnsAtMs.entries())
    expect(begunAtMs[index], `turn ${index}`).toBeGreaterThanOrEqual(atMs);
});

test("what fails or is cancelled keeps nobody waiting", async () => {
  const pace = createPace(1_000);
  const failing = pace(signal, () => Promise.reject(new Error("no")));
  const cancelled = pace(AbortSignal.abort(), async () => "never");
  const last = pace(signal, async () => "done");
  await expect(failing).rejects.toThrow("no");
  await expect(cancelled).rejects.toThrow();
  await expect(last).resolves.toBe("done");
});

test("two pulls together go at the pace of one", async () => {
  const fake = await startFake();
  await Promise.all([pull(fake, "items"), pull(fake, "classes")]);
  expect(loginsOf(fake)).toBe(2);
});

test("RFIDpro says when to come back, and we come no sooner", async () => {
  const fake = await startFake();
  fake.control.faults.add({
    act: "status",
    status: 429,
    retryAfterSeconds: 1,
    on: { set: "items", offset: secondAt },
  });
  const beganMs = performance.now();
  const { outcome } = await pull(fake, "items");
  expect(outcome.verdict).toBe("complete");
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(999);
});

test("for longer than a run may wait it does not wait", async () => {
  const fake = await startFake();
  fake.control.faults.add({
    act: "status",
    status: 503,
    retryAfterSeconds: 3_600,
    on: { set: "items", offset: secondAt },
  });
  const { outcome } = await pull(fake, "items");
  expect(outcome).toMatchObject({ verdict: "partial", rows: 200 });
  expect(outcome.why).toContain("come back in 3600 s");
  expect(outcome.until).toBe(new Date(allArrivedMs).toISOString());
});

test("a data set is not read without a measure: what was read until then is partial", async () => {
  const fake = await startFake();
  const { outcome } = await pull(fake, "items", { limits: { readLengthMax: 500_000 } });
  expect(outcome).toMatchObject({ verdict: "partial" });
  expect(outcome.why).toContain("more than 500000 characters");
});

test("a data set is not read for ever: what was read until then is partial", async () => {
  const fake = await startFake();
  const page = () => new Promise<void>((resolve) => setTimeout(resolve, 30));
  const { outcome } = await pull(fake, "transactions", { limits: { readMsMax: 20 }, page });
  expect(outcome.verdict).not.toBe("complete");
  expect(outcome.why).toContain("longer than");
});
