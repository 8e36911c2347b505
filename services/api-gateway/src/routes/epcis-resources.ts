import { type EpcisResource, epcisContextUri, epcisPageMax, SiteId } from "@tagwire/messages";
import type { FastifyReply } from "fastify";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { type Parameters, wrongParameter } from "../epcis/parameter-values.ts";
import { perPageDefault } from "../epcis/parameters.ts";
import { siteMeant } from "../epcis/site.ts";
import { type Paging, readValuePage } from "../epcis/values.ts";
import { answerQuery, nextLink, QueryDocument, sayVersions } from "./epcis-events.ts";
import { problems } from "./schema.ts";

const tags = ["EPCIS"];

type Resource = {
  readonly name: EpcisResource;
  readonly operationId: string;
  readonly listId: string;
  readonly parameter: string;
  readonly of: string;
  readonly all: string;
};

/** The top-level resources of the standard, and the parameter of a query that each of their values is. */
const resources: readonly Resource[] = [
  {
    name: "eventTypes",
    operationId: "queryEpcisEventsByType",
    listId: "listEpcisEventTypes",
    parameter: "eventType",
    of: "a type",
    all: "the types of events that are told here",
  },
  {
    name: "epcs",
    operationId: "queryEpcisEventsByEpc",
    listId: "listEpcisEpcs",
    parameter: "MATCH_anyEPC",
    of: "an EPC",
    all: "the EPCs of the items of a site, in the order of their tags",
  },
  {
    name: "bizSteps",
    operationId: "queryEpcisEventsByStep",
    listId: "listEpcisSteps",
    parameter: "EQ_bizStep",
    of: "a business step",
    all: "the business steps that events here say",
  },
  {
    name: "bizLocations",
    operationId: "queryEpcisEventsByLocation",
    listId: "listEpcisLocations",
    parameter: "EQ_bizLocation",
    of: "a business location",
    all: "the places where things of a site are or were after an event",
  },
  {
    name: "readPoints",
    operationId: "queryEpcisEventsByReadPoint",
    listId: "listEpcisReadPoints",
    parameter: "EQ_readPoint",
    of: "a read point",
    all: "the places where things of a site were scanned",
  },
  {
    name: "dispositions",
    operationId: "queryEpcisEventsByDisposition",
    listId: "listEpcisDispositions",
    parameter: "EQ_disposition",
    of: "a disposition",
    all: "the dispositions that events here say",
  },
];

const valueLengthMax = 1_024;

/** What is in the path is a filter like any other; a second one of the same name would contradict it. */
const withPath = (query: Parameters, parameter: string, value: string): Parameters => {
  if (query[parameter] !== undefined) throw wrongParameter(parameter, "stands in the path already");
  return { ...query, [parameter]: value };
};

const Collection = Type.Object({
  "@context": Type.Optional(Type.String()),
  type: Type.Literal("Collection"),
  member: Type.Array(Type.String()),
});

type Asked = Paging & {
  /** Where the next page is, but for its token. */
  readonly url: string;
  readonly site: string | undefined;
  readonly resource: EpcisResource;
};

/** Answers with a page of values, and a Link header that leads to the next one. */
const answerValues = async <R extends FastifyReply>(
  edge: Edge,
  reply: R,
  { url, site: named, resource, ...paging }: Asked,
) => {
  const site = await siteMeant(edge, named);
  const { values, nextPageToken } = await readValuePage(edge.bus, site, resource, paging);
  if (nextPageToken !== null) reply.header("link", nextLink(url, nextPageToken));
  return sayVersions(reply).send({
    "@context": epcisContextUri,
    type: "Collection" as const,
    member: values,
  });
};

const listValues = (app: Gateway, edge: Edge, { name, listId, all }: Resource): void => {
  app.get(
    `/epcis/${name}`,
    {
      schema: {
        operationId: listId,
        tags,
        summary: `Names ${all}; the Link header leads to the next page`,
        description:
          "Each value leads on to `/epcis/{resource}/{value}/events`. A page may hold fewer values than asked for, even none, and still have a next one.",
        querystring: Type.Object({
          site: Type.Optional(SiteId),
          perPage: Type.Optional(
            Type.Integer({ minimum: 1, maximum: epcisPageMax, default: perPageDefault }),
          ),
          nextPageToken: Type.Optional(
            Type.String({ minLength: 1, maxLength: 2_000, description: "as the Link header has it" }),
          ),
        }),
        response: { 200: Collection, ...problems(404) },
      },
    },
    async ({ query, url }, reply) =>
      answerValues(edge, reply, {
        ...{ url, site: query.site, resource: name },
        ...{ perPage: query.perPage ?? perPageDefault, nextPageToken: query.nextPageToken },
      }),
  );
};

export const epcisResources = (app: Gateway, edge: Edge): void => {
  app.get(
    "/epcis",
    {
      schema: {
        operationId: "listEpcisResources",
        tags,
        summary:
          "By what events can be asked for: /epcis/{resource} names the values, /epcis/{resource}/{value}/events the events",
        response: { 200: Collection, ...problems() },
      },
    },
    async (_, reply) =>
      sayVersions(reply).send({
        type: "Collection",
        member: ["events", "capture", ...resources.map(({ name }) => name)],
      }),
  );

  for (const resource of resources) listValues(app, edge, resource);

  for (const { name, operationId, parameter, of } of resources)
    app.get(
      `/epcis/${name}/:value/events`,
      {
        schema: {
          operationId,
          tags,
          summary: `The events of ${of}, percent-encoded in the path; the same as a query by ${parameter}`,
          description: "Every other parameter of a query may stand beside it: see `queryEpcisEvents`.",
          params: Type.Object({ value: Type.String({ minLength: 1, maxLength: valueLengthMax }) }),
          querystring: Type.Object(
            {
              site: Type.Optional(SiteId),
              perPage: Type.Optional(Type.String({ description: `${perPageDefault} without it` })),
              nextPageToken: Type.Optional(Type.String({ description: "as the Link header has it" })),
            },
            { additionalProperties: true },
          ),
          response: { 200: QueryDocument, ...problems(404, 413) },
        },
      },
      async (request, reply) =>
        answerQuery(edge, reply, {
          url: request.url,
          given: withPath(request.query as Parameters, parameter, request.params.value),
          site: request.query.site,
        }),
    );
};
