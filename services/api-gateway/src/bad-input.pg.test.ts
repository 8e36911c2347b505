import { newId } from "@tagwire/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "./test-gateway.ts";

/* What clients get wrong, in front of the real operations and manager: each is told what, and nothing breaks. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  for (const name of ["operations", "manager"]) stack.use(await startService(name, gateway));
  const created = await gateway.ask("POST", "/api/v1/sites", {
    id: "north",
    name: "North",
    timeZone: "Europe/Berlin",
  });
  expect(created).toMatchObject({ status: 201, body: { id: "north", epoch: 1 } });
});
afterAll(() => stack.disposeAsync());

const north = "/api/v1/sites/north";

const scanOf = (tag: string, more: object = {}) => ({
  id: newId(),
  tag,
  type: "rental",
  scannedAt: new Date().toISOString(),
  contract: "R-1",
  ...more,
});

const bad: readonly { what: string; method?: string; path: string; body?: unknown; is: object }[] = [
  {
    what: "malformed JSON",
    path: "/items",
    body: '{"tag":',
    is: { status: 400, body: { code: "malformed" } },
  },
  { what: "an empty body", path: "/items", body: "", is: { status: 400, body: { code: "malformed" } } },
  {
    what: "a wrong type",
    path: "/items",
    body: { tag: 5, class: "chair" },
    is: { status: 400, body: { code: "malformed", errors: [{ pointer: "/tag" }] } },
  },
  {
    what: "an unknown member",
    path: "/items",
    body: { tag: "a", class: "chair", colour: "red" },
    is: { status: 400, body: { code: "malformed", errors: [{ pointer: "/colour" }] } },
  },
  {
    what: "a missing member",
    path: "/items",
    body: { tag: "a" },
    is: { status: 400, body: { code: "malformed", errors: [{ pointer: "/class", message: "is missing" }] } },
  },
  { what: "a list as body", path: "/items", body: [], is: { status: 400, body: { code: "malformed" } } },
  {
    what: "a tag of 65 characters",
    path: "/items",
    body: { tag: "x".repeat(65), class: "c" },
    is: { status: 400, body: { code: "tag_malformed" } },
  },
  {
    what: "a tag of spaces",
    path: "/items",
    body: { tag: "   ", class: "c" },
    is: { status: 400, body: { code: "tag_malformed" } },
  },
  {
    what: "a tag with a line break",
    path: "/items",
    body: { tag: "a\nb", class: "c" },
    is: { status: 400, body: { code: "tag_malformed" } },
  },
  {
    what: "the key __proto__",
    path: "/items",
    body: '{"tag":"a","class":"c","__proto__":{"admin":true}}',
    is: { status: 400, body: { code: "malformed" } },
  },
  {
    what: "the key constructor",
    path: "/items",
    body: '{"tag":"a","class":"c","constructor":{"prototype":{"admin":true}}}',
    is: { status: 400, body: { code: "malformed" } },
  },
  {
    what: "the plain key constructor",
    path: "/items",
    body: '{"tag":"a","class":"c","constructor":1}',
    is: { status: 400, body: { code: "malformed" } },
  },
  {
    what: "an unknown status",
    path: "/items",
    body: { tag: "a", class: "c", status: "lost" },
    is: { status: 400, body: { code: "malformed" } },
  },
  {
    what: "no scan",
    path: "/scans",
    body: { scans: [] },
    is: { status: 400, body: { code: "malformed", errors: [{ pointer: "/scans" }] } },
  },
  {
    what: "5,001 scans",
    path: "/scans",
    body: { scans: Array.from({ length: 5_001 }, () => scanOf("a")) },
    is: { status: 400, body: { code: "malformed", errors: [{ pointer: "/scans" }] } },
  },
  {
    what: "a scan without a zone in its time",
    path: "/scans",
    body: { scans: [scanOf("a"), scanOf("a", { scannedAt: "2026-03-02 07:15" })] },
    is: { status: 400, body: { code: "malformed", errors: [{ pointer: "/scans/1/scannedAt" }] } },
  },
  ...[
    "2026-03-02T07:15:00Z[Europe/Berlin]",
    "2016-12-31T23:59:60Z",
    "2026-02-30T00:00:00Z",
    "0000-01-01T00:00:00Z",
  ].map((scannedAt) => ({
    what: `a scan at ${scannedAt}`,
    path: "/scans",
    body: { scans: [scanOf("a", { scannedAt })] },
    is: { status: 400, body: { code: "malformed", errors: [{ pointer: "/scans/0/scannedAt" }] } },
  })),
  {
    what: "a scan with text that no database takes",
    path: "/scans",
    body: { scans: [scanOf("a", { notes: "a\u0000b" })] },
    is: { status: 400, body: { code: "malformed", errors: [{ pointer: "/scans/0/notes" }] } },
  },
  {
    what: "a search for what no database takes",
    method: "GET",
    path: "/items?q=%00",
    is: { status: 400, body: { errors: [{ pointer: "/q" }] } },
  },
  {
    what: "a position that was never given",
    method: "GET",
    path: "/events?after=1:999999",
    is: { status: 409, body: { code: "position_unknown" } },
  },
  {
    what: "a zone that is none",
    path: "/../../sites",
    body: { id: "mars", name: "Mars", timeZone: "Mars/Olympus" },
    is: { status: 400, body: { errors: [{ pointer: "/timeZone" }] } },
  },
  {
    what: "an offset as a zone",
    path: "/../../sites",
    body: { id: "mars", name: "Mars", timeZone: "+05:30" },
    is: { status: 400, body: { errors: [{ pointer: "/timeZone" }] } },
  },
  {
    what: "a key whose name holds a NUL",
    path: "/../../keys",
    body: { name: "a\u0000b" },
    is: { status: 400, body: { errors: [{ pointer: "/name" }] } },
  },
  {
    what: "a key that cannot be",
    method: "DELETE",
    path: "/../../keys/%00",
    is: { status: 400, body: { errors: [{ pointer: "/id" }] } },
  },
  {
    what: "an endless tag",
    method: "GET",
    path: `/items/${"x".repeat(2_000)}`,
    is: { status: 404, body: { code: "not_found" } },
  },
  {
    what: "a scan with a bad id",
    path: "/scans",
    body: { scans: [scanOf("a", { id: "7" })] },
    is: { status: 400, body: { errors: [{ pointer: "/scans/0/id" }] } },
  },
  {
    what: "a body over 4 MiB",
    path: "/scans",
    body: `{"scans":"${"x".repeat(4 * 2 ** 20)}"}`,
    is: { status: 413, body: { code: "too_large" } },
  },
  {
    what: "an item over 1 MiB",
    path: "/items",
    body: { tag: "a", class: "x".repeat(2 ** 20) },
    is: { status: 413, body: { code: "too_large" } },
  },
  {
    what: "an unknown site",
    path: "/../nowhere/items",
    body: { tag: "a", class: "c" },
    is: { status: 404, body: { code: "site_unknown" } },
  },
  {
    what: "scans of an unknown site",
    path: "/../nowhere/scans",
    body: { scans: [scanOf("a")] },
    is: { status: 404, body: { code: "site_unknown" } },
  },
  {
    what: "items of an unknown site",
    method: "GET",
    path: "/../nowhere/items",
    is: { status: 404, body: { code: "site_unknown" } },
  },
  {
    what: "events of an unknown site",
    method: "GET",
    path: "/../nowhere/events",
    is: { status: 404, body: { code: "site_unknown" } },
  },
  {
    what: "the dashboard of an unknown site",
    method: "GET",
    path: "/../nowhere/dashboard",
    is: { status: 404, body: { code: "site_unknown" } },
  },
  {
    what: "a site that cannot be",
    method: "GET",
    path: "/../NORTH/items",
    is: { status: 400, body: { code: "malformed" } },
  },
  {
    what: "an unknown item",
    method: "GET",
    path: "/items/nobody",
    is: { status: 404, body: { code: "tag_unknown" } },
  },
  {
    what: "the item __proto__",
    method: "GET",
    path: "/items/__proto__",
    is: { status: 404, body: { code: "tag_unknown" } },
  },
  {
    what: "a limit of 201",
    method: "GET",
    path: "/items?limit=201",
    is: { status: 400, body: { errors: [{ pointer: "/limit" }] } },
  },
  {
    what: "a limit of many",
    method: "GET",
    path: "/items?limit=many",
    is: { status: 400, body: { errors: [{ pointer: "/limit" }] } },
  },
  {
    what: "an unknown status in a filter",
    method: "GET",
    path: "/items?status=ready,gone",
    is: { status: 400, body: { errors: [{ pointer: "/status" }] } },
  },
  {
    what: "a cursor of nothing",
    method: "GET",
    path: "/items?cursor=%00%ff",
    is: { status: 400, body: { code: "malformed" } },
  },
  {
    what: "a cursor that was never given",
    method: "GET",
    path: "/items?cursor=AAAA",
    is: { status: 400, body: { code: "malformed", errors: [{ pointer: "/cursor" }] } },
  },
  {
    what: "after nothing",
    method: "GET",
    path: "/events?after=now",
    is: { status: 400, body: { errors: [{ pointer: "/after" }] } },
  },
  {
    what: "a wait of an hour",
    method: "GET",
    path: "/events?wait=3600",
    is: { status: 400, body: { errors: [{ pointer: "/wait" }] } },
  },
  {
    what: "an empty patch",
    method: "PATCH",
    path: "/items/a",
    body: {},
    is: { status: 400, body: { code: "malformed" } },
  },
  {
    what: "broken percent-encoding",
    method: "GET",
    path: "/items/%zz",
    is: { status: 400, body: { code: "malformed" } },
  },
  {
    what: "a scan id that is none",
    method: "GET",
    path: "/scans/7",
    is: { status: 400, body: { errors: [{ pointer: "/id" }] } },
  },
  {
    what: "an unknown address",
    method: "GET",
    path: "/nothing",
    is: { status: 404, body: { code: "not_found" } },
  },
  {
    what: "a wrong method",
    method: "DELETE",
    path: "/items",
    is: { status: 405, body: { code: "method_not_allowed" } },
  },
];

test.each(bad)("$what is refused with a problem", async ({ method = "POST", path, body, is }) => {
  const answered = await gateway.ask(method, `${north}${path}`, body);
  expect(answered).toMatchObject(is);
  expect(answered.headers.get("content-type")).toBe("application/problem+json");
  const { status, type, code, instance } = answered.body;
  expect(answered.body).toMatchObject({
    title: expect.any(String),
    detail: expect.any(String),
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    retryable: false,
  });
  expect(status).toBe(answered.status);
  expect(type).toBe(`/problems/${code}`);
  expect(instance).toMatch(/^\/api\/v1\//);
  expect(await gateway.ask("GET", type, undefined, {})).toMatchObject({
    status: 200,
    body: { code, advice: expect.any(String) },
  });
});

test.each(["text/csv", "text/plain"])("a body that is %s by its type is refused", async (type) => {
  const answered = await gateway.ask(
    "POST",
    `${north}/items`,
    "tag,class",
    headersWith({ "content-type": type }),
  );
  expect(answered).toMatchObject({ status: 415, body: { code: "media_type_unsupported", status: 415 } });
});

test("a wrong method says which are right", async () => {
  const answered = await gateway.ask("PUT", `${north}/items`, {});
  expect(answered.status).toBe(405);
  expect(answered.headers.get("allow")).toBe("GET, HEAD, POST");
});

test("a malformed Idempotency-Key is refused", async () => {
  const answered = await gateway.ask(
    "POST",
    `${north}/items`,
    { tag: "a", class: "c" },
    headersWith({ "idempotency-key": "1" }),
  );
  expect(answered).toMatchObject({ status: 400, body: { errors: [{ pointer: "/idempotency-key" }] } });
});

test("__proto__ is text like any other as a tag, a class or a query", async () => {
  const created = await gateway.ask("POST", `${north}/items`, {
    tag: "__proto__",
    class: "__proto__",
    place: "constructor",
  });
  expect(created).toMatchObject({
    status: 201,
    body: { tag: "__proto__", class: "__proto__", place: "constructor" },
  });
  expect(await gateway.ask("GET", `${north}/items/__proto__`)).toMatchObject({
    status: 200,
    body: { tag: "__proto__" },
  });
  const { body } = await gateway.ask("GET", `${north}/items?class=__proto__`);
  expect(body.data).toHaveLength(1);
  // As the name of a member it is one that nobody knows.
  expect(await gateway.ask("GET", `${north}/items?class=__proto__&__proto__=1`)).toMatchObject({
    ...{ status: 400, body: { code: "malformed", errors: [{ pointer: "/__proto__" }] } },
  });
  const scanned = await gateway.ask("POST", `${north}/scans`, {
    scans: [scanOf("__proto__", { place: "__proto__" })],
  });
  expect(scanned.body.receipts).toMatchObject([
    { outcome: "accepted", item: { tag: "__proto__", status: "on_rent" } },
  ]);
});

test("a tag with characters of every kind goes round", async () => {
  const tag = "chair/12 ü💺%?#:start";
  expect((await gateway.ask("POST", `${north}/items`, { tag, class: "chair" })).status).toBe(201);
  const read = await gateway.ask("GET", `${north}/items/${encodeURIComponent(tag)}`);
  expect(read).toMatchObject({ status: 200, body: { tag, epc: { scheme: "opaque" } } });
});

const headersWith = (more: Record<string, string>) => ({ authorization: `Bearer ${adminKey}`, ...more });
