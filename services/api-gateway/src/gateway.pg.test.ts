import { type LiveChange, newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLive } from "./live/test-live.ts";
import { adminKey, startService, type TestGateway, testGateway } from "./test-gateway.ts";

/* The public HTTP surface in front of the real operations and manager. */

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
let tags = 0;
const newTag = () => {
  tags += 1;
  return `tag-${tags}`;
};
const createItem = async (more: object = {}) => {
  const tag = newTag();
  const { status, body } = await gateway.ask("POST", `${north}/items`, { tag, class: "chair", ...more });
  expect(status).toBe(201);
  return body;
};
const scanOf = (tag: string, more: object = {}) => ({
  id: newId(),
  tag,
  type: "rental",
  scannedAt: new Date().toISOString(),
  contract: "R-1",
  ...more,
});

test("a site is opened once", async () => {
  const body = { id: "south", name: "South", timeZone: "Europe/Rome" };
  const created = await gateway.ask("POST", "/api/v1/sites", body);
  expect(created).toMatchObject({ status: 201, body });
  expect(created.headers.get("location")).toBe("/api/v1/sites/south");
  expect(await gateway.ask("POST", "/api/v1/sites", body)).toMatchObject({ status: 200, body });
  const other = await gateway.ask("POST", "/api/v1/sites", { ...body, name: "Elsewhere" });
  expect(other).toMatchObject({ status: 409, body: { code: "site_exists", retryable: false } });
  expect(await gateway.ask("GET", "/api/v1/sites/south")).toMatchObject({ status: 200, body });
  const { body: list } = await gateway.ask("GET", "/api/v1/sites");
  expect(list).toMatchObject({ nextCursor: null });
  expect(list.data.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(["north", "south"]));
});

test("an item is commissioned, read and described", async () => {
  const created = await gateway.ask("POST", `${north}/items`, {
    tag: " 3034257bf7194e4000001a85 ",
    class: "6m frame",
    quality: "A",
  });
  expect(created.status).toBe(201);
  const { headers, body } = created;
  expect(body).toMatchObject({ tag: "3034257BF7194E4000001A85", class: "6m frame", version: 1 });
  expect(body.epc).toMatchObject({ scheme: "sgtin-96", uri: "urn:epc:id:sgtin:0614141.812345.6789" });
  expect(headers.get("etag")).toBe('"v1"');
  const read = await gateway.ask("GET", headers.get("location") ?? "");
  expect(read).toMatchObject({ status: 200, body });
  expect(read.headers.get("etag")).toBe('"v1"');
  const again = await gateway.ask("POST", `${north}/items`, { tag: body.tag, class: "other" });
  expect(again).toMatchObject({ status: 409, body: { code: "item_exists" } });
});

test("an Idempotency-Key makes a repeat the same answer", async () => {
  const body = { tag: newTag(), class: "chair" };
  const headers = { authorization: `Bearer ${(await newKey()).key}`, "idempotency-key": newId() };
  const first = await gateway.ask("POST", `${north}/items`, body, headers);
  const second = await gateway.ask("POST", `${north}/items`, body, headers);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
});

test("items are listed in pages and by filter", async () => {
  const place = "rack-list";
  for (let count = 0; count < 5; count += 1)
    await createItem({ place, status: count < 2 ? "wash" : "ready" });
  const seen: string[] = [];
  let cursor = "";
  do {
    const { body } = await gateway.ask("GET", `${north}/items?place=${place}&limit=2${cursor}`);
    expect(body.data.length).toBeLessThanOrEqual(2);
    seen.push(...body.data.map(({ tag }: { tag: string }) => tag));
    cursor = body.nextCursor === null ? "" : `&cursor=${encodeURIComponent(body.nextCursor)}`;
  } while (cursor !== "");
  expect(new Set(seen).size).toBe(5);
  const washed = await gateway.ask("GET", `${north}/items?place=${place}&status=wash,wet&ignored=1`);
  expect(washed.body.data).toHaveLength(2);
});

test("an item is patched by whoever read its newest version", async () => {
  const { tag } = await createItem();
  const path = `${north}/items/${tag}`;
  const patch = (ifMatch: string | undefined, body: unknown) =>
    gateway.ask("PATCH", path, body, {
      authorization: `Bearer ${adminKey}`,
      ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
    });
  expect(await patch(undefined, { status: "wash" })).toMatchObject({
    status: 428,
    body: { code: "version_required" },
  });
  const done = await patch('"v1"', { status: "wash", notes: "mud" });
  expect(done).toMatchObject({
    status: 200,
    body: { outcome: "accepted", item: { tag, status: "wash", version: 2 } },
  });
  expect(done.headers.get("etag")).toBe('"v2"');
  for (const stale of ['"v1"', 'W/"v2"', '"else"'])
    expect(await patch(stale, { status: "ready" })).toMatchObject({
      status: 412,
      body: { code: "version_stale" },
    });
  expect(await patch("*", { place: "rack-9" })).toMatchObject({ status: 200 });
  const refused = await patch("*", { status: "on_rent" });
  expect(refused).toMatchObject({
    status: 409,
    body: { code: "transition_refused", receipt: { outcome: "rejected", code: "transition_refused" } },
  });
  expect(
    await gateway.ask("PATCH", `${north}/items/nobody`, { status: "wash" }, headersWith({ "if-match": "*" })),
  ).toMatchObject({ status: 404, body: { code: "tag_unknown" } });
});

test("scans are answered by receipts in their order, and again with the same ones", async () => {
  const { tag } = await createItem();
  const scans = [scanOf(tag), scanOf("never-seen"), scanOf(tag, { type: "return", contract: undefined })];
  const first = await gateway.ask("POST", `${north}/scans`, { scans });
  expect(first.status).toBe(200);
  expect(first.body.receipts).toMatchObject([
    { id: scans[0]?.id, outcome: "accepted", replayed: false },
    { id: scans[1]?.id, outcome: "quarantined", code: "tag_unknown" },
    { id: scans[2]?.id, outcome: "accepted" },
  ]);
  const second = await gateway.ask("POST", `${north}/scans`, { scans });
  expect(second.body.receipts).toMatchObject(scans.map(({ id }) => ({ id, replayed: true })));
  const stored = await gateway.ask("GET", `${north}/scans/${scans[0]?.id}`);
  expect(stored).toMatchObject({ status: 200, body: { id: scans[0]?.id, outcome: "accepted" } });
  expect(await gateway.ask("GET", `${north}/scans/${newId()}`)).toMatchObject({
    status: 404,
    body: { code: "not_found" },
  });

  const timeline = await gateway.ask("GET", `${north}/items/${tag}/timeline?limit=2`);
  expect(timeline.body.data).toMatchObject([
    { type: "item.returned.v1", scanId: scans[2]?.id, by: { device: "admin" } },
    { type: "item.rented.v1", scanId: scans[0]?.id },
  ]);
  const rest = await gateway.ask(
    "GET",
    `${north}/items/${tag}/timeline?cursor=${encodeURIComponent(timeline.body.nextCursor)}`,
  );
  expect(rest.body).toMatchObject({ data: [{ type: "item.created.v1" }], nextCursor: null });
  expect(await gateway.ask("GET", `${north}/items/quite-unknown/timeline`)).toMatchObject({
    status: 404,
    body: { code: "tag_unknown" },
  });
  // No item carries this tag, but a scan of it is known.
  expect(await gateway.ask("GET", `${north}/items/never-seen/timeline`)).toMatchObject({
    status: 200,
    body: { data: [{ type: "scan.quarantined.v1", outcome: "quarantined" }] },
  });
});

test("5,000 scans in one request come back in order, over more messages than one", async () => {
  const { tag } = await createItem();
  const notes = "n".repeat(500);
  const scans = Array.from({ length: 5_000 }, () =>
    scanOf(tag, { type: "touch", contract: undefined, notes }),
  );
  const { status, body } = await gateway.ask("POST", `${north}/scans`, { scans });
  expect(status).toBe(200);
  expect(body.receipts.map(({ id }: { id: string }) => id)).toEqual(scans.map(({ id }) => id));
});

test("the feed is dense from the beginning, and a poll is woken by news", async () => {
  const { tag } = await createItem();
  let next = "0:0";
  const positions: number[] = [];
  for (;;) {
    const { status, body } = await gateway.ask("GET", `${north}/events?after=${next}&limit=1000`);
    expect(status).toBe(200);
    next = body.next;
    if (body.events.length === 0) break;
    positions.push(...body.events.map(({ pos }: { pos: number }) => pos));
  }
  expect(positions).toEqual(positions.map((_pos, index) => index + 1));

  const waiting = gateway.ask("GET", `${north}/events?after=${next}&wait=30`);
  const scan = scanOf(tag);
  await gateway.ask("POST", `${north}/scans`, { scans: [scan] });
  const { body } = await waiting;
  expect(body.events).toMatchObject([{ type: "item.rented.v1", scanId: scan.id, pos: positions.length + 1 }]);
  expect(body.next).toBe(`1:${positions.length + 1}`);
  const idle = await gateway.ask("GET", `${north}/events?after=${body.next}&wait=0.05`);
  expect(idle.body).toEqual({ epoch: 1, events: [], next: body.next });
  expect(await gateway.ask("GET", `${north}/events?after=7:1`)).toMatchObject({
    status: 409,
    body: { code: "epoch_unknown" },
  });
});

test("the dashboard answers with its position", async () => {
  const { status, body } = await gateway.ask("GET", `${north}/dashboard`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ site: "north", epoch: 1, totals: { total: expect.any(Number) } });
});

test("the caller's trace goes on into the log", async () => {
  const { tag } = await createItem();
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  await gateway.ask(
    "POST",
    `${north}/scans`,
    { scans: [scanOf(tag)] },
    headersWith({ traceparent: `00-${traceId}-b7ad6b7169203331-01` }),
  );
  const { body } = await gateway.ask("GET", `${north}/items/${tag}/timeline?limit=1`);
  expect(body.data[0].traceId).toBe(traceId);
});

test("a scan is seen on every view of a live line, under its own trace", async () => {
  const { tag } = await createItem({ class: "live class" });
  const client = await openLive(gateway.url);
  for (const view of ["items", "events", "dashboard"] as const)
    client.send({ op: "sub", id: view, site: "north", view });
  await eventually(
    "all snapshots",
    () => client.frames.filter((frame) => frame.op === "snap" && frame.last).length === 3,
  );
  const start = client.frames.length;
  const scan = scanOf(tag);
  await gateway.ask("POST", `${north}/scans`, { scans: [scan] });
  const changeOf = (id: string, key: (change: LiveChange) => boolean) =>
    eventually(`the change of ${id}`, () =>
      client.frames
        .slice(start)
        .flatMap((frame) => (frame.op === "delta" && frame.id === id ? frame.changes : []))
        .find(key),
    );
  const item = await changeOf("items", ({ key }) => key === tag);
  expect(item).toMatchObject({ put: { tag, status: "on_rent" } });
  const event = await changeOf("events", (change) => "put" in change && change.put.scanId === scan.id);
  expect(event).toMatchObject({
    put: { type: "item.rented.v1", traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });
  const row = await changeOf("dashboard", ({ key }) => key === "class:live class");
  expect(row).toMatchObject({ put: { class: "live class", out: 1 } });
  await client.close();
});

test("it is ready while operations answers", async () => {
  expect(await gateway.ask("GET", "/readyz", undefined, {})).toMatchObject({
    status: 200,
    body: { ready: true, checks: { bus: true, store: true, operations: true } },
  });
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
    is: { status: 409, body: { code: "epoch_unknown" } },
  },
  {
    what: "a zone that is none",
    path: "/../../sites",
    body: { id: "mars", name: "Mars", timeZone: "Mars/Olympus" },
    is: { status: 400, body: { errors: [{ pointer: "/timeZone" }] } },
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
    is: { status: 405, body: { code: "not_found" } },
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
    traceId: expect.any(String),
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

test("a body that is not JSON by its type is refused", async () => {
  const answered = await gateway.ask(
    "POST",
    `${north}/items`,
    "tag,class",
    headersWith({ "content-type": "text/csv" }),
  );
  expect(answered).toMatchObject({ status: 415, body: { code: "malformed", status: 415 } });
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
  const { body } = await gateway.ask("GET", `${north}/items?class=__proto__&__proto__=1`);
  expect(body.data).toHaveLength(1);
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
const newKey = async () => (await gateway.ask("POST", "/api/v1/keys", { name: "handheld 7" })).body;
