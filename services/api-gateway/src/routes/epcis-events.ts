import {
  AskEpcisEvent,
  EpcisEvent,
  type EpcisEvent as Event,
  epcisContext,
  Fault,
  SiteId,
} from "@tagwire/messages";
import type { FastifyReply } from "fastify";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { readEventPage } from "../epcis/pages.ts";
import { type Parameters, perPageDefault, readEventQuery } from "../epcis/query.ts";
import { siteMeant } from "../epcis/site.ts";
import { problems } from "./schema.ts";

const tags = ["EPCIS"];

const many = (description: string) =>
  Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())], { description }));
const one = many;

/** The filters of the standard that are held here. What stands in them is read by hand, so that a mistake is told by its name. */
const EventsQuery = Type.Object(
  {
    site: Type.Optional(SiteId),
    eventType: many(
      "such as ObjectEvent|TransactionEvent; a bar stands between values, of which one must hold",
    ),
    GE_eventTime: one("from this time on"),
    LT_eventTime: one("before this time"),
    GE_recordTime: one("recorded from this time on"),
    LT_recordTime: one("recorded before this time"),
    EQ_action: many("ADD, OBSERVE, DELETE"),
    EQ_bizStep: many("a word of the CBV, bare or as a URI"),
    EQ_disposition: many("a word of the CBV, bare or as a URI"),
    EQ_readPoint: many("URI of a place"),
    EQ_bizLocation: many("URI of a place"),
    EQ_eventID: many("ids that were told"),
    MATCH_epc: many("pure identities or our own tag URIs, without patterns"),
    MATCH_anyEPC: many("the same"),
    "EQ_bizTransaction_urn:tagwire:btt:contract": many("EQ_bizTransaction_<type>: URIs of contracts"),
    EXISTS_errorDeclaration: one("true: only what was taken back"),
    orderBy: one("eventTime or recordTime; without it events come as they were recorded, oldest first"),
    orderDirection: one("ASC or DESC, which is what orderBy means without it"),
    eventCountLimit: one("no more than so many, over all pages; with orderBy"),
    maxEventCount: one("refuse as too_large when there are more"),
    perPage: one(`${perPageDefault} without it`),
    nextPageToken: one("as the Link header of the page before has it"),
  },
  { additionalProperties: true },
);

const QueryDocument = Type.Object({
  "@context": Type.Array(Type.Unknown()),
  type: Type.Literal("EPCISQueryDocument"),
  schemaVersion: Type.Literal("2.0"),
  creationDate: Type.String(),
  epcisBody: Type.Object({
    queryResults: Type.Object({
      queryName: Type.String(),
      resultsBody: Type.Object({ eventList: Type.Array(EpcisEvent) }),
    }),
  }),
});

const documentOf = (eventList: Event[]) => ({
  "@context": [...epcisContext],
  type: "EPCISQueryDocument" as const,
  schemaVersion: "2.0" as const,
  creationDate: new Date().toISOString(),
  epcisBody: { queryResults: { queryName: "SimpleEventQuery", resultsBody: { eventList } } },
});

/** What every answer says of the versions it speaks. */
export const sayVersions = <R extends FastifyReply>(reply: R): R =>
  reply.headers({ "gs1-epcis-version": "2.0.0", "gs1-cbv-version": "2.0.0" }) as R;

const nextLink = (url: string, token: string): string => {
  const [path = "", query = ""] = url.split("?", 2);
  const parameters = new URLSearchParams(query);
  parameters.set("nextPageToken", token);
  return `<${path}?${parameters}>; rel="next"`;
};

export const epcisEvents = (app: Gateway, edge: Edge): void => {
  app.get(
    "/epcis/events",
    {
      schema: {
        operationId: "queryEpcisEvents",
        tags,
        summary: "What happened at a site, as EPCIS 2.0 events; the Link header leads to the next page",
        description:
          "Every filter that is named must hold. A filter that is not listed is refused, since leaving it out would answer another question. " +
          "A page may hold fewer events than asked for, even none, and still have a next one.",
        querystring: EventsQuery,
        response: { 200: QueryDocument, ...problems(404, 413) },
      },
    },
    async (request, reply) => {
      const query = readEventQuery(request.query as Parameters);
      const site = await siteMeant(edge, request.query.site);
      const { events, nextPageToken } = await readEventPage(edge.bus, site, query);
      if (nextPageToken !== null) reply.header("link", nextLink(request.url, nextPageToken));
      return sayVersions(reply).send(documentOf(events));
    },
  );

  app.get(
    "/epcis/events/:eventID",
    {
      schema: {
        operationId: "getEpcisEvent",
        tags,
        summary: "One EPCIS event by the id that it was told under, percent-encoded",
        params: Type.Object({ eventID: Type.String({ maxLength: 200 }) }),
        querystring: Type.Object({ site: Type.Optional(SiteId) }),
        response: { 200: EpcisEvent, ...problems(404) },
      },
    },
    async ({ params, query }, reply) => {
      const site = await siteMeant(edge, query.site);
      const { event } = await inquire(edge.bus, AskEpcisEvent, { site, eventId: params.eventID });
      if (event === null) throw new Fault("not_found", "no event was told under this id");
      return sayVersions(reply).send({ "@context": [...epcisContext], ...event });
    },
  );
};
