import type { LoggedEvent } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { countTooOld } from "./refill.ts";

test("a stream is filled from the first event that it would keep on, found by reading a few", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 300 }),
      fc.nat(60),
      async (times, sinceMs) => {
        const recorded = times.toSorted((a, b) => a - b);
        let reads = 0;
        const readAt = async (pos: number) => {
          reads += 1;
          const atMs = recorded[pos - 1];
          return atMs === undefined
            ? undefined
            : ({ pos, recordedAt: new Date(atMs).toISOString() } as LoggedEvent);
        };
        const old = await countTooOld(readAt, recorded.length, sinceMs);
        expect(old).toBe(recorded.filter((atMs) => atMs < sinceMs).length);
        expect(reads).toBeLessThanOrEqual(Math.ceil(Math.log2(recorded.length + 1)) + 1);
      },
    ),
  );
});
