import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* The readers' addresses, in front of the real reader-gateway. No reader is plugged in: nobody listens on port 1. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const path = "/api/v1/sites/north/readers";
const settings = { driver: "llrp", address: "127.0.0.1:1", antennas: [{ port: 1, place: "dock" }] };

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  for (const name of ["operations", "reader-gateway"]) stack.use(await startService(name, gateway));
  const site = { id: "north", name: "North", timeZone: "Europe/Berlin" };
  expect((await gateway.ask("POST", "/api/v1/sites", site)).status).toBe(201);
});
afterAll(() => stack.disposeAsync());

test("a reader is added, read, changed, stopped, started and removed", async () => {
  const added = await gateway.ask("POST", path, { id: "dock-1", ...settings });
  expect(added).toMatchObject({ status: 201, body: { id: "dock-1", driver: "llrp" } });
  expect(added.headers.get("location")).toBe(`${path}/dock-1`);
  const again = await gateway.ask("POST", path, { id: "dock-1", ...settings });
  expect(again).toMatchObject({ status: 200, body: { id: "dock-1" } });
  expect(again.headers.get("location")).toBe(`${path}/dock-1`);
  const other = { id: "dock-1", ...settings, address: "127.0.0.1:2" };
  expect(await gateway.ask("POST", path, other)).toMatchObject({
    status: 409,
    body: { code: "reader_exists" },
  });
  expect(await gateway.ask("GET", path)).toMatchObject({
    status: 200,
    body: { data: [{ id: "dock-1" }], nextCursor: null },
  });
  expect(await gateway.ask("PATCH", `${path}/dock-1`, { station: "A" })).toMatchObject({
    status: 200,
    body: { station: "A" },
  });
  const unbound = await gateway.ask("PATCH", `${path}/dock-1`, { station: null });
  expect(unbound).toMatchObject({ status: 200, body: { id: "dock-1" } });
  expect(unbound.body).not.toHaveProperty("station");
  expect(await gateway.ask("POST", `${path}/dock-1:stop`)).toMatchObject({
    status: 200,
    body: { status: "stopped", enabled: false },
  });
  expect(await gateway.ask("POST", `${path}/dock-1:start`)).toMatchObject({
    status: 200,
    body: { enabled: true },
  });
  // Many clients name a type with every request, even without a body.
  expect(await gateway.ask("POST", `${path}/dock-1:stop`, "")).toMatchObject({ status: 200 });
  expect((await gateway.ask("DELETE", `${path}/dock-1`, "")).status).toBe(204);
  expect(await gateway.ask("GET", `${path}/dock-1`)).toMatchObject({
    status: 404,
    body: { code: "reader_unknown" },
  });
});

test("a reader's password is written, kept and sent to the reader, and no answer has it", async () => {
  const login = { username: "root", password: "geheim-42" };
  const reader = { id: "r700", driver: "impinj", address: "http://127.0.0.1:1", login };
  const answers = [
    await gateway.ask("POST", path, reader),
    await gateway.ask("POST", path, reader),
    await gateway.ask("POST", path, { ...reader, login: { ...login, password: "other" } }),
    await gateway.ask("PATCH", `${path}/r700`, { station: "A" }),
    await gateway.ask("POST", `${path}/r700:stop`),
    await gateway.ask("GET", `${path}/r700`),
    await gateway.ask("GET", path),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 409, 200, 200, 200, 200]);
  expect(answers[5]).toMatchObject({ body: { address: reader.address, login: { username: "root" } } });
  for (const { body } of answers) expect(JSON.stringify(body)).not.toContain(login.password);
  const elsewhere = await gateway.ask("PATCH", `${path}/r700`, { address: "http://127.0.0.1:2" });
  expect(elsewhere).toMatchObject({ status: 200, body: { address: "http://127.0.0.1:2" } });
  expect(elsewhere.body).not.toHaveProperty("login");
  const pushing = await gateway.ask("PATCH", `${path}/r700`, { address: null });
  expect(pushing.status).toBe(200);
  expect(pushing.body).not.toHaveProperty("address");
  expect((await gateway.ask("DELETE", `${path}/r700`, "")).status).toBe(204);
});

test("where no folder for recordings is set a recording is refused with the reason, and ending none is no fault", async () => {
  expect((await gateway.ask("POST", path, { id: "taped", ...settings })).status).toBe(201);
  expect(await gateway.ask("POST", `${path}/taped:record`)).toMatchObject({
    status: 409,
    body: { code: "reader.recording", detail: expect.stringContaining("no folder") },
  });
  expect(await gateway.ask("POST", `${path}/taped:stop-recording`)).toMatchObject({ status: 200 });
  expect((await gateway.ask("DELETE", `${path}/taped`, "")).status).toBe(204);
});

test("settings come out as a file without passwords and go in again, row by row, and once", async () => {
  const login = { username: "root", password: "geheim-43" };
  const dock = { id: "dock-5", ...settings, rules: { minReads: 2 } };
  const r700 = { id: "r700-5", driver: "impinj", address: "http://127.0.0.1:1", region: "eu", login };
  for (const reader of [dock, r700]) expect((await gateway.ask("POST", path, reader)).status).toBe(201);
  const file = (query = "") => gateway.ask("GET", `${path}/settings:export?format=ndjson${query}`);
  const { text } = await file();
  expect(text).not.toContain("geheim");
  const rows = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows).toMatchObject([dock, { id: "r700-5", region: "eu", session: null }]);
  expect((await file("&reader=dock-5")).text.trim().split("\n")).toHaveLength(1);

  const take = (body: string, query = "") => {
    const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/x-ndjson" };
    return gateway.ask("POST", `${path}:import${query}`, body, headers);
  };
  expect((await take(text)).body).toMatchObject({ summary: { rows: 2, unchanged: 2 } });
  const changed = [
    { id: "dock-5", rules: { minReads: 4 } },
    { id: "dock-6", ...settings },
    { id: "dock-7", driver: "llrp" },
    { id: "dock-8", driver: "magic" },
  ];
  const lines = changed.map((row) => JSON.stringify(row)).join("\n");
  const outcomes = [
    { row: 1, reader: "dock-5", outcome: "changed" },
    { row: 2, reader: "dock-6", outcome: "created" },
    { row: 3, reader: "dock-7", outcome: "rejected", code: "reader.settings" },
    { row: 4, reader: "dock-8", outcome: "rejected", code: "row_malformed" },
  ];
  for (const query of ["?dryRun=true", ""]) {
    expect((await gateway.ask("GET", `${path}/dock-6`)).status).toBe(404);
    expect(await take(lines, query)).toMatchObject({ status: 200, body: { rows: outcomes } });
  }
  expect((await take(lines)).body.summary).toEqual({
    rows: 4,
    created: 0,
    changed: 0,
    unchanged: 2,
    rejected: 2,
  });
  expect((await gateway.ask("GET", `${path}/r700-5`)).body).toMatchObject({ login: { username: "root" } });
  const list = await gateway.ask("POST", `${path}:import`, [{ id: "dock-5", station: "A" }]);
  expect(list.body).toMatchObject({ rows: [{ outcome: "changed" }] });
  expect(await gateway.ask("POST", `${path}:import`, "{")).toMatchObject({ status: 400 });
  for (const id of ["dock-5", "dock-6", "r700-5"])
    expect((await gateway.ask("DELETE", `${path}/${id}`, "")).status).toBe(204);
});

test("a reader that does not read is not tested, and is told so", async () => {
  expect((await gateway.ask("POST", path, { id: "mute", ...settings })).status).toBe(201);
  expect(await gateway.ask("POST", `${path}/mute:test-read`, { seconds: 1 })).toMatchObject({
    status: 409,
    body: { code: "reader.idle", retryable: true },
  });
  expect(await gateway.ask("POST", `${path}/mute:test-read`)).toMatchObject({ status: 409 });
  expect(await gateway.ask("POST", `${path}/mute:test-read`, { seconds: 60 })).toMatchObject({
    status: 400,
    body: { errors: expect.arrayContaining([expect.objectContaining({ pointer: "/seconds" })]) },
  });
  expect(await gateway.ask("POST", `${path}/nobody:test-read`)).toMatchObject({ status: 404 });
  const { body } = await gateway.ask("GET", `${path}/mute`);
  expect(body.faults).toMatchObject([
    { kind: "failure", code: "reader.unreachable", times: expect.any(Number) },
  ]);
  expect((await gateway.ask("DELETE", `${path}/mute`, "")).status).toBe(204);
});

test("a reader that must be called needs an address", async () => {
  expect(await gateway.ask("POST", path, { id: "nowhere", driver: "llrp" })).toMatchObject({
    status: 400,
    body: { code: "reader.settings" },
  });
});

test.each([
  { what: "an unknown verb", method: "POST", to: "/dock-1:explode", is: { status: 404, code: "not_found" } },
  { what: "no verb", method: "POST", to: "/dock-1", is: { status: 405, code: "method_not_allowed" } },
  {
    what: "a verb on no reader",
    method: "POST",
    to: "/dock-9:start",
    is: { status: 404, code: "reader_unknown" },
  },
  {
    what: "the removal of no reader",
    method: "DELETE",
    to: "/dock-9",
    is: { status: 404, code: "reader_unknown" },
  },
  { what: "an id that cannot be", method: "GET", to: "/dock.9", is: { status: 400, code: "malformed" } },
  {
    what: "an id that is too long",
    method: "POST",
    to: `/${"x".repeat(49)}:start`,
    is: { status: 400, code: "malformed" },
  },
])("$what is a problem", async ({ method, to, is }) => {
  const { body, status } = await gateway.ask(method, `${path}${to}`);
  expect({ status, code: body.code }).toEqual(is);
});

test.each([
  { what: "an unknown driver", body: { id: "a", ...settings, driver: "magic" }, pointer: "/driver" },
  {
    what: "a port of 0",
    body: { id: "a", ...settings, antennas: [{ port: 0 }] },
    pointer: "/antennas/0/port",
  },
])("a reader with $what is malformed", async ({ body, pointer }) => {
  const answered = await gateway.ask("POST", path, body);
  expect(answered).toMatchObject({ status: 400, body: { code: "malformed", errors: [{ pointer }] } });
});

test("readers of an unknown site are unknown", async () => {
  const nowhere = "/api/v1/sites/nowhere/readers";
  for (const [method, to] of [
    ["GET", ""],
    ["GET", "/a"],
    ["DELETE", "/a"],
    ["POST", "/a:start"],
  ] as const)
    expect(await gateway.ask(method, `${nowhere}${to}`)).toMatchObject({
      status: 404,
      body: { code: "site_unknown" },
    });
  expect(await gateway.ask("POST", nowhere, { id: "a", ...settings })).toMatchObject({
    status: 404,
    body: { code: "site_unknown" },
  });
});
