import { expect, onTestFinished, test } from "vitest";
import { type Running, supervise } from "./supervisor.ts";

/** A process in name only: it ends when it is told to. */
const fakeProcess = (pid: number): Running & { readonly end: (code: number) => void } => {
  const ending = Promise.withResolvers<number | null>();
  return { pid, exited: ending.promise, end: ending.resolve, stop: async () => ending.resolve(0) };
};

const setUp = async (failures: number) => {
  const started: ReturnType<typeof fakeProcess>[] = [];
  const said: string[] = [];
  const again = Promise.withResolvers<void>();
  let failuresLeft = failures;
  const supervised = await supervise({
    name: "operations",
    start: async () => {
      if (started.length > 0 && failuresLeft-- > 0) throw new Error("no luck\nand a long story");
      const running = fakeProcess(started.length + 1);
      started.push(running);
      return running;
    },
    say: (text) => {
      said.push(text);
      if (text.includes("runs again")) again.resolve();
    },
    onChange: () => undefined,
  });
  onTestFinished(supervised.stop);
  return { started, said, supervised, again: again.promise };
};

test("a process that ends is started again, and both are said", async () => {
  const { started, said, supervised, again } = await setUp(0);
  started[0]?.end(7);
  await again;
  expect(supervised.current()?.pid).toBe(2);
  expect(said).toEqual(["✗ operations ended (code 7); starts again in 0.5 s", "✓ operations runs again"]);
});

test("a start that fails is tried once more, after a longer wait", async () => {
  const { started, said, again } = await setUp(1);
  started[0]?.end(1);
  await again;
  expect(said[1]).toBe("✗ operations did not start (no luck); starts again in 1 s");
});

test("what is stopped stays stopped", async () => {
  const { started, said, supervised } = await setUp(0);
  await supervised.stop();
  await supervised.stop();
  expect(started).toHaveLength(1);
  expect(said).toEqual([]);
});

test("a stop during the wait for a restart starts nothing", async () => {
  const { started, said, supervised } = await setUp(0);
  started[0]?.end(1);
  // Its end is heard before the stop is.
  await new Promise<void>((heard) => process.nextTick(heard));
  await supervised.stop();
  expect(started).toHaveLength(1);
  // A signal to the whole group ends it just before we are told to stop, and nobody needs to read of a restart.
  expect(said).toEqual([]);
});

test("a first start that fails is the caller's to hear", async () => {
  const start = (): Promise<Running> => Promise.reject(new Error("port in use"));
  await expect(
    supervise({ name: "x", start, say: () => undefined, onChange: () => undefined }),
  ).rejects.toThrow("port in use");
});
