import { newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* The stations' addresses, in front of the real reader-gateway. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const path = "/api/v1/sites/north/stations";
const dock = { mode: "checkout", place: "dock", rules: { minRssiDbm: -65, tags: ["30"] } };

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  for (const name of ["operations", "reader-gateway"]) stack.use(await startService(name, gateway));
  const site = { id: "north", name: "North", timeZone: "Europe/Berlin" };
  expect((await gateway.ask("POST", "/api/v1/sites", site)).status).toBe(201);
});
afterAll(() => stack.disposeAsync());

test("a station is set, set anew, listed, taken out as a file and removed", async () => {
  expect(await gateway.ask("PUT", `${path}/dock`, dock)).toMatchObject({
    status: 201,
    body: { id: "dock", ...dock },
  });
  expect(await gateway.ask("PUT", `${path}/dock`, { mode: "return", place: "dock" })).toMatchObject({
    status: 200,
    body: { id: "dock", mode: "return", place: "dock", rules: {} },
  });
  const portal = { inside: "hall", outside: "yard", by: "antennas" };
  expect((await gateway.ask("PUT", `${path}/door`, { mode: "portal", portal })).status).toBe(201);
  expect(await gateway.ask("GET", path)).toMatchObject({
    status: 200,
    body: {
      data: [
        { id: "dock", mode: "return" },
        { id: "door", portal },
      ],
      nextCursor: null,
    },
  });
  expect(String((await gateway.ask("GET", `${path}:export?format=csv`)).text)).toContain(
    "door,portal,,hall,yard,antennas",
  );
  expect((await gateway.ask("DELETE", `${path}/door`)).status).toBe(204);
  expect(await gateway.ask("DELETE", `${path}/door`)).toMatchObject({
    status: 404,
    body: { code: "station_unknown" },
  });
});

test("what was set of a reader or a station is told with who set it, page by page, also of what is gone", async () => {
  type Change = { readonly by: object; readonly was: object | null; readonly now: object | null };
  const changes = async (of: string): Promise<readonly Change[]> =>
    (await gateway.ask("GET", `/api/v1/sites/north/${of}/history`)).body.data as readonly Change[];
  await gateway.ask("PUT", `${path}/arch`, { mode: "zone", place: "arch" });
  await gateway.ask("PUT", `${path}/arch`, { mode: "count", place: "arch" });
  await gateway.ask("DELETE", `${path}/arch`);
  await eventually("the log has all three", async () => (await changes("stations/arch")).length === 3);
  expect(await changes("stations/arch")).toMatchObject([
    { was: { mode: "count" }, now: null },
    { was: { mode: "zone" }, now: { mode: "count" }, by: { device: "admin" } },
    { was: null, now: { mode: "zone", place: "arch" } },
  ]);

  const readers = "/api/v1/sites/north/readers";
  await gateway.ask("POST", readers, { id: "arch", driver: "llrp", address: "127.0.0.1:1" });
  await gateway.ask("PATCH", `${readers}/arch`, { session: 2 });
  await eventually("the log has both", async () => (await changes("readers/arch")).length === 2);
  const first = await gateway.ask("GET", `${readers}/arch/history?limit=1`);
  expect(first.body).toMatchObject({ data: [{ now: { session: 2 } }], nextCursor: expect.any(String) });
  const next = await gateway.ask("GET", `${readers}/arch/history?limit=1&cursor=${first.body.nextCursor}`);
  expect(next.body).toMatchObject({ data: [{ was: null, now: { driver: "llrp" } }], nextCursor: null });
  expect(await changes("readers/never")).toEqual([]);
  expect(await gateway.ask("GET", `${readers}/arch/history?cursor=x`)).toMatchObject({ status: 400 });
});

test("a place is drawn on the plan, drawn otherwise, told with who did it, and taken off again", async () => {
  const zones = "/api/v1/sites/north/zones";
  const dock = `${zones}/${encodeURIComponent("Dock 7/8")}`;
  const square = [
    { x: 0, y: 0 },
    { x: 4.005, y: 0 },
    { x: 4, y: 3 },
  ];
  expect(await gateway.ask("GET", zones)).toMatchObject({ status: 200, body: { data: [], epoch: 1 } });
  const kept = [{ x: 0, y: 0 }, { x: 4.01, y: 0 }, square[2]];
  expect(await gateway.ask("PUT", dock, { points: square })).toMatchObject({
    status: 200,
    body: { zone: { place: "Dock 7/8", points: kept, by: { device: "admin" } } },
  });
  await gateway.ask("PUT", `${zones}/attic`, { points: square });
  expect((await gateway.ask("PUT", dock, { points: kept.slice(0, 2) })).status).toBe(400);
  expect((await gateway.ask("PUT", dock, { points: [...kept, { x: -1, y: 0 }] })).status).toBe(400);
  const wider = [...kept, { x: 0, y: 9 }];
  await gateway.ask("PUT", dock, { points: wider });
  await gateway.ask("PUT", dock, { points: wider });
  expect(await gateway.ask("GET", zones)).toMatchObject({
    body: { data: [{ place: "Dock 7/8", points: wider }, { place: "attic" }], pos: expect.any(Number) },
  });
  expect(String((await gateway.ask("GET", `${zones}:export?format=csv`)).text)).toContain(
    '"0,0 4.01,0 4,3 0,9"',
  );
  for (const status of [204, 204]) expect((await gateway.ask("DELETE", dock)).status).toBe(status);
  expect((await gateway.ask("GET", zones)).body.data).toMatchObject([{ place: "attic" }]);
  expect((await gateway.ask("GET", `${dock}/history`)).body.data).toMatchObject([
    { was: { points: wider }, now: null },
    { was: { points: kept }, now: { points: wider }, by: { device: "admin" } },
    { was: null, now: { points: kept } },
  ]);
});

test("rules of a reader are set, told and replaced as a whole", async () => {
  const readers = "/api/v1/sites/north/readers";
  const reader = { id: "gate", driver: "llrp", address: "127.0.0.1:1", rules: { minReads: 3, dwellMs: 500 } };
  expect(await gateway.ask("POST", readers, reader)).toMatchObject({
    status: 201,
    body: { rules: reader.rules },
  });
  const rules = { identity: "tid" };
  expect(await gateway.ask("PATCH", `${readers}/gate`, { rules })).toMatchObject({
    status: 200,
    body: { rules },
  });
  expect((await gateway.ask("GET", `${readers}/gate`)).body.rules).toEqual(rules);
});

test.each([
  {
    what: "a station without a place",
    body: { mode: "zone" },
    is: { status: 400, code: "station.settings" },
  },
  {
    what: "a rule that there is not",
    body: { ...dock, rules: { loud: true } },
    is: { status: 400, code: "malformed" },
  },
  {
    what: "a tag that is none",
    body: { ...dock, rules: { tags: ["urn:other:1"] } },
    is: { status: 400, code: "malformed" },
  },
])("$what is refused", async ({ body, is }) => {
  expect(await gateway.ask("PUT", `${path}/odd`, body)).toMatchObject({
    status: is.status,
    body: { code: is.code },
  });
});

test("a station of a site that there is not is refused", async () => {
  expect(await gateway.ask("PUT", "/api/v1/sites/nowhere/stations/dock", dock)).toMatchObject({
    status: 404,
    body: { code: "site_unknown" },
  });
});

test("who begins a session at a station is told why nobody scans into it there, and begins it all the same", async () => {
  const begin = async (station?: string) => {
    const body = { id: newId(), mode: "checkout", ...(station === undefined ? {} : { station }) };
    const answer = await gateway.ask("POST", "/api/v1/sites/north/sessions", body);
    expect(answer.status).toBe(201);
    const { warnings } = answer.body as { readonly warnings: readonly { readonly code: string }[] };
    return warnings.map(({ code }) => code);
  };
  await gateway.ask("PUT", `${path}/counter`, { mode: "checkout", place: "counter" });
  await gateway.ask("PUT", `${path}/aisle`, { mode: "zone", place: "aisle" });
  expect(await begin()).toEqual([]);
  expect(await begin("contuer")).toEqual(["station_unknown"]);
  expect(await begin("aisle")).toEqual(["station_only_sees"]);
  expect(await begin("counter")).toEqual(["station_unread"]);

  const bound = { driver: "llrp", address: "127.0.0.1:1", antennas: [{ port: 1, station: "shelf" }] };
  await gateway.ask("PUT", `${path}/shelf`, { mode: "count", place: "shelf" });
  const readers = "/api/v1/sites/north/readers";
  expect((await gateway.ask("POST", readers, { id: "shelf-reader", ...bound })).status).toBe(201);
  const one = await begin("shelf");
  expect(one).toEqual([]);
  const { body } = await gateway.ask("GET", "/api/v1/sites/north/sessions?station=shelf&state=open");
  const [open] = (body as { readonly data: readonly { readonly id: string }[] }).data;
  expect((await gateway.ask("POST", `/api/v1/sites/north/sessions/${open?.id}:close`, {})).status).toBe(200);
  await gateway.ask("POST", `${readers}/shelf-reader:stop`);
  expect(await begin("shelf")).toEqual(["station_unread"]);
});

test("who begins a session on a contract that nobody has stated is told so, whether scans have named it or not", async () => {
  const sessions = "/api/v1/sites/north/sessions";
  const begin = async (contract: string) => {
    const answer = await gateway.ask("POST", sessions, { id: newId(), mode: "checkout", contract });
    expect(answer.status).toBe(201);
    return (answer.body as { warnings: { code: string; message: string }[] }).warnings;
  };
  expect(await begin("K-999")).toMatchObject([
    { code: "contract_unstated", message: expect.stringContaining("K-999") },
  ]);
  const item = { tag: "TENT-1", class: "tent" };
  expect((await gateway.ask("POST", "/api/v1/sites/north/items", item)).status).toBe(201);
  const scan = {
    id: newId(),
    tag: "TENT-1",
    type: "rental",
    contract: "K-999",
    scannedAt: new Date().toISOString(),
  };
  expect((await gateway.ask("POST", "/api/v1/sites/north/scans", { scans: [scan] })).status).toBe(200);
  expect(await begin("K-999")).toMatchObject([{ code: "contract_unstated" }]);
  const stated = { number: "K-999", kind: "rental", lines: [{ class: "tent", quantity: 1 }] };
  expect((await gateway.ask("POST", "/api/v1/sites/north/contracts", stated)).status).toBe(201);
  expect(await begin("K-999")).toEqual([]);
});
