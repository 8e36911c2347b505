import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* Files through the public door to the real operations, and what becomes of their rows. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;

beforeAll(async () => {
  gateway = stack.use(await testGateway({}, { transfers: { senderIdleMsMax: 1_000 } }));
  stack.use(await startService("operations", gateway));
});
afterAll(() => stack.disposeAsync());

let sites = 0;
const newSite = async () => {
  sites += 1;
  const id = `import-${sites}`;
  expect((await gateway.ask("POST", "/api/v1/sites", { id, name: id, timeZone: "UTC" })).status).toBe(201);
  return id;
};
const csv = { "content-type": "text/csv" };
const ndjson = { "content-type": "application/x-ndjson" };
const authorization = `Bearer ${adminKey}`;
const send = (site: string, file: string, headers: Record<string, string> = csv, query = "") =>
  gateway.ask("POST", `/api/v1/sites/${site}/items:import${query}`, file, { authorization, ...headers });
const itemOf = async (site: string, tag: string) =>
  (await gateway.ask("GET", `/api/v1/sites/${site}/items/${tag}`)).body;
const headOf = async (site: string) => (await gateway.ask("GET", `/api/v1/sites/${site}`)).body.pos;
const linesOf = (body: string) =>
  body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** A request whose body the test sends piece by piece. */
const open = (site: string, headers: Record<string, string> = csv) => {
  const request = httpRequest(`${gateway.url}/api/v1/sites/${site}/items:import`, {
    method: "POST",
    headers: { authorization, accept: "application/x-ndjson", ...headers },
  });
  const answered = once(request, "response").then(([response]) => response as IncomingMessage);
  answered.catch(() => undefined);
  return { request, answered };
};

test("an old item master comes in, and again, and changed", async () => {
  const site = await newSite();
  const file =
    "\uFEFFtag_id,rental_class_num,common_name,bin_location,status,quality,notes,uuid\r\n" +
    'E280AA,72253,"Frame, 6 m",NR4x1,Ready to Rent,A-,null,1\r\n' +
    "e280bb,72253,NA,null,Needs to be Inspected,,left leg,2\r\n" +
    "E280CC,,x,,,,,3\r\n";
  const first = await send(site, file);
  expect(first).toMatchObject({
    status: 200,
    body: {
      dryRun: false,
      rows: [
        { row: 1, tag: "E280AA", outcome: "created" },
        { row: 2, tag: "E280BB", outcome: "created" },
        { row: 3, tag: "E280CC", outcome: "rejected", code: "class_required" },
      ],
      summary: {
        rows: 3,
        created: 2,
        changed: 0,
        unchanged: 0,
        rejected: 1,
        warnings: [expect.stringContaining("uuid")],
      },
    },
  });
  expect(first.headers.get("content-type")).toContain("application/json");
  expect(await itemOf(site, "E280BB")).toMatchObject({
    class: "72253",
    name: null,
    status: "inspect",
    notes: "left leg",
  });

  const head = await headOf(site);
  const again = await send(site, file);
  expect(again.body.summary).toMatchObject({ created: 0, unchanged: 2, rejected: 1 });
  expect(await headOf(site)).toBe(head);

  const changed = await send(site, "tag,place,class\nE280AA,NR5,72254\n");
  expect(changed.body.rows).toEqual([{ row: 1, tag: "E280AA", outcome: "changed", pos: head + 1 }]);
  expect(await itemOf(site, "E280AA")).toMatchObject({
    place: "NR5",
    class: "72254",
    name: "Frame, 6 m",
    version: 2,
  });
  expect((await send(site, file)).body.rows[0]).toMatchObject({
    outcome: "unchanged",
    code: "changed_since",
  });
  const anew = await send(site, file, { ...csv, "idempotency-key": newId() });
  expect(anew.body.rows[0]).toEqual({ row: 1, tag: "E280AA", outcome: "changed", pos: head + 2 });
});

test("lines of JSON in, a line for each row out", async () => {
  const site = await newSite();
  const file = '{"tag":"A","class":"x"}\n{"tag":"A","class":"x","name":"n","colour":1}\n{]\n';
  const { text, headers } = await send(site, file, { ...ndjson, accept: "application/x-ndjson" });
  expect(headers.get("content-type")).toContain("application/x-ndjson");
  expect(linesOf(text)).toEqual([
    { row: 1, tag: "A", outcome: "created", pos: 2 },
    { row: 2, tag: "A", outcome: "changed", pos: 3 },
    { row: 3, tag: null, outcome: "rejected", code: "row_malformed", message: "the line is not JSON" },
    { dryRun: false, summary: expect.objectContaining({ rows: 3, created: 1, changed: 1, rejected: 1 }) },
  ]);
});

test("a dry run tells what would be, also of tags that come again much later, and changes nothing", async () => {
  const site = await newSite();
  const rows = Array.from({ length: 1_201 }, (_, index) => `t${index},chair`);
  const file = `tag,class\n${[...rows, "t0,chair", "t1200,chair"].join("\n")}\n`;
  const { body } = await send(site, file, csv, "?dryRun=true");
  expect(body.summary).toMatchObject({ rows: 1_203, created: 1_202, unchanged: 1, rejected: 0 });
  expect(body.rows.at(-2)).toMatchObject({ row: 1_202, outcome: "created", code: "duplicate_in_import" });
  expect(body.rows.at(-1)).toEqual({ row: 1_203, tag: "t1200", outcome: "unchanged", replayed: true });
  expect(await headOf(site)).toBe(1);
  expect((await send(site, file)).body.summary).toMatchObject({ created: 1_201, unchanged: 2 });
  expect(await headOf(site)).toBe(1_202);
});

test("rows that cannot be read are told one by one, and the others come in", async () => {
  const site = await newSite();
  const file = Buffer.concat([
    Buffer.from('tag,class,notes\nA,x,\nB,x,"open\nC,x,\n'),
    Buffer.from([0x44, 0x2c, 0xff, 0x2c, 0x0a]),
    Buffer.from(`E,x,a\u0000b\nF,x,${"y".repeat(70_000)}\nG,x\nH,x,"two\nlines"\n`),
  ]);
  const response = await fetch(`${gateway.url}/api/v1/sites/${site}/items:import`, {
    method: "POST",
    headers: { authorization, ...csv },
    body: file,
  });
  const { rows, summary } = (await response.json()) as {
    rows: { row: number; outcome: string; code?: string }[];
    summary: object;
  };
  expect(rows.map(({ row, outcome, code }) => [row, code ?? outcome])).toEqual([
    [1, "created"],
    [2, "row_malformed"],
    [3, "created"],
    [4, "row_malformed"],
    [5, "row_malformed"],
    [6, "row_too_long"],
    [7, "row_malformed"],
    [8, "created"],
  ]);
  expect(summary).toMatchObject({ created: 3, rejected: 5 });
  expect(await itemOf(site, "H")).toMatchObject({ notes: "two\nlines" });
});

test.each([
  {
    what: "no tag column",
    file: "class\nx\n",
    headers: csv,
    is: { status: 400, body: { code: "malformed" } },
  },
  { what: "no header", file: "", headers: csv, is: { status: 400, body: { code: "malformed" } } },
  {
    what: "JSON",
    file: "{}",
    headers: { "content-type": "application/json" },
    is: {
      status: 415,
      body: { code: "media_type_unsupported", detail: expect.stringContaining("text/csv") },
    },
  },
  {
    what: "another charset",
    file: "tag\nx\n",
    headers: { "content-type": "text/csv; charset=latin1" },
    is: { status: 415 },
  },
  {
    what: "a compressed file",
    file: "x",
    headers: { ...csv, "content-encoding": "gzip" },
    is: { status: 415 },
  },
])("$what is refused as a whole", async ({ file, headers, is }) => {
  expect(await send("import-1", file, headers)).toMatchObject(is);
});

test("a site that nobody knows, and whoever nobody knows, import nothing", async () => {
  expect(await send("nowhere", "tag,class\nA,x\n")).toMatchObject({
    status: 404,
    body: { code: "site_unknown" },
  });
  const strange = await gateway.ask("POST", "/api/v1/sites/import-1/items:import", "tag\n", csv);
  expect(strange).toMatchObject({ status: 401 });
});

test("a file of nothing but noise is given up, with how far it got", async () => {
  const site = await newSite();
  const { status, body } = await send(site, `tag,class\nA,x\n${'x"y\n'.repeat(2_000)}B,x\n`);
  expect(status).toBe(200);
  expect(body.error).toMatchObject({ code: "malformed" });
  expect(body.summary).toMatchObject({ created: 1 });
  expect(body.rows).toHaveLength(body.summary.rows);
  expect((await gateway.ask("GET", `/api/v1/sites/${site}/items/B`)).status).toBe(404);
});

test("a sender that falls silent is answered with what it sent whole, and why no more", async () => {
  const site = await newSite();
  const { request, answered } = open(site);
  const rows = Array.from({ length: 600 }, (_, index) => `t${index},chair\n`).join("");
  request.write(`tag,class\n${rows}last,ch`);
  const lines = linesOf(await text(await answered));
  request.destroy();
  expect(lines.at(-1)).toMatchObject({
    error: { code: "request_timeout" },
    summary: { rows: 600, created: 600 },
  });
  expect(await headOf(site)).toBe(601);
});

test("a sender that says nothing at all is told so by the status", async () => {
  const { request, answered } = open(await newSite());
  request.write("tag,class\n");
  const response = await answered;
  expect(response.statusCode).toBe(408);
  response.resume();
  request.destroy();
});

test("a sender that goes away leaves what it sent whole, and the gateway serves the next one", async () => {
  const site = await newSite();
  const { request } = open(site);
  request.on("error", () => undefined);
  request.write(`tag,class\n${Array.from({ length: 700 }, (_, index) => `t${index},chair\n`).join("")}`);
  await eventually("the first chunk is in", async () => ((await headOf(site)) >= 501 ? true : undefined));
  request.destroy();
  await eventually("the rest is in", async () => ((await headOf(site)) === 701 ? true : undefined));
  expect((await send(site, "tag,class\nz,chair\n")).body.summary.created).toBe(1);
});

test("a row is answered while the file is still on its way", async () => {
  const site = await newSite();
  const { request, answered } = open(site);
  request.write(`tag,class\n${Array.from({ length: 1_100 }, (_, index) => `t${index},chair\n`).join("")}`);
  const response = await answered;
  const [chunk] = await once(response, "data");
  expect(JSON.parse(String(chunk).split("\n")[0] ?? "")).toMatchObject({
    ...{ row: 1, tag: "t0", outcome: "created" },
  });
  request.end("end,chair\n");
  const lines = linesOf(`${chunk}${await text(response)}`);
  expect(lines.at(-1)).toMatchObject({ summary: { created: 1_101 } });
});

test("when operations goes away the answer says so and counts what stands", async () => {
  await using own = await testGateway();
  const operations = await startService("operations", own);
  await own.ask("POST", "/api/v1/sites", { id: "north", name: "North", timeZone: "UTC" });
  const request = httpRequest(`${own.url}/api/v1/sites/north/items:import`, {
    method: "POST",
    headers: { authorization, accept: "application/x-ndjson", ...csv },
  });
  const answered = once(request, "response");
  request.write(`tag,class\n${Array.from({ length: 501 }, (_, index) => `t${index},chair\n`).join("")}`);
  const [response] = (await answered) as [IncomingMessage];
  await operations[Symbol.asyncDispose]();
  request.end("end,chair\n");
  const lines = linesOf(await text(response));
  expect(lines.at(-1)).toMatchObject({ summary: { rows: 500, created: 500 }, error: { retryable: true } });
});

test("a gateway that ends says so in the answer, with what stands", async () => {
  const own = await testGateway();
  const operations = await startService("operations", own);
  await own.ask("POST", "/api/v1/sites", { id: "north", name: "North", timeZone: "UTC" });
  const request = httpRequest(`${own.url}/api/v1/sites/north/items:import`, {
    method: "POST",
    headers: { authorization, accept: "application/x-ndjson", ...csv },
  });
  request.on("error", () => undefined);
  const answered = once(request, "response");
  request.write(`tag,class\n${Array.from({ length: 601 }, (_, index) => `t${index},chair\n`).join("")}`);
  const [response] = (await answered) as [IncomingMessage];
  const ended = own[Symbol.asyncDispose]();
  const lines = linesOf(await text(response));
  expect(lines.at(-1)).toMatchObject({ summary: { created: 601 }, error: { code: "unavailable" } });
  request.destroy();
  await ended;
  await operations[Symbol.asyncDispose]();
});
