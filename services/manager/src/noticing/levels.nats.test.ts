import { openBus, say } from "@tagwire/bus";
import { headSubject } from "@tagwire/messages";
import { eventually, quietLog, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { lagMsMax, openLevels } from "./levels.ts";

test("rows are level as long as they have what was in the log a moment ago", async () => {
  await using nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  let nowMs = 1_000_000;
  const levels = openLevels(bus, () => nowMs);
  await bus.connection.flush();
  const head = async (epoch: number, pos: number) => {
    say(bus, headSubject("north"), { epoch, pos, hash: "", at: "" });
    await eventually("the head is heard", () => levels.headOf("north")?.pos === pos);
  };
  const at = (pos: number, epoch = 1) => levels.isLevel("north", { epoch, pos }, nowMs);

  // Who never heard how far the log is cannot know.
  expect(at(0)).toBe(false);
  await head(1, 10);
  expect([at(9), at(10), at(11), at(10, 2)]).toEqual([false, true, true, false]);
  nowMs += lagMsMax / 2;
  await head(1, 500);
  // What came within the last moment may still be on its way.
  expect([at(9), at(10), at(500)]).toEqual([false, true, true]);
  nowMs += lagMsMax / 2 + 1;
  expect([at(10), at(499), at(500)]).toEqual([false, false, true]);
  nowMs += lagMsMax;
  expect(at(500)).toBe(false);
  await head(2, 3);
  expect([at(500), at(3, 2)]).toEqual([false, true]);
  expect(levels.lastLevel("north", { epoch: 1, pos: 12 })).toBe(1_000_000);
  expect(levels.lastLevel("north", { epoch: 1, pos: 9 })).toBeUndefined();
  // A head that waited to be heard is as old as it says, and one from a clock ahead of ours no younger than now.
  for (const [pos, at, level] of [
    [4, nowMs - 14_000, nowMs - 14_000],
    [5, nowMs + 14_000, nowMs],
  ] as const) {
    say(bus, headSubject("north"), { epoch: 2, pos, hash: "", at: new Date(at).toISOString() });
    await eventually("the head is heard", () => levels.headOf("north")?.pos === pos);
    expect(levels.lastLevel("north", { epoch: 2, pos: 8 })).toBe(level);
  }
  await levels.stop();
  await bus.close();
});
