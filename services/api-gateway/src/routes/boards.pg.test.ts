import { newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLive } from "../live/test-live.ts";
import { startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* What managers look at, now and in the past, in front of the real operations and manager. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const yard = "/api/v1/sites/yard";

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  for (const name of ["operations", "manager"]) stack.use(await startService(name, gateway));
  await gateway.ask("POST", "/api/v1/sites", { id: "yard", name: "Yard", timeZone: "Europe/Berlin" });
});
afterAll(() => stack.disposeAsync());

const ask = (method: string, path: string, body?: unknown) => gateway.ask(method, `${yard}${path}`, body);
const scan = async (tag: string, type: string, contract?: string) => {
  const one = {
    id: newId(),
    tag,
    type,
    scannedAt: new Date().toISOString(),
    ...(contract ? { contract } : {}),
  };
  const { body } = await ask("POST", "/scans", { scans: [one] });
  return body.receipts[0].event as { epoch: number; pos: number };
};

test("boards follow the record, and the past is what it was", async () => {
  await ask("POST", "/items", { tag: "x1", class: "chair" });
  const dueAt = new Date(Date.now() - 48 * 3_600_000).toISOString();
  await ask("POST", "/contracts", {
    number: "7",
    client: "Acme",
    dueAt,
    lines: [{ class: "chair", quantity: 1 }],
  });
  const out = await scan("x1", "rental", "7");
  await ask("POST", "/sessions", { id: newId(), mode: "count" });
  await eventually("the boards show it", async () => {
    const { body } = await ask("GET", "/boards/contracts?bucket=overdue&q=acme");
    return body.data?.length === 1 && body.counts.overdue === 1 && body.data[0].number === "7";
  });
  expect(await ask("GET", "/boards/contracts?progress=empty")).toMatchObject({
    body: { data: [], nextCursor: null },
  });
  expect(await ask("GET", "/boards/contracts?days=99")).toMatchObject({
    status: 400,
    body: { code: "malformed" },
  });

  const back = await scan("x1", "return");
  await eventually("the session and the return are shown", async () => {
    const sessions = await ask("GET", "/boards/sessions?bucket=open&mode=count");
    const { body } = await ask("GET", "/boards/classes");
    return sessions.body.data?.length === 1 && body.pos >= back.pos && body.totals.out === 0;
  });
  const then = `at=${out.epoch}:${out.pos}`;
  expect(await ask("GET", `/boards/classes?${then}`)).toMatchObject({
    body: { pos: out.pos, classes: [{ class: "chair", out: 1, ready: 0 }] },
  });
  expect(await ask("GET", `/past/contracts/7?${then}`)).toMatchObject({
    body: { contract: { lines: [{ stillOut: 1 }] }, data: [{ tag: "x1", state: "out" }] },
  });
  expect(await ask("GET", `/past/items/x1?${then}`)).toMatchObject({
    body: { item: { status: "on_rent", contract: "7" } },
  });
  expect(await ask("GET", "/past/contracts/7?at=1:1")).toMatchObject({
    status: 404,
    body: { code: "contract_unknown" },
  });
  expect(await ask("GET", "/past/items/x1")).toMatchObject({ status: 400 });
});

test("throughput counts every scan once, the refused ones and those of what is no tag too", async () => {
  await ask("POST", "/items", { tag: "t1", class: "table" });
  await scan("t1", "touch");
  // A table that is not out can be returned, which changes nothing; one that is in repair cannot go out.
  await ask("POST", "/items", { tag: "t2", class: "table", status: "repair" });
  const refused = await scan("t2", "rental", "8");
  const garbled = await scan("\u0007", "touch");
  const { body } = await eventually("both are counted", async () => {
    const answered = await ask("GET", "/boards/throughput?span=day&count=2");
    return answered.body.pos >= garbled.pos ? answered : undefined;
  });
  expect(garbled.pos).toBeGreaterThan(refused.pos);
  const { minutes } = (await ask("GET", "/dashboard")).body;
  const sum = (member: string) =>
    minutes.reduce((all: number, minute: Record<string, number>) => all + (minute[member] ?? 0), 0);
  expect(body.data).toHaveLength(1);
  expect(body.data[0]).toMatchObject({ kind: "device", scans: sum("scans"), rejected: sum("rejected") });
  expect(body.data[0].rejected).toBe(2);
  expect(await ask("GET", "/boards/throughput?span=week")).toMatchObject({ status: 400 });
  const touch = { id: newId(), tag: "t1", type: "touch", scannedAt: new Date().toISOString() };
  await ask("POST", "/scans", { scans: [{ ...touch, place: "rack-9" }] });
  const placed = await eventually("the place is counted", async () => {
    const answered = await ask("GET", "/boards/places");
    return answered.body.data?.length > 0 ? answered : undefined;
  });
  expect(placed.body).toMatchObject({
    data: [
      { place: "rack-9", items: 1, seen: [{ underHours: 1, items: 1 }, {}, {}, {}, { underHours: null }] },
    ],
    nextCursor: null,
  });
});

test("what waits in service is on the queues of its crew, since the scan that sent it there", async () => {
  await ask("PUT", "/classes/tablecloth", { name: "Tablecloth", category: "Round linen" });
  await ask("POST", "/items", { tag: "cloth-1", class: "tablecloth" });
  await ask("POST", "/items", { tag: "tent-1", class: "tent top", status: "wash" });
  const screen = await openLive(gateway.url);
  screen.send({ op: "sub", id: "q", site: "yard", view: "queues", filter: { crew: "linen" } });
  expect((await screen.frame("snap")).rows).toEqual([]);
  /** The change that says so of the cloth; of what is of another crew no screen of this one gets a row. */
  const shown = (isSo: (change: { put?: unknown; del?: true }) => boolean) =>
    eventually("it is on the screen", () => {
      const changes = screen.frames.flatMap((frame) => (frame.op === "delta" ? frame.changes : []));
      expect(changes.filter((change) => change.key === "tent-1" && "put" in change)).toEqual([]);
      return changes.find((change) => change.key === "cloth-1" && isSo(change));
    });
  const one = {
    id: newId(),
    tag: "cloth-1",
    type: "service",
    status: "wash",
    scannedAt: "2026-03-02T07:15:04+01:00",
  };
  const { body: sent } = await ask("POST", "/scans", { scans: [one] });
  const { body } = await eventually("it is on the board", async () => {
    const answered = await ask("GET", "/boards/queues?queue=wash&crew=linen");
    return answered.body.pos >= sent.receipts[0].event.pos ? answered : undefined;
  });
  expect(body.data).toMatchObject([
    {
      tag: "cloth-1",
      queue: "wash",
      since: "2026-03-02T06:15:04.000Z",
      className: "Tablecloth",
      crew: "linen",
    },
  ]);
  expect(await shown(({ put }) => put !== undefined)).toMatchObject({
    put: { queue: "wash", crew: "linen" },
  });
  const done = { ...one, id: newId(), status: "ready", scannedAt: new Date().toISOString() };
  await ask("POST", "/scans", { scans: [done] });
  expect(await shown(({ del }) => del === true)).toBeDefined();
  await screen.close();
  const isLinen = ({ queue, crew }: { queue: string; crew: string }) => queue === "wash" && crew === "linen";
  expect(body.counts.find(isLinen)).toMatchObject({ items: 1, oldestSince: "2026-03-02T06:15:04.000Z" });
  expect(await ask("GET", "/boards/queues?queue=wash&crew=tent")).toMatchObject({
    body: { data: [], nextCursor: null },
  });
  expect(await ask("GET", "/boards/queues?crew=kitchen")).toMatchObject({
    status: 400,
    body: { code: "malformed" },
  });
  expect(await ask("GET", "/boards/queues?cursor=bm9uc2Vuc2U")).toMatchObject({
    status: 400,
    body: { code: "malformed" },
  });
});

test("flagged scans, utilisation, idle and stale items are there over HTTP, each as of a position", async () => {
  await ask("POST", "/items", { tag: "bench-1", class: "bench" });
  const at = await scan("bench-1", "rental", "9");
  // No return was scanned: the next contract's rental says so.
  const odd = await scan("bench-1", "rental", "10");
  const flagged = await eventually("it is listed", async () => {
    const answered = await ask("GET", "/boards/scans?mark=return_not_recorded");
    return answered.body.pos >= odd.pos ? answered.body : undefined;
  });
  expect(flagged.data[0]).toMatchObject({ pos: odd.pos, tag: "bench-1", contract: "10", scan: "rental" });
  expect(flagged.data[0].traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(await ask("GET", "/boards/scans?mark=odd")).toMatchObject({
    status: 400,
    body: { code: "malformed" },
  });

  const used = await ask("GET", "/boards/utilisation?class=bench");
  expect(used).toMatchObject({
    body: { timeZone: "Europe/Berlin", data: [{ class: "bench", utilisation: 1, available: 0 }] },
  });
  expect(used.body.pos).toBeGreaterThan(at.pos);
  expect(await ask("GET", "/boards/utilisation?from=2026-03-02&to=2026-03-01")).toMatchObject({
    status: 400,
    body: { code: "malformed" },
  });
  expect(await ask("GET", "/boards/idle?idleDays=1")).toMatchObject({ body: { idleDays: 1, data: [] } });
  const stale = await eventually("the site has its rules", async () => {
    const answered = await ask("GET", "/boards/stale?name=");
    return answered.body.limits?.rule ? answered : undefined;
  });
  expect(stale).toMatchObject({ body: { limits: { days: 360 }, data: [], nextCursor: null } });
  expect(await ask("GET", `/boards/stale?rule=${newId()}`)).toMatchObject({
    status: 404,
    body: { code: "not_found" },
  });
});

test("how long scans take to the record, and from there to a screen, are two distributions", async () => {
  const client = await openLive(gateway.url);
  client.send({ op: "sub", id: "a", site: "yard", view: "events" });
  await client.frame("snap");
  await ask("POST", "/items", { tag: "lag-1", class: "stool" });
  const start = client.frames.length;
  await scan("lag-1", "touch");
  const { pos } = await client.frame("delta", start);
  client.send({ op: "ack", pos, agoMs: 0 });
  const { body } = await eventually("what the screen said is kept", async () => {
    const answered = await ask("GET", "/boards/lag?minutes=5");
    return answered.body.recordToScreen.samples > 0 && answered.body.pos >= pos ? answered : undefined;
  });
  const { deviceToRecord, recordToScreen } = body;
  expect(deviceToRecord.samples).toBeGreaterThan(0);
  expect(recordToScreen).toMatchObject({ samples: 1, epoch: 1, pos, asOf: expect.any(String) });
  for (const { samples, buckets, p50Ms, p99Ms, maxMs } of [deviceToRecord, recordToScreen]) {
    expect(buckets.reduce((sum: number, bucket: { samples: number }) => sum + bucket.samples, 0)).toBe(
      samples,
    );
    expect(p50Ms).toBeLessThanOrEqual(p99Ms);
    expect(p99Ms).toBeLessThanOrEqual(maxMs);
  }
  expect(await ask("GET", "/boards/lag?minutes=0")).toMatchObject({
    status: 400,
    body: { code: "malformed" },
  });
  await client.close();
});
