import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import {
  Alert,
  AlertRule,
  ContractView,
  EpcisEvent,
  type FaultCode,
  Finding,
  faultCatalogue,
  Item,
  isFaultCode,
  LoggedEvent,
  Reader,
  ReadRules,
  Receipt,
  RfidproDifference,
  Scan,
  Site,
  TimelineRow,
  Webhook,
  WebhookDelivery,
  WebhookMessage,
} from "@tagwire/messages";
import type { TSchema } from "typebox";
import { sendProblem } from "../edge/answers.ts";
import type { Gateway } from "../edge/gateway.ts";
import { Problem, problemPage } from "../edge/problem.ts";
import { completed } from "./completed.ts";
import { ItemView } from "./schema.ts";
import { withWebhooks } from "./webhook-description.ts";

/** Shapes that have a name in the description; everywhere else they are only referred to. */
const named: Readonly<Record<string, TSchema>> = {
  Problem,
  Item: ItemView,
  ItemRecord: Item,
  Receipt,
  Scan,
  Site,
  Reader,
  ReadRules,
  Contract: ContractView,
  Finding,
  RfidproDifference,
  TimelineRow,
  Alert,
  AlertRule,
  Event: LoggedEvent,
  EpcisEvent,
  Webhook,
  WebhookDelivery,
  WebhookMessage,
};

/** Call it before the routes, which it listens for. */
export const describeRoutes = async (app: Gateway): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Tagwire",
        version: "1.0.0",
        description: "The live system of record for RFID-tagged rental stock. Errors are RFC 9457 problems.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: "/" }],
      tags: [
        "Sites",
        "Items",
        "Scans",
        "Contracts",
        "Sessions",
        "Classes",
        "Tags",
        "Events",
        "Undo",
        "Boards",
        "Past",
        "Exports",
        "EPCIS",
        "Dashboard",
        "Readers",
        "Training",
        "Devices",
        "Audits",
        "Findings",
        "RFIDpro",
        "Alerts",
        "Webhooks",
        "Live",
        "Session",
        "Keys",
        "Service",
      ].map((name) => ({ name })),
      security: [{ apiKey: [] }, { session: [] }],
      components: {
        securitySchemes: {
          apiKey: { type: "http", scheme: "bearer", description: "an API key, twk_…" },
          readerKey: { type: "http", scheme: "bearer", description: "a reader's own key, twr_…" },
          readerLogin: {
            type: "http",
            scheme: "basic",
            description: "a reader's own key as the password of any user",
          },
          session: {
            type: "apiKey",
            in: "cookie",
            name: "tagwire_session",
            description:
              "the cookie of a sign-in, over https `__Host-tagwire_session`; whatever changes something needs the header `x-tagwire-csrf: 1` besides",
          },
        },
      },
    },
    transformObject: (document) =>
      "openapiObject" in document
        ? completed(withNames(withWebhooks(document.openapiObject)))
        : document.swaggerObject,
  });
};

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));

/** Replaces each named shape by a reference, so that the description is read once and not forty times. */
const withNames = <T extends object>(document: T): T => {
  const names = new Map(
    Object.entries(named).map(([name, schema]) => [JSON.stringify(asOpenApi(plain(schema))), name]),
  );
  const visit = (value: Json, isDefinition: boolean): Json => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((one) => visit(one, false));
    const name = isDefinition ? undefined : names.get(JSON.stringify(asOpenApi(value)));
    if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visit(one, false)]));
  };
  const visited = visit(plain(document), true) as { components?: { schemas?: Record<string, Json> } };
  const schemas = Object.fromEntries(
    Object.entries(named).map(([name, schema]) => [name, visit(asOpenApi(plain(schema)), true)]),
  );
  visited.components = { ...visited.components, schemas };
  return visited as unknown as T;
};

/** How a record is spelt whose keys may be anything. */
const anyKey = "^.*$";

// The generator writes constants as enums of one, and records by what they have besides; both spellings have to compare equal.
const asOpenApi = (value: Json): Json => {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(asOpenApi);
  const { const: constant, patternProperties: patterns, ...rest } = value;
  const ofAny = (patterns as Record<string, Json> | undefined)?.[anyKey];
  const spelt: Record<string, Json> = {
    ...rest,
    ...(constant === undefined ? {} : { enum: [constant] }),
    ...(ofAny !== undefined
      ? { additionalProperties: ofAny }
      : patterns !== undefined
        ? { patternProperties: patterns }
        : {}),
  };
  const entries = Object.entries(spelt).map(([key, one]): [string, Json] => [key, asOpenApi(one)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

/**
 * "Try it out" works for whoever is signed in at this address: it says what our own page says of a change. It runs in the browser,
 * as it is written here, so it can name nothing that is outside of it.
 */
const asPage = <T extends object>(request: T): T => {
  if ("headers" in request) Object.assign(request.headers as object, { "x-tagwire-csrf": "1" });
  return request;
};

/** `/openapi.json`, `/docs` and the pages behind the `type` of problems. */
export const description = async (app: Gateway): Promise<void> => {
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    uiConfig: {
      deepLinking: true,
      // Closed, the page is a list of contents on one screen; open it is 16 of them, and the browser draws for seconds.
      docExpansion: "none",
      defaultModelsExpandDepth: 0,
      validatorUrl: null,
      requestInterceptor: asPage,
    },
    staticCSP: false,
  });
  app.get("/openapi.json", { config: { open: true }, schema: { hide: true } }, async (_request, reply) =>
    reply.header("cache-control", "no-cache").send(app.swagger()),
  );
  app.get("/problems", { config: { open: true }, schema: { hide: true } }, async () => ({
    data: (Object.keys(faultCatalogue) as FaultCode[]).map(problemPage),
    nextCursor: null,
  }));
  app.get<{ Params: { code: string } }>(
    "/problems/:code",
    { config: { open: true }, schema: { hide: true } },
    async (request, reply) => {
      const { code } = request.params;
      if (isFaultCode(code)) return problemPage(code);
      return sendProblem(request, reply, { code: "not_found", detail: "There is no such code." });
    },
  );
};
