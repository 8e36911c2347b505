import { type LineReader, type LineReaderOptions, startLineReader, type TagSource } from "@tagwire/emulators";
import { describe, expect, test } from "vitest";
import type { DriverSettings } from "./driver.ts";
import { linesDriver, unreadableMax } from "./lines.ts";
import { recordingHost } from "./recording-host.ts";
import { during, hasHeard, isStopped, runDriver } from "./test-driver.ts";

const tags = [
  { epc: "330DE29525C0210005F5F8F2", rssiDbm: -43 },
  { epc: "00112233445566778899AABBCCDDEEFF", rssiDbm: -64 },
];
const world: TagSource = { sees: (antenna) => (antenna <= 2 ? tags : []) };

const reader = (options: Partial<LineReaderOptions> = {}): Promise<LineReader> =>
  during(startLineReader({ world, antennas: [1, 2], format: "hex", roundMs: 5, ...options }));

const run = (address: string, settings: Partial<DriverSettings> = {}) =>
  runDriver(linesDriver, { address, ...settings });

const heardAll = hasHeard(tags);

describe.each(["serial", "tcp"] as const)("over %s", (plug) => {
  test.each(["json", "pairs", "values"] as const)(
    "%s lines tell tag, antenna and strength",
    async (format) => {
      const emulated = await reader({ plug, format, flaky: { splitFrames: true, mergeFrames: true } });
      const { host, abort, done } = run(emulated.address);
      await host.when((told) => heardAll(told) && told.reads.some(({ antenna }) => antenna === 2));
      // A heartbeat is a frame without a tag.
      await host.when((told) => told.frames() > told.reads.length);
      abort();
      await done;
      expect(host.phases).toEqual(["connecting", "configuring", "inventory"]);
      for (const { epc, rssiDbm, count } of host.reads.slice(1)) {
        expect(tags).toContainEqual({ epc, rssiDbm });
        expect(count).toBe(1);
      }
    },
  );

  test("hex lines tell the tag, and the antenna is the one that was set", async () => {
    const emulated = await reader({ plug });
    const { host } = run(emulated.address, { antennas: [{ port: 9 }] });
    await host.when(heardAll);
    expect(new Set(host.reads.map(({ antenna, rssiDbm }) => `${antenna} ${rssiDbm}`))).toEqual(
      new Set(["9 null"]),
    );
  });

  test("a reader that goes away is told", async () => {
    const emulated = await reader({ plug });
    const { host, fault } = run(emulated.address);
    await host.when(heardAll);
    await emulated.stop();
    isStopped(emulated);
    expect(await fault).toBe("reader.closed");
    expect(await run(emulated.address).fault).toBe("reader.unreachable");
  });

  test("an abort frees the port", async () => {
    const emulated = await reader({ plug });
    const { host, abort, done } = run(emulated.address);
    await host.when(heardAll);
    abort();
    await expect(done).resolves.toBeUndefined();
    await run(emulated.address).host.when(heardAll);
  });
});

test("lines that nobody can read cost only themselves", async () => {
  const emulated = await reader();
  const { host } = run(emulated.address);
  await host.when(heardAll);
  emulated.say('\u0000\u00ff\n{"epc":\nhello\n');
  await host.when(({ malformedReasons }) => malformedReasons.length >= 3);
  const before = host.reads.length;
  await host.when(({ reads }) => reads.length > before + 10);
  expect(host.bareFrames()).toBe(0);
});

test("a reader of another kind is garbled, and not listened to for ever", async () => {
  const emulated = await reader({ world: { sees: () => [] } });
  const { host, fault } = run(emulated.address);
  await host.when(({ phases }) => phases.at(-1) === "inventory");
  for (let at = 0; at < unreadableMax; at += 1) emulated.say(`nonsense ${at}\n`);
  expect(await fault).toBe("reader.garbled");
});

test("power is a setting to correct", async () => {
  const emulated = await reader();
  expect(await run(emulated.address, { antennas: [{ port: 1, powerDbm: 20 }] }).fault).toBe(
    "reader.settings",
  );
});

test("an abort before anything does nothing", async () => {
  const host = recordingHost();
  await linesDriver({ address: "/dev/no-such-port", antennas: [] }, host, AbortSignal.abort());
  expect(host.phases).toEqual([]);
});
