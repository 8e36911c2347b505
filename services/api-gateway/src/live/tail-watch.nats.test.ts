import { answer, ask, openBus, say } from "@tagwire/bus";
import { AskReaders, AskSnapshot, type LiveDelta, liveSubject } from "@tagwire/messages";
import { eventually, quietLog, testNats } from "@tagwire/testing";
import { expect, test, vi } from "vitest";
import { openChannel } from "./channel.ts";
import { openRings } from "./ring.ts";
import { openTailWatch, ownClockLookMs, sayingPatienceMs, tailPatienceMs } from "./tail-watch.ts";

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

test("what the manager has committed and says a moment later is not missing, and what it never says is", async () => {
  await using nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  const asked = vi.fn();
  let committed = 2;
  const answering = answer(bus, AskSnapshot, async () => {
    asked();
    return { known: true, epoch: 1, pos: committed, rows: [], next: null };
  });
  const channel = openChannel(
    bus,
    { site: "north", view: "events", ring: openRings().open() },
    { gap: () => {}, sent: () => {} },
  );
  const gap = vi.fn();
  const leave = channel.listen({ delta: () => "sent", gap, epoch: () => {} });
  await bus.connection.flush();
  const tell = async (pos: number) => {
    const place = { site: "north", epoch: 1, prev: pos - 1, pos, at: new Date().toISOString() };
    say(bus, liveSubject("north", "events"), { ...place, traces: [], changes: [] } satisfies LiveDelta);
    await eventually("it is heard", () => channel.head()?.pos === pos);
  };
  await tell(1);

  let nowMs = 0;
  const hear = openTailWatch(bus, () => [channel], { clockMs: () => nowMs });
  const headAfter = (ms: number, pos: number) => {
    nowMs += ms;
    hear("north", { epoch: 1, pos });
  };
  const askAfterPatience = async (pos: number) => {
    const before = asked.mock.calls.length;
    headAfter(0, pos);
    headAfter(tailPatienceMs, pos);
    await eventually("the manager is asked", () => asked.mock.calls.length > before);
    // Its answer has been taken in when a question that was asked later is answered.
    await ask(bus, AskSnapshot, { site: "north", view: "dashboard", cursor: null });
  };
  await askAfterPatience(2);
  headAfter(sayingPatienceMs - 1, 2);
  await tell(2);
  headAfter(sayingPatienceMs, 2);
  expect(gap).not.toHaveBeenCalled();

  committed = 3;
  await askAfterPatience(3);
  headAfter(sayingPatienceMs - 1, 3);
  expect(gap).not.toHaveBeenCalled();
  headAfter(1, 3);
  expect(gap).toHaveBeenCalledTimes(1);

  leave();
  await Promise.all([channel.stop(), answering.stop()]);
  await bus.close();
});
