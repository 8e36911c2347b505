import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as it arrives in OTLP/HTTP JSON, flattened to what the tests ask. */
export type SinkSpan = {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
};

type Attribute = { key: string; value: { stringValue?: string } };
type Export = {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      spans: (Omit<SinkSpan, "service" | "links" | "parentSpanId"> & {
        parentSpanId?: string;
        links?: { traceId: string; spanId: string }[];
      })[];
    }[];
  }[];
};

/** Takes traces over OTLP/HTTP JSON and keeps them in memory. */
export const startOtlpSink = async () => {
  const spans: SinkSpan[] = [];
  const take = (body: Export) => {
    for (const { resource, scopeSpans } of body.resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
      for (const { spans: given } of scopeSpans) {
        for (const { name, kind, traceId, spanId, parentSpanId, links } of given) {
          spans.push({
            service,
            name,
            kind,
            traceId,
            spanId,
            parentSpanId: parentSpanId ?? "",
            links: links ?? [],
          });
        }
      }
    }
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      take(JSON.parse(Buffer.concat(chunks).toString()) as Export);
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
