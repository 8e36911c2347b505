import { expect, test } from "vitest";
import { oneAtATime } from "./one-at-a-time.ts";

const turn = async (): Promise<void> => {
  for (let step = 0; step < 10; step += 1) await Promise.resolve();
};

const stand = () => {
  const runs: { end: () => Promise<void>; signal: AbortSignal }[] = [];
  const task = oneAtATime(
    (signal) =>
      new Promise((resolve) => {
        runs.push({
          signal,
          end: () => {
            resolve();
            return turn();
          },
        });
      }),
  );
  return { runs, task };
};

test("however often it is asked during a run, it runs once more", async () => {
  const { runs, task } = stand();
  for (let asked = 0; asked < 5; asked += 1) task.request();
  expect(runs).toHaveLength(1);
  await runs[0]?.end();
  expect(runs).toHaveLength(2);
  await runs[1]?.end();
  expect(runs).toHaveLength(2);
  task.request();
  expect(runs).toHaveLength(3);
});

test("stopped, it aborts what runs and does not begin again", async () => {
  const { runs, task } = stand();
  task.request();
  task.request();
  task.stop();
  expect(runs[0]?.signal.aborted).toBe(true);
  await runs[0]?.end();
  expect(runs).toHaveLength(1);
});
