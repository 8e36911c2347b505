import { describe, expect, test } from "vitest";
import { llrpDriver } from "./llrp.ts";
import { recordingHost } from "./recording-host.ts";
import { heardAll, reader, run } from "./test-llrp.ts";

/** A reader may need a moment to see that its client has gone; until then it refuses the next one. */
const servedAgain = async (address: string): Promise<void> => {
  const { host, fault } = run(address);
  const outcome = await Promise.race([host.when(heardAll), fault]);
  if (outcome === undefined) return;
  expect(outcome).toBe("reader.refused");
  await servedAgain(address);
};

describe("an abort", () => {
  test("before anything does nothing", async () => {
    const host = recordingHost();
    await llrpDriver({ address: "127.0.0.1", antennas: [] }, host, AbortSignal.abort());
    expect(host.phases).toEqual([]);
  });

  test.each(Array.from({ length: 16 }, (_, frames) => frames))(
    "after %i frames resolves and frees the reader",
    async (frames) => {
      const emulated = await reader();
      const { host, abort, done } = run(emulated.address);
      await host.when(() => host.frames() >= frames);
      abort();
      await expect(done).resolves.toBeUndefined();
      await servedAgain(emulated.address);
    },
  );

  test("of a reader that no longer answers is bounded", async () => {
    const emulated = await reader();
    const { host, abort, done } = run(emulated.address, { goodbyeStepTimeoutMs: 50 });
    await host.when(heardAll);
    emulated.stall();
    abort();
    await expect(done).resolves.toBeUndefined();
  });
});
