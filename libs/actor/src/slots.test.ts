import { expect, test } from "vitest";
import { createSlots } from "./slots.ts";

test("so many work at once, and the others in their order, also after one that failed", async () => {
  const slots = createSlots(2);
  const begun: number[] = [];
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const works = gates.map(({ promise }, number) =>
    slots.run(async () => {
      begun.push(number);
      await promise;
      return number;
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1]);
  gates[1]?.reject(new Error("no"));
  await expect(works[1]).rejects.toThrow("no");
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of gates) resolve();
  await Promise.allSettled(works);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(await slots.run(async () => "after")).toBe("after");
});
