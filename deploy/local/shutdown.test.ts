import { expect, test } from "vitest";
import { type Stoppable, stopInOrder } from "./shutdown.ts";

const recording = (order: string[], name: string): Stoppable => ({
  stop: async () => {
    order.push(`${name} asked`);
    await Promise.resolve();
    order.push(`${name} gone`);
  },
});

test("groups end one after the other, and members in turn", async () => {
  const order: string[] = [];
  const [gateway, manager, postgres] = ["gateway", "manager", "postgres"].map((name) =>
    recording(order, name),
  );
  if (gateway === undefined || manager === undefined || postgres === undefined)
    throw new Error("three were made");
  await stopInOrder([[gateway, manager], [postgres]], () => order.push("killed"));
  expect(order).toEqual([
    ...["gateway asked", "gateway gone"],
    ...["manager asked", "manager gone"],
    ...["postgres asked", "postgres gone"],
  ]);
});

test("one that fails to stop does not keep the others running", async () => {
  const order: string[] = [];
  const failing = { stop: () => Promise.reject(new Error("no")) };
  await stopInOrder([[failing], [recording(order, "postgres")]], () => order.push("killed"));
  expect(order).toEqual(["postgres asked", "postgres gone"]);
});

test("one that hangs is killed, and the rest is still stopped", async () => {
  const order: string[] = [];
  const hanging = Promise.withResolvers<void>();
  const stuck = { stop: () => hanging.promise };
  const kill = () => {
    order.push("killed");
    hanging.resolve();
  };
  const limits = { handoverMs: 1, forceAfterMs: 20, killedWithinMs: 10_000 };
  await stopInOrder([[stuck], [recording(order, "postgres")]], kill, limits);
  expect(order).toEqual(["killed", "postgres asked", "postgres gone"]);
});
