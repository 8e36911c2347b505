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
import type { Parameters } from "../epcis/parameter-values.ts";
import { exactParameters, parameters } from "../epcis/parameters.ts";
import { readEventQuery } from "../epcis/query.ts";
import { siteMeant } from "../epcis/site.ts";
import { problems } from "./schema.ts";

const tags = ["EPCIS"];

/**
 * The parameters of the standard, as the table has them. What stands in them is read by hand, so that a mistake is told by its name;
 * those whose names are open are told in words.
 */
const EventsQuery = Type.Object(
  {
    site: Type.Optional(SiteId),
    ...Object.fromEntries(
      exactParameters.map(({ name, says }) => [
        name,
        Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())], { description: says })),
      ]),
    ),
  },
  { additionalProperties: true },
);

const openParameters = parameters
  .filter((parameter) => !exactParameters.includes(parameter))
  .map(({ name, says }) => `- \`${name}\` ${says}`)
  .join("\n");

/** A document that holds what a query found. */
export const QueryDocument = Type.Object({
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

/** The Link header that leads to the next page of what was asked for. */
export const nextLink = (url: string, token: string): string => {
  const [path = ""] = url.split("?", 1);
  // A value may hold another question mark: links are asked for.
  const parameters = new URLSearchParams(url.slice(path.length + 1));
  parameters.set("nextPageToken", token);
  return `<${path}?${parameters}>; rel="next"`;
};

type Query = {
  /** Where the next page is, but for its token. */
  readonly url: string;
  readonly given: Parameters;
  readonly site: string | undefined;
};

/** Answers with a page of events, and a Link header that leads to the next one. */
export const answerQuery = async <R extends FastifyReply>(
  edge: Edge,
  reply: R,
  { url, given, site: named }: Query,
) => {
  const query = readEventQuery(given);
  const site = await siteMeant(edge, named);
  const { events, nextPageToken } = await readEventPage(edge.bus, site, query);
  if (nextPageToken !== null) reply.header("link", nextLink(url, nextPageToken));
  return sayVersions(reply).send(documentOf(events));
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
          "Every filter that is named must hold. All parameters of the standard are known; where one asks for a field that no event here has, " +
          "nothing matches. Any other is refused as a QueryParameterException, since leaving it out would answer another question. " +
          `A page may hold fewer events than asked for, even none, and still have a next one.\n\nBesides these there are, with names of their own:\n\n${openParameters}`,
        querystring: EventsQuery,
        response: { 200: QueryDocument, ...problems(404, 413) },
      },
    },
    async (request, reply) =>
      answerQuery(edge, reply, {
        url: request.url,
        given: request.query as Parameters,
        site: request.query.site,
      }),
  );

  app.get(
    "/epcis/events/:eventID",
    {
      schema: {
        operationId: "getEpcisEvent",
        tags,
        summary:
          "One EPCIS event by the id that it was told under, percent-encoded, in a document of its own",
        params: Type.Object({ eventID: Type.String({ maxLength: 200 }) }),
        querystring: Type.Object({ site: Type.Optional(SiteId) }),
        response: { 200: QueryDocument, ...problems(404) },
      },
    },
    async ({ params, query }, reply) => {
      const site = await siteMeant(edge, query.site);
      const { event } = await inquire(edge.bus, AskEpcisEvent, { site, eventId: params.eventID });
      if (event === null) throw new Fault("not_found", "no event was told under this id");
      return sayVersions(reply).send(documentOf([event]));
    },
  );
};
