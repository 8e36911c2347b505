import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import type { Item, TimelineRow } from "@tagwire/messages";
import { eventually, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openLive } from "./live-client.ts";
import { type SinkSpan, startOtlpSink } from "./otlp-sink.ts";

const tag = "3074257BF7194E4000001A85";
const otherTag = "3074257BF7194E4000001A86";
const tags = [tag, otherTag];

/** The spans that caused this one: its parent, or what it links to. */
const causesOf = (span: SinkSpan, spans: readonly SinkSpan[]): SinkSpan[] => {
  const ids = new Set([span.parentSpanId, ...span.links.map(({ spanId }) => spanId)]);
  return spans.filter(({ spanId }) => ids.has(spanId));
};

/** Every way back from a span to where it all began, as the names of the services passed. */
const roadsBack = (span: SinkSpan, spans: readonly SinkSpan[]): SinkSpan[][] => {
  const causes = causesOf(span, spans);
  if (causes.length === 0) return [[span]];
  return causes.flatMap((cause) => roadsBack(cause, spans).map((road) => [...road, span]));
};

test("one trace leads from the reader's frame to the frame on the socket, across four processes", async () => {
  await using sink = await startOtlpSink();
  await using stack = await startStack({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, LOG_LEVEL: "debug" },
  });
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  for (const one of tags) await stack.call("POST", "/sites/yard/items", { tag: one, class: "Chair" });
  await using live = await openLive(stack.http, stack.key);
  live.send({ op: "sub", id: "a", site: "yard", view: "items" });
  await eventually("the snapshot is there", () => {
    if (!tags.every((one) => live.rows.has(one))) throw new Error(JSON.stringify(live.frames.slice(-5)));
    return true;
  });

  const world: TagSource = {
    // Two tags at once: one report and one turn, so two events with one cause.
    sees: (antenna) => (antenna === 1 ? tags.map((epc) => ({ epc, rssiDbm: -51 })) : []),
  };
  const reader = await startLlrpReader({ world, seed: 7 });
  try {
    await stack.call("POST", "/sites/yard/readers", {
      id: "dock",
      driver: "llrp",
      address: reader.address,
      antennas: [{ port: 1, place: "dock" }],
    });
    await eventually("the sighting moved both rows", () =>
      tags.every((one) => (live.rows.get(one) as unknown as Item | undefined)?.place === "dock"),
    );
  } finally {
    await reader.stop();
  }

  const sightingOf = async (one: string) => {
    const { body } = await stack.call("GET", `/sites/yard/items/${one}/timeline`);
    return (body as { data: TimelineRow[] }).data.find(({ kind }) => kind === "sighting");
  };
  const sighting = await sightingOf(tag);
  expect(sighting?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect((await sightingOf(otherTag))?.traceId).toBe(sighting?.traceId);

  const road = await eventually("the whole road was exported", () => {
    const sent = sink.spans.filter(
      ({ service, name }) => service === "api-gateway" && name.startsWith("send live"),
    );
    return sent
      .flatMap((span) => roadsBack(span, sink.spans))
      .find((spans) => new Set(spans.map(({ service }) => service)).size === 4);
  });
  expect([...new Set(road.map(({ service }) => service))]).toEqual([
    "reader-gateway",
    "operations",
    "manager",
    "api-gateway",
  ]);
  // One cause, one trace: what the timeline shows is what the antenna began and the socket ended.
  expect(new Set(road.map(({ traceId }) => traceId))).toEqual(new Set([sighting?.traceId]));

  // The logs of whoever had the scan in hand name the same trace; none of them names the key.
  for (const name of ["reader-gateway", "operations", "manager"] as const) {
    expect(stack.logs(name)).toContain(`"traceId":"${sighting?.traceId}"`);
  }
  expect(stack.logs("api-gateway")).not.toContain(stack.key);
});

test("a batch pretends to no single parent: it links to everything that caused it", async () => {
  await using sink = await startOtlpSink();
  await using stack = await startStack({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url },
    services: ["operations", "manager", "api-gateway"],
  });
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  const chairs = Array.from({ length: 60 }, (_, index) => `CHAIR${index}`);
  // Many at once: those that wait for the same turn are committed together.
  await Promise.all(
    chairs.map((one) => stack.call("POST", "/sites/yard/items", { tag: one, class: "Chair" })),
  );

  const turn = await eventually("a turn with several causes was exported", () =>
    sink.spans.find(({ service, links }) => service === "operations" && links.length > 1),
  );
  expect(turn.parentSpanId).toBe("");
  const causes = await eventually("its causes were exported too", () => {
    const found = causesOf(turn, sink.spans);
    return found.length === turn.links.length ? found : undefined;
  });
  expect(new Set(causes.map(({ service }) => service))).toEqual(new Set(["api-gateway"]));
  expect(new Set(causes.map(({ traceId }) => traceId)).size).toBe(causes.length);
});
