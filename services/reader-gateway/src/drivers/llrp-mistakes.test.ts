import { startLlrpReader } from "@tagwire/emulators";
import { expect, test } from "vitest";
import { llrpLimits } from "./llrp/limits.ts";
import { createLlrpDriver } from "./llrp.ts";
import { recordingHost } from "./recording-host.ts";
import { world } from "./test-llrp.ts";

const oneAntenna = [{ port: 1 }];

test("a mistake behind a frame ends the connection with it, and not the process", async () => {
  const reader = await startLlrpReader({ world, roundMs: 5 });
  const host = recordingHost();
  const mistake = new TypeError("undefined is not a function");
  const control = new AbortController();
  const done = createLlrpDriver()(
    { address: reader.address, antennas: oneAntenna },
    {
      ...host,
      frame: (reads) => {
        if (reads.length > 0) throw mistake;
      },
    },
    control.signal,
  );
  await expect(done).rejects.toBe(mistake);
  expect(reader.stats().tags).toBeGreaterThan(0);
  await reader.stop();
});

test("a mistake while our ROSpec is started again ends the connection with it", async () => {
  const reader = await startLlrpReader({ world, roundMs: 5 });
  const host = recordingHost();
  const mistake = new TypeError("undefined is not a function");
  let isBroken = false;
  const limits = {
    ...llrpLimits,
    // What is looked at while the ROSpec is started again.
    get questionTimeoutMs(): number {
      if (isBroken) throw mistake;
      return llrpLimits.questionTimeoutMs;
    },
  };
  const done = createLlrpDriver(limits)(
    { address: reader.address, antennas: oneAntenna },
    host,
    new AbortController().signal,
  );
  done.catch(() => {});
  await host.when(({ reads }) => reads.length > 0);
  isBroken = true;
  reader.endRoSpecs();
  await expect(done).rejects.toBe(mistake);
  await reader.stop();
});
