import {
  type ChannelDeclaration,
  declaredChannels,
  liveProtocol,
  messageIdHeader,
  partitionCount,
} from "@tagwire/messages";
import Type from "typebox";
import { answerName, answers, operationsOf, referTo } from "./asyncapi-operations.ts";
import { type Json, type Members, openSchemas } from "./asyncapi-schemas.ts";

/** What may stand in the braces of an address. */
const parameters: Readonly<Record<string, Members>> = {
  partition: {
    description: "FNV-1a, 32 bits, of the site's id, modulo the number of partitions",
    enum: Array.from({ length: partitionCount }, (_, partition) => String(partition)),
  },
  site: { description: "a site's id, [a-z0-9-]{1,32}", examples: ["north"] },
  reader: { description: "a reader's id", examples: ["dock-1"] },
  entity: { description: "what the event is about: the first word of its type", examples: ["item"] },
  happened: {
    description: "what happened: the type's other words, without its version",
    examples: ["returned"],
  },
  service: { description: "who put the message aside", examples: ["operations"] },
  reason: { description: "why", examples: ["unreadable"] },
};

const parametersOf = (address: string): Members =>
  Object.fromEntries(
    [...address.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => [name, parameters[name] ?? {}]),
  );

const hourMs = 3_600_000;
const mebibyte = 2 ** 20;

const promiseOf = ({ summary, stream }: ChannelDeclaration): string =>
  stream === undefined
    ? summary
    : `${summary} Kept by the stream ${stream.name} for ${stream.maxAgeMs / hourMs} hours, ${stream.maxBytes / mebibyte} MiB at most.`;

const socketBinding: Json = {
  ws: {
    method: "GET",
    headers: {
      type: "object",
      properties: { "Sec-WebSocket-Protocol": { type: "string", const: liveProtocol } },
      required: ["Sec-WebSocket-Protocol"],
    },
    bindingVersion: "0.1.0",
  },
};
const headersOf = ({ headers, stream }: ChannelDeclaration) => {
  const inStream =
    stream &&
    Type.Object({
      [messageIdHeader]: Type.String({
        description: `its identity: the stream drops repeats for ${stream.duplicateWindowMs} ms`,
      }),
    });
  if (inStream === undefined || headers === undefined) return inStream ?? headers;
  return Type.Intersect([headers, inStream]);
};

/** AsyncAPI 3 of everything that is said between services, over the socket and to webhooks, made from the declarations in libs/messages. */
export const asyncApi = (): Members => {
  const schemas = openSchemas();
  const channels: Members = {};
  const operations: Members = {};
  const messages: Members = {};
  const answered: string[] = [];

  for (const [key, channel] of Object.entries(declaredChannels)) {
    const headers = headersOf(channel);
    for (const { name, summary, body, answer } of channel.messages) {
      messages[name] = {
        name,
        title: name,
        summary,
        contentType: "application/json",
        ...(headers === undefined ? {} : { headers: schemas.of(headers) }),
        payload: schemas.of(body),
      };
      if (answer === undefined) continue;
      answered.push(answerName(name));
      messages[answerName(name)] = {
        name: answerName(name),
        title: answerName(name),
        summary: `Answers ${name}, or says why not.`,
        contentType: "application/json",
        payload: schemas.ofAnswer(answer),
      };
    }
    channels[key] = {
      address: channel.address,
      description: promiseOf(channel),
      servers: [referTo("servers", channel.over)],
      ...(channel.address?.includes("{") ? { parameters: parametersOf(channel.address) } : {}),
      messages: Object.fromEntries(
        channel.messages.map(({ name }) => [name, referTo("components", "messages", name)]),
      ),
      ...(channel.over === "socket" ? { bindings: socketBinding } : {}),
    };
    Object.assign(operations, operationsOf(key, channel));
  }
  channels[answers] = {
    address: null,
    description: "The inbox that whoever asks made for the answer: the reply subject of the request.",
    servers: [referTo("servers", "bus")],
    messages: Object.fromEntries(answered.map((name) => [name, referTo("components", "messages", name)])),
  };

  return {
    asyncapi: "3.0.0",
    id: "urn:tagwire:asyncapi",
    info: {
      title: "Tagwire",
      version: "1.0.0",
      description:
        "What is said on the bus, over the socket and to webhooks. HTTP, and the same live views as server-sent events, are described in /openapi.json.",
      license: { name: "Apache-2.0" },
      tags: ["api-gateway", "operations", "manager", "reader-gateway"].map((name) => ({ name })),
    },
    defaultContentType: "application/json",
    servers: {
      bus: {
        host: "{nats}",
        protocol: "nats",
        description: "The NATS server of this installation, which is not open to the world.",
        variables: { nats: { description: "its host and port" } },
      },
      socket: {
        host: "{door}",
        protocol: "ws",
        description: "Where this description was read; wss behind TLS.",
        variables: { door: { description: "host and port of the api-gateway" } },
        security: [
          referTo("components", "securitySchemes", "apiKey"),
          referTo("components", "securitySchemes", "session"),
        ],
      },
      webhook: {
        host: "{receiver}",
        protocol: "https",
        description: "Where an endpoint of a webhook said that it is.",
        variables: { receiver: { description: "host and port of the endpoint" } },
      },
    },
    channels,
    operations,
    components: {
      messages,
      schemas: schemas.schemas,
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "an API key, twk_…" },
        session: {
          type: "httpApiKey",
          in: "cookie",
          name: "tagwire_session",
          description: "the cookie of a sign-in, over https `__Host-tagwire_session`",
        },
      },
    },
  };
};
