import { text } from "node:stream/consumers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openSpool } from "./spool.ts";

test("what is written before anybody reads waits, in order, beyond the memory it may take", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.string({ maxLength: 40 }), fc.boolean()), { maxLength: 60 }),
      fc.integer({ min: 1, max: 100 }),
      async (steps, memoryBytesMax) => {
        const spool = openSpool({ memoryBytesMax });
        let read = "";
        spool.readable.setEncoding("utf8");
        for (const [part, doesRead] of steps) {
          await spool.write(part);
          if (doesRead) read += spool.readable.read() ?? "";
        }
        spool.end();
        read += await text(spool.readable);
        expect(read).toBe(steps.map(([part]) => part).join(""));
      },
    ),
  );
});

test("a reader who waits gets what is written then", async () => {
  const spool = openSpool();
  const all = text(spool.readable);
  await spool.write("one ");
  await spool.write("two");
  spool.end();
  expect(await all).toBe("one two");
});

test("what is written for a reader who has gone goes nowhere", async () => {
  const spool = openSpool({ memoryBytesMax: 1 });
  await spool.write("one");
  spool.readable.destroy();
  await spool.write("two");
  spool.end();
  expect(spool.readable.read()).toBeNull();
});
