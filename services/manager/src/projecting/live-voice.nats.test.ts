import { type Bus, hear, openBus } from "@tagwire/bus";
import { type LiveDelta, liveSubject } from "@tagwire/messages";
import { eventually, quietLog, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { eventChanges, itemChanges } from "../actors/live-messages.ts";
import { foldStock, nothingKnown } from "../actors/stock.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import type { AppliedSite } from "./batch.ts";
import { createLiveVoice } from "./live-voice.ts";

const views = ["items", "events"] as const;

/** What a batch of a log's newest events did, as if nothing had been before them. */
const applied = (log: SampleLog, count: number): AppliedSite => {
  const from = log.events.length;
  for (let index = 0; index < count; index += 1)
    log.happen({ kind: "create", tag: `T${from + index}`, class: "tent", status: "ready" });
  const events = log.events.slice(from);
  const { items } = foldStock(nothingKnown, events);
  const news = () => ({ items: itemChanges(items.values()), events: eventChanges(events) });
  return { site: log.site, generation: undefined, events, news };
};

const openEar = async (bus: Bus) => {
  const heard: LiveDelta[] = [];
  for (const view of views)
    hear(bus, liveSubject("north", view), (message) => heard.push(message.json<LiveDelta>()));
  await bus.connection.flush();
  return {
    /** The positions of everything said, once there is as much of it in each view. */
    chain: async (messages: number) => {
      await eventually("everything was heard", () => heard.length >= messages * views.length);
      const [items, events] = views.map((_view, index) =>
        heard.filter(({ changes }) => (changes[0]?.key.includes(":") ? 1 : 0) === index),
      );
      const positions = (said: readonly LiveDelta[] = []) =>
        said.map(({ epoch, prev, pos }) => [epoch, prev, pos]);
      expect(positions(items)).toEqual(positions(events));
      return positions(items);
    },
  };
};

test("each message follows the one said before it, and one that was passed over leaves a hole", async () => {
  await using nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  const ear = await openEar(bus);
  const voice = createLiveVoice(bus, () => {});
  const log = sampleLog({ site: "north" });
  applied(log, 4);
  voice.tell(applied(log, 2), []);
  voice.tell(applied(log, 3), []);
  voice.passOver(applied(log, 5));
  voice.tell(applied(log, 1), []);
  // The first follows what was before its batch, though nothing of that was said here.
  expect(await ear.chain(3)).toEqual([
    [1, 4, 6],
    [1, 6, 9],
    [1, 14, 15],
  ]);
  await bus.close();
});

test("the first message of a view follows where the voice began, so that nobody sees a hole where nothing was said", async () => {
  await using nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  const heard: LiveDelta[] = [];
  hear(bus, liveSubject("north", "items"), (message) => heard.push(message.json<LiveDelta>()));
  await bus.connection.flush();
  const voice = createLiveVoice(bus, () => {});
  const log = sampleLog({ site: "north" });
  applied(log, 4);
  const silent = applied(log, 3);
  voice.tell({ ...silent, news: () => ({}) }, []);
  voice.tell(applied(log, 2), []);
  await eventually("it was heard", () => heard.length > 0);
  expect(heard.map(({ prev, pos }) => [prev, pos])).toEqual([[4, 9]]);
  await bus.close();
});

test("a history that began anew begins a chain of its own, in another epoch or in the same", async () => {
  await using nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  const ear = await openEar(bus);
  const voice = createLiveVoice(bus, () => {});
  voice.tell(applied(sampleLog({ site: "north" }), 7), []);
  voice.tell(applied(sampleLog({ site: "north", epoch: 2 }), 2), []);
  voice.forget("north");
  voice.tell(applied(sampleLog({ site: "north", epoch: 2 }), 3), []);
  expect(await ear.chain(3)).toEqual([
    [1, 0, 7],
    [2, 0, 2],
    [2, 0, 3],
  ]);
  await bus.close();
});
