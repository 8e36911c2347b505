import { request as requestOn } from "@tagwire/bus";
import {
  AskCreateReader,
  AskDeleteReader,
  AskPatchReader,
  AskReader,
  AskReaders,
  CreateReader,
  Fault,
  PatchReader,
  Reader,
  type ReaderAct,
  type ReaderDo,
  ReaderId,
  readerActs,
  readerDoSubject,
  SiteId,
} from "@tagwire/messages";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct, untilHeard } from "../edge/questions.ts";
import { listOf, problems, SiteParams } from "./schema.ts";

const tags = ["Readers"];
const ReaderParams = Type.Object({ site: SiteId, id: ReaderId });

export const readers = (app: Gateway, edge: Edge): void => {
  const { bus, sites } = edge;

  app.get(
    "/sites/:site/readers",
    {
      schema: {
        operationId: "listReaders",
        tags,
        summary: "Readers of a site and how they are",
        params: SiteParams,
        response: { 200: listOf(Reader), ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { readers } = await inquire(bus, AskReaders, params);
      return { data: readers, nextCursor: null };
    },
  );

  app.post(
    "/sites/:site/readers",
    {
      schema: {
        operationId: "createReader",
        tags,
        summary: "Add a reader; it starts at once, and its id makes a repeat safe",
        params: SiteParams,
        body: CreateReader,
        response: { 200: Reader, 201: Reader, ...problems(404, 409) },
      },
    },
    async ({ params, body }, reply) => {
      await sites.check(params.site);
      const { reader, created = true } = await instruct(bus, AskCreateReader, {
        site: params.site,
        reader: body,
      });
      return reply
        .status(created ? 201 : 200)
        .header("location", `/api/v1/sites/${params.site}/readers/${reader.id}`)
        .send(reader);
    },
  );

  app.get(
    "/sites/:site/readers/:id",
    {
      schema: {
        operationId: "getReader",
        tags,
        summary: "One reader",
        params: ReaderParams,
        response: { 200: Reader, ...problems(404) },
      },
    },
    ({ params }) => getReader(edge, params),
  );

  app.patch(
    "/sites/:site/readers/:id",
    {
      schema: {
        operationId: "patchReader",
        tags,
        summary: "Change a reader's settings",
        params: ReaderParams,
        body: PatchReader,
        response: { 200: Reader, ...problems(404) },
      },
    },
    async ({ params, body }) => {
      await sites.check(params.site);
      const { reader } = await instruct(bus, AskPatchReader, { ...params, patch: body });
      return reader;
    },
  );

  app.delete(
    "/sites/:site/readers/:id",
    {
      schema: {
        operationId: "deleteReader",
        tags,
        summary: "Remove a reader",
        params: ReaderParams,
        response: { 204: Type.Null({ description: "removed" }), ...problems(404) },
      },
    },
    async ({ params }, reply) => {
      await sites.check(params.site);
      const { deleted } = await instruct(bus, AskDeleteReader, params);
      if (!deleted) throw new Fault("reader_unknown", params.id);
      return reply.status(204).send(null);
    },
  );

  for (const act of readerActs) readerVerb(app, edge, act);
};

type ReaderAddress = { readonly site: string; readonly id: string };

const getReader = async ({ bus, sites }: Edge, address: ReaderAddress): Promise<Reader> => {
  await sites.check(address.site);
  const { reader } = await inquire(bus, AskReader, address);
  if (reader === null) throw new Fault("reader_unknown", address.id);
  return reader;
};

const summaries: Readonly<Record<ReaderAct, string>> = {
  start: "Start a reader, or try again at once",
  stop: "Stop a reader and let go of its connection",
};

// The expression ends the parameter before the verb: without it the router takes the colon as part of the id.
const readerVerb = (app: Gateway, edge: Edge, act: ReaderAct): void => {
  app.post(
    `/sites/:site/readers/:id(^[A-Za-z0-9_-]+)::${act}`,
    {
      schema: {
        operationId: `${act}Reader`,
        tags,
        summary: summaries[act],
        params: ReaderParams,
        response: { 200: Reader, ...problems(404) },
      },
    },
    async ({ params }) => {
      await getReader(edge, params);
      const body: ReaderDo = { act };
      const subject = readerDoSubject(params.site, params.id);
      await untilHeard(edge.bus, () =>
        requestOn(edge.bus, subject, body, { template: "reader.do.{site}.{reader}" }),
      );
      return getReader(edge, params);
    },
  );
};
