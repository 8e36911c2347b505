import { Parser } from "@asyncapi/parser";
import {
  declaredChannels,
  declaredEvents,
  declaredQuestions,
  liveViews,
  WebhookHeaders,
} from "@tagwire/messages";
import { expect, test } from "vitest";
import { asyncApi } from "./asyncapi-document.ts";
import { plain } from "./asyncapi-schemas.ts";
import { partsOf, pathsIn, type Referring, referencesIn } from "./test-asyncapi-parts.ts";

/** Each part takes a second or two; the bound only decides how long a broken parser takes to fail. */
const parserMsMax = 300_000;
const channelsOfPartMax = 8;

const document = plain(asyncApi()) as unknown as Referring;
const parts = partsOf(document, channelsOfPartMax);

test(
  "is AsyncAPI 3 without an error or a warning, each part of it with all that it refers to",
  async () => {
    const parser = new Parser();
    for (const part of parts) {
      const { document: parsed, diagnostics } = await parser.parse(JSON.stringify(part));
      // That there is a later 3.x is not a fault of this one, which more tools read.
      const complaints = diagnostics.filter(({ code }) => code !== "asyncapi-latest-version");
      expect(complaints.map(({ code, message, path }) => `${code} ${path.join("/")}: ${message}`)).toEqual(
        [],
      );
      expect(parsed?.version()).toBe("3.0.0");
      expect(parsed?.allOperations().length).toBe(Object.keys(part.operations).length);
    }
  },
  parserMsMax,
);

test("its parts are all of it, as it stands there", () => {
  expect(parts.length).toBeGreaterThan(10);
  expect(new Set(parts.flatMap(pathsIn))).toEqual(new Set(pathsIn(document)));
  for (const { channels, operations, components, ...frame } of parts) {
    expect({ ...document, ...frame }).toEqual(document);
    expect(document).toMatchObject({ channels, operations, components });
  }
});

test("every reference leads somewhere, and every shape that is named is needed", () => {
  const references = referencesIn(document);
  expect(references.length).toBeGreaterThan(500);
  const broken = references.filter((path) => {
    let at: unknown = document;
    for (const name of path.split("/")) at = (at as Record<string, unknown> | undefined)?.[name];
    return at === undefined;
  });
  expect(broken).toEqual([]);
  const needed = new Set(references);
  const idle = Object.keys(document.components.schemas).filter(
    (name) => !needed.has(`components/schemas/${name}`),
  );
  expect(idle).toEqual([]);
});

test("everything that is declared is described, with who says it and who answers", () => {
  const { channels, operations, components } = document;
  for (const { type } of declaredEvents.keys()) {
    expect(channels.events?.messages).toHaveProperty([type]);
    expect(components.messages).toHaveProperty([type, "payload"]);
    expect(components.messages).toHaveProperty([type, "headers"]);
  }
  for (const { service, name } of declaredQuestions) {
    expect(channels[`ask.${service}.${name}`]?.address).toBe(`ask.${service}.${name}`);
    expect(operations[`${service}.answers.ask.${service}.${name}`]).toMatchObject({
      action: "receive",
      reply: expect.anything(),
    });
  }
  for (const view of liveViews) {
    expect(channels[`live.${view}`]?.address).toBe(`live.{site}.${view}`);
    expect(channels.live?.messages).toHaveProperty([`sub.${view}`]);
  }
  for (const [key, { address, headers, messages }] of Object.entries(declaredChannels)) {
    expect(channels[key]?.address).toBe(address);
    expect(Object.keys(channels[key]?.messages ?? {})).toEqual(messages.map(({ name }) => name));
    for (const { name, answer } of messages) {
      expect(components.messages).toHaveProperty([name, "payload"]);
      if (headers !== undefined) expect(components.messages).toHaveProperty([name, "headers"]);
      if (answer !== undefined) expect(channels.answers?.messages).toHaveProperty([`${name}.answered`]);
    }
  }
  for (const name of ["webhook.event", "webhook.alert", "webhook.proof"])
    expect(channels.webhooks?.messages).toHaveProperty([name]);
  const names = Object.keys(WebhookHeaders.properties);
  expect(names).toEqual(["webhook-id", "webhook-timestamp", "webhook-signature"]);
  expect(components.schemas.WebhookHeaders).toMatchObject({ required: names });
  expect(operations).toMatchObject({
    "operations.says.events": { action: "send" },
    "manager.hears.events": { action: "receive" },
    "reader-gateway.says.observations": { action: "send" },
    "operations.answers.scans.record": { action: "receive", reply: expect.anything() },
    "api-gateway.says.live": { action: "send" },
    "manager.says.webhooks": { action: "send" },
  });
});

test("names no host, for it is the same wherever it runs", () => {
  const { servers } = document as unknown as { servers: Record<string, { host: string }> };
  expect(Object.values(servers).map(({ host }) => host)).toEqual(["{nats}", "{door}", "{receiver}"]);
  expect(JSON.stringify(document)).not.toMatch(/"(?:https?|wss?|nats):\/\//);
});
