import { request as requestOn } from "@tagwire/bus";
import {
  AskCreateReader,
  AskDeleteReader,
  AskEndReaderKey,
  AskMakeReaderKey,
  AskPatchReader,
  AskReader,
  CreateReader,
  Fault,
  NewReaderKey,
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
import { askerOf, type Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct, untilHeard } from "../edge/questions.ts";
import { readerPages } from "./reader-pages.ts";
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
      const data: Reader[] = [];
      for await (const page of readerPages(bus, params.site)) data.push(...page);
      return { data, nextCursor: null };
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
    async (request, reply) => {
      const { params, body } = request;
      await sites.check(params.site);
      const { reader, created = true } = await instruct(bus, AskCreateReader, {
        site: params.site,
        by: askerOf(request),
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
    async (request) => {
      const { params, body } = request;
      await sites.check(params.site);
      const by = askerOf(request);
      const { reader } = await instruct(bus, AskPatchReader, { ...params, by, patch: body });
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
    async (request, reply) => {
      const { params } = request;
      await sites.check(params.site);
      const { deleted } = await instruct(bus, AskDeleteReader, { ...params, by: askerOf(request) });
      if (!deleted) throw new Fault("reader_unknown", params.id);
      return reply.status(204).send(null);
    },
  );

  for (const act of readerActs) readerVerb(app, edge, act);

  app.post(
    "/sites/:site/readers/:id(^[A-Za-z0-9_-]+)::key",
    {
      schema: {
        operationId: "makeReaderKey",
        tags,
        summary: "Make a reader's own key; the one before ends with that",
        description:
          "With it the reader pushes its events to /ingest/{site}/{reader}, or over MQTT as the password of the user {site}/{reader}, and can do nothing else. Only its hash is kept.",
        params: ReaderParams,
        response: { 201: NewReaderKey, ...problems(404) },
      },
    },
    async (request, reply) => {
      const { params } = request;
      await sites.check(params.site);
      const made = await instruct(bus, AskMakeReaderKey, { ...params, by: askerOf(request) });
      return reply.status(201).send(made);
    },
  );

  app.delete(
    "/sites/:site/readers/:id/key",
    {
      schema: {
        operationId: "endReaderKey",
        tags,
        summary: "End a reader's own key",
        params: ReaderParams,
        response: { 204: Type.Null({ description: "ended" }), ...problems(404) },
      },
    },
    async (request, reply) => {
      const { params } = request;
      await sites.check(params.site);
      const { ended } = await instruct(bus, AskEndReaderKey, { ...params, by: askerOf(request) });
      if (!ended) throw new Fault("not_found", "the reader has no key");
      return reply.status(204).send(null);
    },
  );
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
  record: "Record what a reader says, to a file beside the reader-gateway, for an hour or 64 MiB at most",
  "stop-recording": "End the recording of a reader; what was recorded stays",
};

const operationIds: Readonly<Record<ReaderAct, string>> = {
  start: "startReader",
  stop: "stopReader",
  record: "recordReader",
  "stop-recording": "stopRecordingReader",
};

// The expression ends the parameter before the verb: without it the router takes the colon as part of the id.
const readerVerb = (app: Gateway, edge: Edge, act: ReaderAct): void => {
  app.post(
    `/sites/:site/readers/:id(^[A-Za-z0-9_-]+)::${act}`,
    {
      schema: {
        operationId: operationIds[act],
        tags,
        summary: summaries[act],
        params: ReaderParams,
        response: { 200: Reader, ...(act === "record" ? problems(404, 409) : problems(404)) },
      },
    },
    async (request) => {
      const { params } = request;
      await getReader(edge, params);
      const body: ReaderDo = { act, by: askerOf(request) };
      const subject = readerDoSubject(params.site, params.id);
      await untilHeard(edge.bus, () =>
        requestOn(edge.bus, subject, body, { template: "reader.do.{site}.{reader}" }),
      );
      return getReader(edge, params);
    },
  );
};
