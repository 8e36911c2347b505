import { problemMediaType } from "../edge/problem.ts";
import { examples, fileExamples } from "./examples.ts";
import { exportLists } from "./export-lists.ts";
import { meanings } from "./schema.ts";

type Header = { description: string; schema: { type: "string" | "integer" } };
type Answer = { headers?: Record<string, Header>; content?: Record<string, unknown>; description?: string };
type Operation = {
  operationId?: string;
  parameters?: { name: string; required?: boolean }[];
  requestBody?: { content?: Record<string, { example?: unknown }> };
  responses?: Record<string, Answer>;
};

const etag: Header = {
  description: "its version, for If-Match of a change",
  schema: { type: "string" },
};
const location: Header = { description: "where it can be read from now on", schema: { type: "string" } };
const disposition: Header = {
  description: "the file's name: site, list and day",
  schema: { type: "string" },
};
const asOfFirstPage: Record<string, Header> = {
  "Tagwire-As-Of": {
    description: "of a board: the instant that the first page is of, RFC 3339",
    schema: { type: "string" },
  },
  "Tagwire-Position": {
    description: "of a board: the position of the log that the first page is of, epoch:pos",
    schema: { type: "string" },
  },
};
const retryAfter: Header = {
  description: "seconds to wait before it is tried again",
  schema: { type: "integer" },
};

const epcisVersions: Record<string, Header> = {
  "GS1-EPCIS-Version": { description: "the version of EPCIS that is spoken", schema: { type: "string" } },
  "GS1-CBV-Version": { description: "the version of the vocabulary", schema: { type: "string" } },
};
const nextPage: Header = {
  description: 'rel="next": the page after, where there is one',
  schema: { type: "string" },
};
const captureLimits: Record<string, Header> = {
  "GS1-EPCIS-Capture-Limit": { description: "events a capture takes", schema: { type: "integer" } },
  "GS1-EPCIS-Capture-File-Size-Limit": { description: "bytes a capture takes", schema: { type: "integer" } },
};

const captureBehaviour: Record<string, Header> = {
  "GS1-Capture-Error-Behaviour": {
    description: "rollback or proceed, as it was captured",
    schema: { type: "string" },
  },
};

/** What answers carry in their headers, by operation and status. */
const headers: Readonly<Record<string, Readonly<Record<string, Record<string, Header>>>>> = {
  createSite: { 201: { Location: location } },
  createItem: { 201: { Location: location, ETag: etag } },
  getItem: { 200: { ETag: etag }, 304: { ETag: etag } },
  getPrefetch: { 200: { ETag: etag }, 304: { ETag: etag } },
  patchItem: { 200: { ETag: etag } },
  openContract: { 200: { Location: location, ETag: etag }, 201: { Location: location, ETag: etag } },
  getContract: { 200: { ETag: etag } },
  amendContract: { 200: { ETag: etag } },
  beginSession: { 201: { Location: location } },
  addPhoto: { 201: { Location: location } },
  printTags: { 200: { "Content-Disposition": disposition } },
  createReader: { 201: { Location: location } },
  createAlertRule: { 201: { Location: location } },
  ...Object.fromEntries(
    exportLists.map(({ operationId, columns }) => [
      operationId,
      {
        200: {
          "Content-Disposition": disposition,
          ...(columns.some(({ name }) => name === "asOf") ? asOfFirstPage : {}),
        },
      },
    ]),
  ),
  ...Object.fromEntries(
    ["", "ByType", "ByEpc", "ByStep", "ByLocation", "ByReadPoint", "ByDisposition"].map((by) => [
      `queryEpcisEvents${by}`,
      { 200: { Link: nextPage, ...epcisVersions } },
    ]),
  ),
  listEpcisResources: { 200: epcisVersions },
  ...Object.fromEntries(
    ["EventTypes", "Epcs", "Steps", "Locations", "ReadPoints", "Dispositions"].map((of) => [
      `listEpcis${of}`,
      { 200: { Link: nextPage, ...epcisVersions } },
    ]),
  ),
  getEpcisEvent: { 200: epcisVersions },
  captureEpcisEvents: { 202: { Location: location, ...captureLimits, ...epcisVersions } },
  listEpcisCaptures: { 200: { Link: nextPage, ...epcisVersions } },
  getEpcisCapture: { 200: { ...epcisVersions, ...captureBehaviour } },
  createWebhook: { 201: { Location: location } },
};

/** What an answer means that its route says no more of: the generator would say "Default Response". */
const plainMeanings: Readonly<Record<string, string>> = {
  200: "the answer",
  201: "it was made",
  202: "it was taken, and is under way",
};

const challenge: Header = { description: "how to say who asks", schema: { type: "string" } };

const waits = new Set(["429", "503", "504"]);
const withBody = new Set(["post", "put", "patch"]);

/** Every call that may carry a body can be told so: it is looked at before the route is, whether or not the route wants one. */
const bodyProblems: Readonly<Record<string, Answer>> = Object.fromEntries(
  [413, 415].map((status) => [
    status,
    {
      description: meanings[status] ?? "",
      content: { [problemMediaType]: { schema: { $ref: "#/components/schemas/Problem" } } },
    },
  ]),
);

/** Adds what holds for whole families of calls, which no route has to say on its own. */
export const completed = <T extends object>(document: T): T => {
  const { paths = {} } = document as { paths?: Record<string, Record<string, Operation>> };
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const { operationId = "", requestBody, parameters = [], responses = {} } = operation;
      // A request without it has its own answer, 428, so the schema that requests are checked with cannot require it.
      for (const parameter of parameters) if (parameter.name === "if-match") parameter.required = true;
      const content = requestBody?.content?.["application/json"];
      const example = examples[operationId];
      if (content !== undefined && example !== undefined) content.example = example;
      for (const [type, file] of Object.entries(fileExamples[operationId] ?? {})) {
        const body = requestBody?.content?.[type];
        if (body !== undefined) body.example = file;
      }
      if (path.startsWith("/api/") && withBody.has(method))
        Object.assign(responses, structuredClone(bodyProblems));
      for (const [status, answer] of Object.entries(responses)) {
        if (answer.description === "Default Response")
          answer.description = plainMeanings[status] ?? meanings[Number(status)] ?? "the answer";
        if (status === "401") answer.headers = { "WWW-Authenticate": challenge };
        if (waits.has(status) && answer.content !== undefined) answer.headers = { "Retry-After": retryAfter };
        const own = headers[operationId]?.[status];
        if (own !== undefined) answer.headers = { ...answer.headers, ...own };
      }
      operation.responses = responses;
    }
  return document;
};
