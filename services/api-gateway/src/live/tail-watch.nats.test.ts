import { answer, openBus, say } from "@tagwire/bus";
import { AskReaders, type LiveDelta, liveSubject } from "@tagwire/messages";
import { eventually, quietLog, testNats } from "@tagwire/testing";
import { expect, test, vi } from "vitest";
import { openChannel } from "./channel.ts";
import { openRings } from "./ring.ts";
import { openTailWatch, ownClockLookMs } from "./tail-watch.ts";

/* The readers' owner counts positions of its own, so no head of the site tells that its last message was lost. */

test("the last word about readers is found missing, and one that was heard is not", async () => {
  await using nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  const last = { epoch: 3, pos: 1 };
  const asked = vi.fn();
  const answering = answer(bus, AskReaders, async () => {
    asked();
    return { ...last, readers: [] };
  });
  const channel = openChannel(
    bus,
    { site: "north", view: "readers", ring: openRings().open() },
    { gap: () => {}, sent: () => {} },
  );
  const gap = vi.fn();
  const leave = channel.listen({ delta: () => "sent", gap, epoch: () => {} });
  const delta: LiveDelta = {
    site: "north",
    epoch: 3,
    prev: 0,
    pos: 1,
    at: new Date().toISOString(),
    traces: [],
    changes: [],
  };
  await bus.connection.flush();
  say(bus, liveSubject("north", "readers"), delta);
  await eventually("the first is heard", () => channel.head()?.pos === 1);

  let nowMs = 0;
  const owned = vi.fn();
  const hear = openTailWatch(bus, () => [channel], { owned, clockMs: () => nowMs });
  const look = async () => {
    nowMs += ownClockLookMs;
    const before = asked.mock.calls.length;
    hear("north", { epoch: 1, pos: 9 });
    await eventually("its owner is asked", () => asked.mock.calls.length > before);
    await bus.connection.flush();
  };
  hear("north", { epoch: 1, pos: 9 });
  await look();
  await eventually("it is known to be all there is", () => owned.mock.calls.length === 1);
  expect(gap).not.toHaveBeenCalled();
  last.pos = 2;
  await look();
  await eventually("the loss is told", () => gap.mock.calls.length === 1);
  expect(channel.head()).toBeUndefined();
  expect(owned.mock.calls).toEqual([["north", "readers"]]);

  leave();
  const before = asked.mock.calls.length;
  nowMs += ownClockLookMs;
  hear("north", { epoch: 1, pos: 9 });
  await bus.connection.flush();
  expect(asked).toHaveBeenCalledTimes(before);
  await Promise.all([channel.stop(), answering.stop()]);
  await bus.close();
});
