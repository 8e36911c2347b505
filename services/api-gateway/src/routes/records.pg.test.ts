import { createHash } from "node:crypto";
import { newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* Contracts, sessions, laundry, tags and undo over HTTP, in front of the real operations. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let sites = 0;
let site = "";

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  stack.use(await startService("operations", gateway));
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  sites += 1;
  site = `/api/v1/sites/yard-${sites}`;
  await gateway.ask("POST", "/api/v1/sites", {
    id: `yard-${sites}`,
    name: "Yard",
    timeZone: "Europe/Berlin",
  });
});

const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  gateway.ask(method, `${site}${path}`, body, headers);
const stock = async (...tags: string[]) => {
  for (const tag of tags) expect((await ask("POST", "/items", { tag, class: "chair" })).status).toBe(201);
};
const scan = async (tag: string, type: string, more: object = {}) => {
  const one = { id: newId(), tag, type, scannedAt: new Date().toISOString(), ...more };
  const { body } = await ask("POST", "/scans", { scans: [one] });
  return body.receipts[0];
};

test("who did the work that made an item ready, what was done and what it mended: on the item, in its timeline and in files", async () => {
  await stock("x1");
  await scan("x1", "rental", { contract: "4711" });
  await scan("x1", "return", { condition: { rip: true, wet: false, other: "a pole is bent" } });
  await scan("x1", "service", { status: "wash", technician: "Tom", done: ["dried"] });
  expect((await ask("GET", "/items/x1")).body.lastService).toBeNull();
  const mended = await scan("x1", "service", {
    ...{ status: "ready", technician: "Ines", done: ["sewn", "new pole"] },
  });
  expect(mended).toMatchObject({ outcome: "accepted", item: { status: "ready" } });
  const work = {
    ...{ from: "wash", technician: "Ines", done: ["sewn", "new pole"], scanId: mended.id },
    cleared: { rip: true, other: "a pole is bent" },
  };
  const { body: item } = await ask("GET", "/items/x1");
  expect(item).toMatchObject({ status: "ready", condition: null, lastService: work });
  const { body: timeline } = await ask("GET", "/items/x1/timeline");
  const [last, before] = timeline.data;
  expect(last).toMatchObject({ type: "item.serviced.v1", completed: work });
  expect(before).toMatchObject({ data: { scan: { technician: "Tom", done: ["dried"] } } });
  expect(before).not.toHaveProperty("completed");

  const fileOf = async (path: string) => {
    const file = await ask("GET", path);
    return file.text
      .trim()
      .split("\n")
      .map((line: string) => JSON.parse(line));
  };
  expect(await fileOf("/items:export?format=ndjson")).toMatchObject([{ tag: "x1", lastService: work }]);
  const rows = await fileOf("/items/x1/timeline:export?format=ndjson");
  expect(rows[0]).toMatchObject({ completed: work });
  const { text } = await ask("GET", "/items/x1/timeline:export?format=csv");
  expect(text.split("\r\n").slice(1, 3)).toEqual([
    expect.stringContaining(",Ines,sewn; new pole,"),
    expect.stringContaining(",Tom,dried,"),
  ]);

  for (const more of [{ technician: "" }, { done: [""] }, { done: Array(21).fill("washed") }]) {
    const wrong = { id: newId(), tag: "x1", type: "service", status: "ready", ...more };
    const refused = await ask("POST", "/scans", {
      scans: [{ ...wrong, scannedAt: new Date().toISOString() }],
    });
    expect(refused).toMatchObject({ status: 400, body: { code: "malformed" } });
  }
});

test("a contract is stated, read, listed, changed and moved along; whoever read an older one is told", async () => {
  await stock("x1", "x2");
  const stated = { number: "4711", client: "Acme", lines: [{ class: "chair", quantity: 2 }] };
  const created = await ask("POST", "/contracts", stated);
  expect(created).toMatchObject({ status: 201, body: { number: "4711", kind: "rental", progress: "ready" } });
  expect(created.headers.get("location")).toBe(`${site}/contracts/4711`);
  expect(await ask("POST", "/contracts", stated)).toMatchObject({ status: 200 });
  expect(await ask("POST", "/contracts", { ...stated, client: "Else" })).toMatchObject({
    status: 409,
    body: { code: "contract_exists" },
  });
  await scan("x1", "rental", { contract: "4711" });
  const read = await ask("GET", "/contracts/4711");
  expect(read).toMatchObject({
    status: 200,
    body: { progress: "partial_out", lines: [{ expected: 2, out: 1 }] },
  });
  expect(await ask("GET", "/contracts/4711/items")).toMatchObject({
    body: { data: [{ tag: "x1", state: "out" }] },
  });
  const newest = await ask("GET", "/contracts/4711/events?limit=1");
  expect(newest).toMatchObject({ body: { data: [{ type: "item.rented.v1", tag: "x1", contract: "4711" }] } });
  const older = `/contracts/4711/events?limit=1&cursor=${newest.body.nextCursor}`;
  expect(await ask("GET", older)).toMatchObject({
    body: { data: [{ type: "contract.opened.v1" }], nextCursor: null },
  });
  expect(await ask("GET", "/contracts/none/events")).toMatchObject({ status: 200, body: { data: [] } });

  const amend = (etag: string) =>
    ask(
      "PATCH",
      "/contracts/4711",
      { client: "Acme Ltd" },
      { authorization: `Bearer ${adminKey}`, "if-match": etag },
    );
  expect(await amend('"v1"')).toMatchObject({ status: 412, body: { code: "version_stale" } });
  expect(await amend('"v1", W/"v2", "other"')).toMatchObject({ status: 412 });
  // One of several that will do.
  expect(await amend(`"v1", ${read.headers.get("etag")}`)).toMatchObject({
    status: 200,
    body: { contract: { client: "Acme Ltd" } },
  });
  expect(await ask("POST", "/contracts/4711:close")).toMatchObject({
    status: 200,
    body: { contract: { state: "closed" }, receipt: { flags: ["items_out"] } },
  });
  expect(await scan("x2", "rental", { contract: "4711" })).toMatchObject({
    outcome: "rejected",
    code: "contract_closed",
  });
  expect(await ask("POST", "/contracts/4711:finalize")).toMatchObject({
    status: 409,
    body: { code: "contract_state" },
  });
  expect(await ask("POST", "/contracts/4711:reopen")).toMatchObject({
    body: { contract: { state: "open" } },
  });
  expect(await ask("GET", "/contracts?state=open&q=acme")).toMatchObject({
    body: { data: [{ number: "4711" }] },
  });
  expect(await ask("GET", "/contracts?state=closed")).toMatchObject({ body: { data: [], nextCursor: null } });
  const file = await ask("GET", "/contracts:export?format=ndjson");
  expect(
    file.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ contract: { number: "4711" }, line: { class: "chair" } }]);
  expect(await ask("GET", "/contracts/none")).toMatchObject({
    status: 404,
    body: { code: "contract_unknown" },
  });
});

test("pages of contracts follow each other, whatever the numbers are made of", async () => {
  const numbers = ["10", "9", "R/1 %", "Ä-7", "__proto__"];
  for (const number of numbers) expect((await ask("POST", "/contracts", { number })).status).toBe(201);
  const seen: string[] = [];
  let cursor = "";
  do {
    const { body } = await ask("GET", `/contracts?limit=2${cursor}`);
    seen.push(...body.data.map((one: { number: string }) => one.number));
    cursor = body.nextCursor === null ? "" : `&cursor=${encodeURIComponent(body.nextCursor)}`;
  } while (cursor !== "");
  expect(seen.toSorted()).toEqual(numbers.toSorted());
  for (const number of numbers)
    expect(await ask("GET", `/contracts/${encodeURIComponent(number)}`)).toMatchObject({
      status: 200,
      body: { number },
    });
});

test("laundry mixes scanned things and hand-counted ones, and a manual contract becomes the real one", async () => {
  await stock("x1");
  const lot = (quantity: number, action: string, id = newId()) => ({ id, name: "napkin", quantity, action });
  const added = lot(50, "added");
  expect(await ask("POST", "/contracts/L7/lots", added)).toMatchObject({
    status: 200,
    body: { receipt: { replayed: false } },
  });
  expect(await ask("POST", "/contracts/L7/lots", added)).toMatchObject({
    body: { receipt: { replayed: true } },
  });
  await scan("x1", "rental", { contract: "L7" });
  expect(await ask("POST", "/contracts/L7:finalize")).toMatchObject({
    body: { contract: { state: "finalized" } },
  });
  expect(await ask("POST", "/contracts/L7/lots", lot(51, "removed"))).toMatchObject({
    status: 409,
    body: { code: "lot_negative" },
  });
  await ask("POST", "/contracts/L7/lots", lot(48, "removed"));
  await scan("x1", "pickup", { contract: "L7" });
  expect(await ask("POST", "/contracts/L7:returned")).toMatchObject({
    body: { contract: { kind: "laundry", lots: [{ name: "napkin", sent: 50, removed: 48, balance: 2 }] } },
  });
  expect(await ask("POST", "/contracts/L7:reactivate")).toMatchObject({
    body: { contract: { state: "open" } },
  });

  await scan("x1", "rental", { contract: "M-1" });
  expect(await ask("POST", "/contracts/M-1:merge", { into: "900" })).toMatchObject({
    body: { contract: { number: "900", mergedFrom: ["M-1"], lines: [{ class: "chair", stillOut: 1 }] } },
  });
  expect(await ask("GET", "/contracts/M-1")).toMatchObject({ body: { state: "merged", mergedInto: "900" } });
  expect(await ask("GET", "/items/x1")).toMatchObject({ body: { contract: "900" } });

  // The history goes along, each event under the number that it was said of, and a rental elsewhere that moved something here.
  await scan("x1", "rental", { contract: "901" });
  const told: [type: string, contract: string][] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const { body } = await ask("GET", `/contracts/900/events?limit=2${cursor && `&cursor=${cursor}`}`);
    for (const event of body.data) told.push([event.type, event.contract]);
    cursor = body.nextCursor;
  }
  expect(told).toEqual([
    ["item.rented.v1", "901"],
    ["item.reassigned.v1", "900"],
    ["contract.merged.v1", "M-1"],
    ["item.rented.v1", "M-1"],
  ]);
});

test("a session tells what it expected, found and misses, and whether all of it arrived", async () => {
  await stock("x1", "x2", "x3");
  const id = newId();
  const begun = { id, mode: "count", expected: ["x1", "x2"] };
  expect(await ask("POST", "/sessions", begun)).toMatchObject({
    status: 201,
    body: { state: "open", expected: 2 },
  });
  expect(await ask("POST", "/sessions", begun)).toMatchObject({ status: 201 });
  expect(await ask("POST", "/sessions", { ...begun, mode: "return" })).toMatchObject({
    status: 409,
    body: { code: "id_reused" },
  });
  for (const tag of ["x1", "x1", "x3"]) await scan(tag, "count", { session: id });
  expect(await ask("GET", `/sessions/${id}`)).toMatchObject({
    body: { found: 1, unexpected: 1, missing: 1, duplicates: 1, complete: null },
  });
  expect(await ask("GET", `/sessions/${id}/tags?finding=missing`)).toMatchObject({
    body: { data: [{ tag: "x2" }] },
  });
  const digest = createHash("sha256").update(["x1", "x3"].join("\n")).digest("hex");
  expect(await ask("POST", `/sessions/${id}:close`, { count: 2, digest })).toMatchObject({
    status: 200,
    body: { state: "closed", complete: true, digest },
  });
  const file = await ask("GET", "/sessions:export?format=csv");
  expect(file.text).toContain(`${id},count,closed,`);
  const open = newId();
  await ask("POST", "/sessions", { id: open, mode: "count" });
  expect(await ask("POST", `/sessions/${open}:close`)).toMatchObject({
    status: 200,
    body: { complete: null },
  });
  expect(await ask("GET", "/sessions?state=closed&mode=count")).toMatchObject({
    body: { data: [{ id: open }, { id }] },
  });
  expect(await ask("GET", `/sessions/${newId()}`)).toMatchObject({
    status: 404,
    body: { code: "session_unknown" },
  });
});

test("a trip takes its things along in parts that fit, or nothing is stated of it", async () => {
  const many = Array.from({ length: 1_600 }, (_, index) => `t${index}`);
  const file = many.map((tag) => `${JSON.stringify({ tag, class: "chair" })}\n`).join("");
  const types = { authorization: `Bearer ${adminKey}`, "content-type": "application/x-ndjson" };
  expect((await ask("POST", "/items:import", file, types)).body.summary).toMatchObject({ created: 1_600 });
  const stage = (tags: readonly string[]) => {
    const scannedAt = new Date().toISOString();
    const scans = tags.map((tag) => ({ id: newId(), tag, type: "stage", contract: "T-1", scannedAt }));
    return ask("POST", "/scans", { scans });
  };
  await ask("POST", "/contracts", { number: "T-1", kind: "rental", lines: [] });
  expect((await stage(many)).status).toBe(200);
  const delivered = { status: "delivered", items: true };
  const future = { ...delivered, actualAt: new Date(Date.now() + 3_600_000).toISOString() };
  expect(await ask("PUT", "/contracts/T-1/trips/delivery", future)).toMatchObject({
    status: 400,
    body: { code: "malformed" },
  });
  expect((await ask("GET", "/contracts/T-1")).body.trips).toBeUndefined();
  const moved = await ask("PUT", "/contracts/T-1/trips/delivery", delivered);
  expect(moved.status).toBe(200);
  expect(moved.body.receipts).toHaveLength(many.length);
  expect((await ask("GET", `/items/${many.at(-1)}`)).body.status).toBe("delivered");
  const csv = (await ask("GET", "/contracts:export?format=csv")).text;
  expect(csv).toContain("deliveryStatus,deliveryPromisedAt,deliveryActualAt");
  expect(csv).toContain(",delivered,");
});

test("a device says what it scanned in its own name, and in that of no other", async () => {
  const id = newId();
  await ask("POST", "/sessions", { id, mode: "count" });
  const { body: made } = await gateway.ask("POST", "/api/v1/keys", { name: `tablet-${sites}` });
  const own = { authorization: `Bearer ${made.key}` };
  const device = { id: `tablet-${sites}`, incarnation: newId() };
  const digest = createHash("sha256").update("").digest("hex");
  const acts = [
    ["join", { device }],
    ["declare", { count: 0, digest, device }],
    ["close", { count: 0, digest, device }],
  ] as const;
  for (const [act, body] of acts)
    expect(await ask("POST", `/sessions/${id}:${act}`, body)).toMatchObject({
      status: 403,
      body: { code: "device_not_yours" },
    });
  expect((await ask("GET", `/sessions/${id}`)).body).toMatchObject({ state: "open", version: 1 });
  for (const [act, body] of acts)
    expect(await ask("POST", `/sessions/${id}:${act}`, body, own)).toMatchObject({ status: 200 });
  expect((await ask("GET", `/sessions/${id}`)).body).toMatchObject({ complete: true, waitingFor: [] });

  // So it is with scans, or a stranger's would be taken for its own; what a browser could not send, whoever has its rescue file hands in.
  const handIn = (by: object, headers?: Record<string, string>) =>
    ask("POST", "/scans", { scans: [{ ...scanned, id: newId() }], device: { ...device, ...by } }, headers);
  const scanned = { tag: "nobody", type: "count", session: id, scannedAt: "2026-01-01T08:00:00Z" };
  expect(await handIn({})).toMatchObject({ status: 403, body: { code: "device_not_yours" } });
  expect((await ask("GET", `/sessions/${id}`)).body).toMatchObject({ unknown: 0 });
  expect(await handIn({}, own)).toMatchObject({ status: 200 });
  expect(await handIn({ id: "browser-0badcafe" })).toMatchObject({ status: 200 });
  expect((await ask("GET", `/sessions/${id}`)).body.parts).toMatchObject([
    { device: expect.stringContaining("browser-0badcafe#") },
    { device: expect.stringContaining(`${device.id}#`) },
  ]);
  expect(await gateway.ask("POST", "/api/v1/keys", { name: "browser-0badcafe" })).toMatchObject({
    status: 400,
  });
});

test("a session at a station is the only one there, and is found by it", async () => {
  const [id, other] = [newId(), newId()];
  const begun = { id, mode: "count", station: "dock-gate" };
  expect(await ask("POST", "/sessions", begun)).toMatchObject({
    ...{ status: 201, body: { state: "open", station: "dock-gate" } },
  });
  expect(await ask("POST", "/sessions", { ...begun, id: other })).toMatchObject({
    status: 409,
    body: { code: "station_busy", detail: expect.stringContaining(id), retryable: false },
  });
  expect(await ask("POST", "/sessions", { ...begun, id: other, station: "dock gate" })).toMatchObject({
    ...{ status: 400, body: { code: "malformed" } },
  });
  const { body } = await ask("GET", "/sessions?station=dock-gate&state=open");
  expect(body.data).toMatchObject([{ id, station: "dock-gate" }]);
  expect(await ask("GET", "/sessions?station=wash")).toMatchObject({ body: { data: [] } });
  await ask("POST", `/sessions/${id}:close`);
  const { body: log } = await ask("GET", "/events?limit=500");
  const closed = log.events.findLast((event: { type: string }) => event.type === "session.closed.v1").pos;
  expect(await ask("POST", "/sessions", { ...begun, id: other })).toMatchObject({ status: 201 });
  expect(await ask("POST", `/events/${closed}:undo`)).toMatchObject({
    status: 409,
    body: { code: "undo_refused", detail: expect.stringContaining(other) },
  });
});

test("what was done can be taken back, when nothing depends on it", async () => {
  await stock("x1");
  const rental = await scan("x1", "rental", { contract: "A" });
  const back = await scan("x1", "return");
  const undo = (pos: number, query = "") => ask("POST", `/events/${pos}:undo${query}`);
  expect(await undo(rental.event.pos)).toMatchObject({
    status: 409,
    body: {
      code: "undo_refused",
      detail: expect.stringContaining(`item.returned.v1 at ${back.event.pos} came after it`),
    },
  });
  expect(await undo(rental.event.pos, "?preview=true")).toMatchObject({
    status: 200,
    body: {
      receipt: { outcome: "rejected", code: "undo_refused" },
      undone: [{ outcome: "refused", blockedBy: back.event.pos }],
    },
  });
  expect(await ask("POST", "/events:undo", { scans: [rental.id, back.id] })).toMatchObject({
    status: 200,
    body: {
      undone: [
        { pos: back.event.pos, outcome: "undone" },
        { pos: rental.event.pos, outcome: "undone" },
      ],
    },
  });
  expect(await ask("GET", "/items/x1")).toMatchObject({ body: { status: "ready", contract: null } });
  expect(await undo(99_999)).toMatchObject({ status: 404, body: { code: "event_unknown" } });
  const { body } = await ask("GET", "/items/x1/timeline");
  expect(body.data.map((row: { type: string }) => row.type).slice(0, 2)).toEqual([
    "item.undone.v1",
    "item.undone.v1",
  ]);
});

test("who takes something back says why, and everything that is said of it keeps that", async () => {
  await stock("x1", "x2");
  const session = newId();
  const rental = await scan("x1", "rental", { contract: "A" });
  await scan("x2", "rental", { contract: "B", session });
  const { body: lot } = await ask("POST", "/contracts/A/lots", {
    ...{ id: newId(), name: "Napkin", quantity: 5, action: "added" },
  });
  await ask("POST", "/contracts/B:close");
  const reason = " wrong gate ";
  for (const [path, body] of [
    [`/events/${rental.event.pos}:undo`, { reason }],
    [`/sessions/${session}:undo`, { reason }],
    ["/events:undo", { events: [lot.receipt.event.pos], reason }],
  ] as const)
    expect(await ask("POST", path, body), path).toMatchObject({ status: 200 });
  const { body: log } = await ask("GET", "/events?limit=100");
  const said = log.events.filter(({ data }: { data: { undoes?: number } }) => data.undoes !== undefined);
  expect(said.map(({ data }: { data: { reason?: string } }) => data.reason)).toEqual(
    Array(3).fill("wrong gate"),
  );
  const { body: life } = await ask("GET", "/items/x1/timeline");
  expect(life.data[0]).toMatchObject({ type: "item.undone.v1", data: { reason: "wrong gate" } });
  for (const [path, body] of [
    [`/events/${rental.event.pos}:undo`, { why: "x" }],
    [`/sessions/${session}:undo`, { reason: " " }],
    ["/events:undo", { reason: "x" }],
    ["/events:undo", {}],
  ] as const)
    expect(await ask("POST", path, body), path).toMatchObject({ status: 400, body: { code: "malformed" } });
});

test("a preview that is asked for in the body is refused, since nobody who wants one wants it done", async () => {
  await stock("x1");
  const session = newId();
  const { event } = await scan("x1", "rental", { contract: "A", session });
  for (const [path, body] of [
    [`/events/${event.pos}:undo`, { preview: true }],
    [`/sessions/${session}:undo`, { partial: true }],
    ["/events:undo", { events: [event.pos], preview: true }],
  ] as const)
    expect(await ask("POST", path, body)).toMatchObject({
      status: 400,
      body: { code: "malformed", errors: [{ message: expect.stringContaining("in the query") }] },
    });
  expect(await ask("GET", "/items/x1")).toMatchObject({ body: { status: "on_rent" } });
  expect(await ask("POST", `/events/${event.pos}:undo`, {})).toMatchObject({ status: 200 });
});

test("a merge, a close and a session can be taken back, and what cannot names the operation that does it", async () => {
  await stock("x1");
  const session = newId();
  await scan("x1", "rental", { contract: "M-1", session });
  expect(await ask("POST", "/contracts/M-1:merge", { into: "A" })).toMatchObject({ status: 200 });
  const { body: begun } = await ask("POST", "/sessions", { id: newId(), mode: "count" });
  await ask("POST", `/sessions/${session}:close`);
  const posOf = async (type: string): Promise<number> => {
    const { body } = await ask("GET", "/events?limit=100");
    return body.events.findLast((event: { type: string }) => event.type === type).pos;
  };
  const undo = (pos: number) => ask("POST", `/events/${pos}:undo`);
  expect(await undo(await posOf("item.reassigned.v1"))).toMatchObject({
    status: 409,
    body: { code: "undo_refused", detail: expect.stringContaining("POST /contracts/{number}:merge") },
  });
  expect(await undo(await posOf("contract.merged.v1"))).toMatchObject({
    status: 200,
    body: { undone: [{ outcome: "undone", set: { state: "open", mergedInto: null } }] },
  });
  expect(await ask("GET", "/contracts/M-1")).toMatchObject({
    body: { state: "open", lines: [{ stillOut: 1 }] },
  });
  expect(await ask("POST", `/sessions/${session}:undo`)).toMatchObject({ status: 200 });
  expect(await ask("GET", `/sessions/${session}`)).toMatchObject({
    body: { state: "closed", unexpected: 0, found: 0, recorded: { count: 0 } },
  });
  expect(await undo(await posOf("session.closed.v1"))).toMatchObject({ status: 200 });
  expect(await ask("GET", `/sessions/${session}`)).toMatchObject({
    body: { state: "unbegun", recorded: null },
  });
  expect(await undo(begun.pos)).toMatchObject({ status: 200 });
  expect(await ask("GET", `/sessions/${begun.id}`)).toMatchObject({ body: { state: "unbegun" } });
});

test("more than an answer can name is taken back all the same, and the answer says how much more", async () => {
  /** More than a list may name, and than one request hands in. */
  const scans = 5_100;
  const tags = Array.from(
    { length: scans },
    (_, index) => `${String(index).padStart(8, "0")}-${"t".repeat(50)}`,
  );
  const file = tags.map((tag) => `${JSON.stringify({ tag, class: "chair" })}\n`).join("");
  const types = { authorization: `Bearer ${adminKey}`, "content-type": "application/x-ndjson" };
  expect((await ask("POST", "/items:import", file, types)).body.summary).toMatchObject({ created: scans });
  const session = newId();
  const scannedAt = new Date().toISOString();
  const all = tags.map((tag) => ({ id: newId(), tag, type: "rental", contract: "A", session, scannedAt }));
  for (const some of [all.slice(0, 5_000), all.slice(5_000)])
    expect((await ask("POST", "/scans", { scans: some })).status).toBe(200);
  const key = { authorization: `Bearer ${adminKey}`, "idempotency-key": newId() };
  // A busy machine takes longer than an answer is waited for: whoever asks again with the same key is told.
  let answer = await ask("POST", `/sessions/${session}:undo`, undefined, key);
  await eventually(
    "the undo is answered",
    async () => {
      if (answer.body.retryable === true)
        answer = await ask("POST", `/sessions/${session}:undo`, undefined, key);
      return answer.body.retryable !== true;
    },
    60_000,
  );
  const { status, body } = answer;
  expect(status).toBe(200);
  expect(body.undone.length + body.more).toBe(scans);
  expect(body.more).toBeGreaterThan(0);
  expect(body.receipt).toMatchObject({ outcome: "accepted" });
  expect(await ask("GET", `/items/${tags.at(-1)}`)).toMatchObject({ body: { status: "ready" } });
}, 120_000);

test("tags are made, printed, and exchanged", async () => {
  await ask("PUT", "/classes/chair", { name: "Folding chair", shortName: "FC", category: "Seats" });
  expect(await ask("GET", "/classes")).toMatchObject({
    body: { data: [{ class: "chair", shortName: "FC" }] },
  });
  const tags = { scheme: "sgtin-96", companyPrefix: "0614141", itemReference: String(812_340 + sites) };
  const made = await ask("POST", "/tags:provision", { class: "chair", quantity: 3, tags });
  expect(made).toMatchObject({
    status: 201,
    body: { tags: [expect.stringMatching(/^30/), expect.anything(), expect.anything()] },
  });
  const [tag] = made.body.tags;
  const whole = { ...{ all: { class: "chair" } }, misprints: [{ tag, fate: "reprint" }] };
  const key = { authorization: `Bearer ${adminKey}`, "idempotency-key": newId() };
  const ready = made.body.tags.slice(1);
  const confirmed = { ready, retired: [], reprint: [tag], unchanged: [], left: 0 };
  expect(await ask("POST", "/tags:confirm", whole, key)).toMatchObject({ status: 200, body: confirmed });
  // Whoever lost the answer asks again, and what has become ready meanwhile makes no other request of it.
  expect(await ask("POST", "/tags:confirm", whole, key)).toMatchObject({
    status: 200,
    body: { ...confirmed, receipt: { replayed: true } },
  });
  expect(await ask("GET", `/items/${tag}`)).toMatchObject({
    body: { status: "provisioned", epc: { scheme: "sgtin-96" } },
  });
  const csv = await ask("POST", "/tags:print", { tags: made.body.tags });
  expect(csv.headers.get("content-type")).toContain("text/csv");
  expect(csv.text).toContain(`${tag},Folding chair,,FC,provisioned,`);
  const zpl = await ask("POST", "/tags:print?format=zpl", { tags: [tag] });
  expect(zpl.text).toContain(`^RFW,H,,,A^FD${tag}^FS`);
  expect(await ask("POST", "/tags:print", { tags: ["nobody"] })).toMatchObject({
    status: 404,
    body: { code: "tag_unknown" },
  });
  const wrong = { class: "chair", quantity: 1, tags: { ...tags, itemReference: "1" } };
  expect(await ask("POST", "/tags:provision", wrong)).toMatchObject({
    status: 400,
    body: { code: "malformed" },
  });
  expect(await ask("POST", `/items/${tag}:retag`, { to: "sticker-1" })).toMatchObject({
    status: 200,
    body: { item: { tag: "sticker-1", replaces: tag } },
  });
  expect(await ask("GET", `/items/${tag}`)).toMatchObject({
    body: { status: "retired", replacedBy: "sticker-1" },
  });
  // A label of a tag that has ended would put it on a thing once more.
  const refused = (about: string, label: string) =>
    expect(ask("POST", "/tags:print?format=zpl", { tags: ["sticker-1", label] })).resolves.toMatchObject({
      status: 409,
      body: { code: "transition_refused", detail: expect.stringContaining(about) },
    });
  await refused(`${tag} is sticker-1 now`, tag);
  for (const [index, status] of (["sold", "retired"] as const).entries()) {
    const ended = made.body.tags[index + 1];
    await ask(
      "PATCH",
      `/items/${ended}`,
      { status },
      { ...key, "if-match": "*", "idempotency-key": newId() },
    );
    await refused(`${ended} is ${status}`, ended);
  }
  expect(await ask("POST", "/tags:print?format=zpl", { tags: ["sticker-1"] })).toMatchObject({ status: 200 });
});
