import { ensureStream, openBus, publishInOrder } from "@tagwire/bus";
import {
  Fault,
  newId,
  type Observation,
  Observations,
  observationSubject,
  partitionOf,
} from "@tagwire/messages";
import { eventually, quietLog, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { traceparent } from "./actors/test-acts.ts";
import { observe } from "./observations.ts";

const observed = (): Observation => ({
  ...{ id: newId(), tag: "a1", place: "gate", antenna: 1, reads: 7, peakRssiDbm: -41.5, traceparent },
  ...{ firstHeardAt: new Date().toISOString(), lastHeardAt: new Date().toISOString() },
});

test("observations that no site takes are told of once for each reader, and not again while it repeats them", async () => {
  await using nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  await ensureStream(bus, Observations);
  const lines: { subject: string; err: { code: string } }[] = [];
  const log = Object.assign(quietLog(), { warn: (line: (typeof lines)[number]) => void lines.push(line) });
  let asked = 0;
  const observing = observe({
    bus,
    turns: {
      tell: async (site, message) => {
        asked += 1;
        return {
          answers: message.kind === "acts" ? message.acts.map(() => new Fault("site_unknown", site)) : [],
        };
      },
    },
    partitions: () => [partitionOf("nowhere")],
    log,
  });
  const readers = ["door", "door", "dock", "door", "dock"];
  for (const reader of readers) {
    const payload = JSON.stringify({ observations: [observed(), observed()] });
    const subject = observationSubject("nowhere", reader);
    await publishInOrder(bus, [{ subject, id: newId(), payload, headers: {} }]);
  }
  await eventually("all asked for", () => asked === readers.length && lines.length >= 2);
  await observing.stop();
  await bus.close();
  expect(lines.map(({ subject, err }) => [subject, err.code])).toEqual(
    ["door", "dock"].map((reader) => [observationSubject("nowhere", reader), "site_unknown"]),
  );
});
