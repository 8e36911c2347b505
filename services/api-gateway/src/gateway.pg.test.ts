import { encodeLink } from "@tagwire/epc";
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

test("an item tells what a tag of the newer standard says, with its host and what it carries", async () => {
  const link = "https://shop.example/01/79521141123453/10/LOT7/21/7?17=261231";
  const tag = encodeLink(link, { scheme: "sgtin++" });
  const created = await gateway.ask("POST", `${north}/items`, { tag, class: "6m frame" });
  expect(created.body.epc).toEqual({
    scheme: "sgtin++",
    uri: "https://id.gs1.org/01/79521141123453/21/7",
    tagUri: `urn:epc:raw:${tag.length * 4}.x${tag}`,
    digitalLink: link,
    data: { "10": "LOT7", "17": "261231" },
  });
});

test("an Idempotency-Key makes a repeat the same answer", async () => {
  const body = { tag: newTag(), class: "chair" };
  const headers = { authorization: `Bearer ${(await newKey()).key}`, "idempotency-key": newId() };
  const first = await gateway.ask("POST", `${north}/items`, body, headers);
  const second = await gateway.ask("POST", `${north}/items`, body, headers);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
});

test("a repeat does not learn a version that its caller never saw: what somebody else changed meanwhile is not overwritten", async () => {
  const key = { authorization: `Bearer ${(await newKey()).key}` };
  const commission = { tag: newTag(), class: "chair" };
  const path = `${north}/items/${commission.tag}`;
  const createKey = { ...key, "idempotency-key": newId() };
  const patchKey = { ...key, "idempotency-key": newId(), "if-match": '"v1"' };
  const create = () => gateway.ask("POST", `${north}/items`, commission, createKey);
  const patch = () => gateway.ask("PATCH", path, { place: "rack-1" }, patchKey);
  expect((await create()).headers.get("etag")).toBe('"v1"');
  expect((await patch()).headers.get("etag")).toBe('"v2"');
  const other = await gateway.ask("PATCH", path, { place: "rack-2" }, headersWith({ "if-match": '"v2"' }));
  expect(other.headers.get("etag")).toBe('"v3"');

  const repeated = await patch();
  expect(repeated).toMatchObject({ status: 200, body: { replayed: true, item: { version: 2 } } });
  expect(repeated.headers.get("etag")).toBe('"v2"');
  expect((await create()).headers.get("etag")).toBe('"v1"');
  const ifMatch = headersWith({ "if-match": repeated.headers.get("etag") ?? "" });
  expect((await gateway.ask("PATCH", path, { place: "rack-3" }, ifMatch)).status).toBe(412);
});

test("an item that is known already is not sent again", async () => {
  const { tag } = await createItem();
  const path = `${north}/items/${tag}`;
  const read = (ifNoneMatch: string) =>
    gateway.ask("GET", path, undefined, headersWith({ "if-none-match": ifNoneMatch }));
  for (const known of ['"v1"', 'W/"v1"', '"v7", W/"v1"', "*"]) {
    const answered = await read(known);
    expect(answered).toMatchObject({ status: 304, text: "" });
    expect(answered.headers.get("etag")).toBe('"v1"');
  }
  for (const unknown of ['"v2"', "v1", '"v11"']) expect((await read(unknown)).status).toBe(200);
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
  const washed = await gateway.ask("GET", `${north}/items?place=${place}&status=wash,wet`);
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
  for (const stale of ['"v1", "v7"', '"else", W/"v2"'])
    expect((await patch(stale, { status: "ready" })).body.code).toBe("version_stale");
  expect(await patch('"v1", "else","v2"', { place: "rack-8" })).toMatchObject({ status: 200 });
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

test("of those who patch the same version at once one is in time, and the others read again", async () => {
  const { tag } = await createItem();
  const path = `${north}/items/${tag}`;
  const places = ["rack-1", "rack-2", "rack-3", "rack-4"];
  const answered = await Promise.all(
    places.map((place) => gateway.ask("PATCH", path, { place }, headersWith({ "if-match": '"v1"' }))),
  );
  expect(answered.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  const winner = answered.findIndex(({ status }) => status === 200);
  for (const [index, { body }] of answered.entries())
    if (index !== winner) expect(body).toMatchObject({ code: "version_stale" });
  const read = await gateway.ask("GET", path);
  expect(read.body).toMatchObject({ place: places[winner], version: 2 });
  expect(read.headers.get("etag")).toBe('"v2"');
  const { body } = await gateway.ask("GET", `${path}/timeline`);
  expect(body.data).toHaveLength(2);
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

test("held scans are listed and dismissed with a reason, once however often it is sent", async () => {
  const scan = scanOf("never-mind", { type: "touch", contract: undefined });
  await gateway.ask("POST", `${north}/scans`, { scans: [scan] });
  const listed = () => gateway.ask("GET", `${north}/quarantine?tag=never-mind`);
  expect((await listed()).body.data).toMatchObject([{ tag: "never-mind", scanId: scan.id, type: "touch" }]);
  const path = `${north}/quarantine/never-mind:dismiss`;
  const headers = { authorization: `Bearer ${(await newKey()).key}`, "idempotency-key": newId() };
  const dismiss = (body: object) => gateway.ask("POST", path, body, headers);
  expect(await dismiss({})).toMatchObject({ status: 400, body: { code: "malformed" } });
  const first = await dismiss({ reason: "a neighbour's" });
  expect(first).toMatchObject({
    status: 200,
    body: { scans: [scan.id], receipt: { outcome: "accepted", replayed: false } },
  });
  expect(await dismiss({ reason: "a neighbour's" })).toMatchObject({
    status: 200,
    body: { receipt: { event: first.body.receipt.event, replayed: true } },
  });
  expect(await dismiss({ reason: "something else" })).toMatchObject({
    status: 409,
    body: { code: "id_reused" },
  });
  expect((await listed()).body.data).toEqual([]);
  const { body } = await gateway.ask("GET", `${north}/items/never-mind/timeline`);
  expect(body.data).toMatchObject([
    { type: "scan.dismissed.v1", data: { reason: "a neighbour's" } },
    { type: "scan.quarantined.v1" },
  ]);
  expect(await gateway.ask("GET", `${north}/scans/${scan.id}`)).toMatchObject({
    body: { outcome: "quarantined", later: { outcome: "rejected", code: "dismissed" } },
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
  expect(await gateway.ask("GET", `${north}/events?after=1:${positions.length + 2}`)).toMatchObject({
    status: 409,
    body: { code: "position_unknown", detail: expect.stringContaining(`1:${positions.length + 1}`) },
  });
});

test("only news ends a poll before its time", async () => {
  const quiet = { id: "quiet", name: "Quiet", timeZone: "UTC" };
  expect((await gateway.ask("POST", "/api/v1/sites", quiet)).status).toBe(201);
  const { tag } = await createItem();
  const headOf = async (site: string): Promise<string> => {
    const { body } = await gateway.ask("GET", `/api/v1/sites/${site}`);
    return `${body.epoch}:${body.pos}`;
  };
  const leave = new AbortController();
  const poll = async (site: string, after: string) => {
    const response = await fetch(`${gateway.url}/api/v1/sites/${site}/events?after=${after}&wait=30`, {
      headers: headersWith({}),
      signal: leave.signal,
    });
    return { site, body: await response.json() };
  };
  const [quietHead, busyHead] = [await headOf("quiet"), await headOf("north")];
  // Both wait as long and the quiet one began first, so nothing but news ends the other before it.
  const idle = poll("quiet", quietHead);
  const woken = poll("north", busyHead);
  const listeners = (site: string) => gateway.hub.channel(site, "events")?.listeners() ?? 0;
  await eventually("both listen", () => listeners("quiet") === 1 && listeners("north") === 1);
  await gateway.ask("POST", `${north}/scans`, { scans: [scanOf(tag)] });
  expect(await Promise.race([idle, woken])).toMatchObject({ site: "north", body: { events: [{ tag }] } });
  leave.abort();
  await expect(idle).rejects.toThrow();
  await eventually("who has gone is forgotten", () => listeners("quiet") === 0);
});

test("the dashboard answers with its position", async () => {
  // The manager may still be on its way through the thousands of scans before.
  const { body } = await eventually("the dashboard answers", async () => {
    const answered = await gateway.ask("GET", `${north}/dashboard`);
    return answered.status === 200 ? answered : undefined;
  });
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
  // That the thing was made may come after the snapshot, too.
  await changeOf(
    "items",
    (change) => change.key === tag && "put" in change && change.put.status === "on_rent",
  );
  const event = await changeOf("events", (change) => "put" in change && change.put.scanId === scan.id);
  expect(event).toMatchObject({
    put: { type: "item.rented.v1", traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });
  await changeOf(
    "dashboard",
    (change) =>
      change.key === "class:live class" && "put" in change && "out" in change.put && change.put.out === 1,
  );
  await client.close();
});

test("it is ready while operations answers", async () => {
  expect(await gateway.ask("GET", "/readyz", undefined, {})).toMatchObject({
    status: 200,
    body: { ready: true, checks: { bus: true, store: true, operations: true } },
  });
});

const headersWith = (more: Record<string, string>) => ({ authorization: `Bearer ${adminKey}`, ...more });
const newKey = async () => (await gateway.ask("POST", "/api/v1/keys", { name: "handheld 7" })).body;
