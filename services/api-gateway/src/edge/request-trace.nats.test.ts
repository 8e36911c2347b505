import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerOn, say } from "@tagwire/bus";
import { type Command, commandSubject, type LiveDelta, liveSubject, newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openLive, ownView } from "../live/test-live.ts";
import { adminKey, testGateway } from "../test-gateway.ts";

/* The trace of a scan, from the caller through the edge to the bus, and from the event to the frame. */

type Span = {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string }[];
  readonly status?: { readonly code?: number };
};
const serverKind = 2;
const producerKind = 4;
const errorStatus = 2;

/** Takes spans as an OpenTelemetry collector does. */
const openCollector = async () => {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      for (const resource of JSON.parse(body).resourceSpans)
        for (const scope of resource.scopeSpans) spans.push(...scope.spans);
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    spans,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    find: (name: string, traceId?: string) =>
      eventually(`the span ${name}`, () =>
        spans.find((span) => span.name === name && (traceId === undefined || span.traceId === traceId)),
      ),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const callerSpan = "b7ad6b7169203331";
const traceOf = (digit: string) => digit.repeat(32);
const traceparent = (traceId: string) => `00-${traceId}-${callerSpan}-01`;

test("a request is one server span in the caller's trace, and the command carries it on", async () => {
  await using collector = await openCollector();
  await using gateway = await testGateway({}, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  const heard: Command[] = [];
  const owner = answerOn(gateway.bus, { subject: commandSubject("north") }, async (body) => {
    heard.push(body as Command);
    return { receipts: [] };
  });
  const headers = { authorization: `Bearer ${adminKey}`, traceparent: traceparent(traceOf("a")) };
  const scans = [{ id: newId(), tag: "tag", type: "touch", scannedAt: "2026-03-02T07:15:00Z" }];
  await gateway.ask("POST", "/api/v1/sites/north/scans", { scans }, headers);

  const span = await collector.find("POST /api/v1/sites/{site}/scans");
  expect(span).toMatchObject({ kind: serverKind, traceId: traceOf("a"), parentSpanId: callerSpan });
  expect(heard[0]?.traceparent).toBe(`00-${traceOf("a")}-${span.spanId}-01`);
  const asked = await collector.find("request commands.{partition}.{site}");
  expect(asked).toMatchObject({ traceId: traceOf("a"), parentSpanId: span.spanId });

  const refused = await gateway.ask("POST", "/api/v1/sites/north/readers/dock-1:start", undefined, headers);
  expect(refused.status).toBe(503);
  const failed = await collector.find("POST /api/v1/sites/{site}/readers/{id}:start");
  expect(failed.status?.code).toBe(errorStatus);
  await owner.stop();
});

test("a frame is sent in the trace of the event behind it; one of many events links to them", async () => {
  await using collector = await openCollector();
  await using gateway = await testGateway({}, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  const owner = ownView(gateway.bus, "items");
  const client = await openLive(gateway.url);
  client.send({ op: "sub", id: "a", site: "north", view: "items" });
  await client.frame("snap");
  const tell = (traces: readonly string[]) => {
    const delta: LiveDelta = { ...owner.commit({ key: "1", row: {} }), traces };
    say(gateway.bus, liveSubject("north", "items"), delta);
  };
  tell([traceparent(traceOf("b"))]);
  tell([traceparent(traceOf("c")), traceparent(traceOf("d"))]);
  // Not sampled: no span.
  tell([`00-${traceOf("e")}-${callerSpan}-00`]);
  await eventually("three frames", () => client.frames.filter(({ op }) => op === "delta").length === 3);

  const alone = await collector.find("send live.{site}.{view}", traceOf("b"));
  expect(alone).toMatchObject({ kind: producerKind, parentSpanId: callerSpan });
  const batch = await eventually("the span of the batch", () =>
    collector.spans.find(({ links = [] }) => links.length > 0),
  );
  expect(batch.links?.map(({ traceId }) => traceId)).toEqual([traceOf("c"), traceOf("d")]);
  expect(batch.parentSpanId ?? "").toBe("");
  expect(collector.spans.some(({ traceId }) => traceId === traceOf("e"))).toBe(false);
  await client.close();
  await owner.stop();
});
