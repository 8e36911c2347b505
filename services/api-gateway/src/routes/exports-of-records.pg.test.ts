import { ensureStream, openBus, publishInOrder } from "@tagwire/bus";
import { newId, type Observation, Observations, observationSubject } from "@tagwire/messages";
import { eventually, quietLog } from "@tagwire/testing";
import { parse } from "csv-parse/sync";
import { readSheet } from "read-excel-file/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* Contracts, hand-counted goods, laundry, sessions and boards taken out as files, from the real operations and the real manager. */

const site = "/api/v1/sites/yard";
const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const session = newId();

const ask = (method: string, path: string, body?: unknown) => gateway.ask(method, `${site}${path}`, body);
const done = async (path: string, body?: unknown) => {
  const answer = await ask("POST", path, body);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body;
};
const scan = async (tag: string, type: string, more: object = {}) => {
  const one = { id: newId(), tag, type, scannedAt: new Date().toISOString(), ...more };
  return (await done("/scans", { scans: [one] })).receipts[0];
};
const recordsOf = (csv: string) =>
  parse(csv, { columns: true, record_delimiter: "\r\n" }) as Record<string, string>[];
const file = async (path: string): Promise<Record<string, string>[]> => {
  const answer = await ask("GET", path);
  expect(answer.status, answer.text).toBe(200);
  return recordsOf(answer.text);
};
const tagsOf = (rows: readonly Record<string, string>[]) => rows.map(({ tag }) => tag);

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  stack.use(await startService("operations", gateway));
  stack.use(await startService("manager", gateway));
  await gateway.ask("POST", "/api/v1/sites", { id: "yard", name: "=Yard", timeZone: "UTC" });
  for (const tag of ["x1", "x2", "x3"]) await done("/items", { tag, class: "chair", role: "resale" });
  await done("/contracts", { number: "100", client: "@Acme", lines: [{ class: "chair", quantity: 2 }] });
  await scan("x1", "rental", { contract: "100" });
  await scan("x2", "rental", { contract: "100" });
  await scan("x2", "return", { condition: { rip: true, other: "=1+1" } });
  await done("/contracts/L7/lots", { id: newId(), name: "=napkin", quantity: 50, action: "added" });
  await done("/contracts/L7:finalize");
  await done("/contracts/L7/lots", { id: newId(), name: "=napkin", quantity: 48, action: "removed" });
  await done("/contracts/L7:returned");
  await done("/sessions", { id: session, mode: "count", expected: ["x3", "x9"] });
  await scan("x3", "count", { session });
  await scan("x2", "count", { session });
  const { event } = await scan("ghost", "count", { session });
  await eventually("the manager has it", async () => {
    const { body } = await ask("GET", "/boards/sessions");
    return body.pos >= event.pos ? true : undefined;
  });
});
afterAll(() => stack.disposeAsync());

test("the items' file tells what a thing is kept for and what was found on it", async () => {
  const [, x2] = await file("/items:export");
  expect(x2).toMatchObject({ tag: "x2", status: "repair", role: "resale" });
  expect(JSON.parse(x2?.condition ?? "")).toEqual({ rip: true, other: "=1+1" });
});

test("contracts are narrowed down as in their list, and one that has goods alone is not empty", async () => {
  const all = await file("/contracts:export");
  expect(all).toMatchObject([
    { number: "100", client: "'@Acme", class: "chair", out: "2", returned: "1", lots: "0" },
    { number: "L7", state: "returned", progress: "partial_in", class: "", lots: "1", lotsStillOut: "2" },
  ]);
  const numbers = async (filter: string) =>
    (await file(`/contracts:export?${filter}`)).map(({ number }) => number);
  expect(await numbers("kind=laundry")).toEqual(["L7"]);
  expect(await numbers("state=open&q=acm")).toEqual(["100"]);
  expect(await ask("GET", "/contracts:export?state=lost")).toMatchObject({ status: 400 });
});

test("every file of the record says in each row, and in its headers, of which position it is and when", async () => {
  const { body } = await ask("GET", "");
  const lists = ["/items", "/contracts", "/lots", "/contracts/L7/lots", "/contracts/100/items", "/sessions"];
  const more = [`/sessions/${session}/tags`, "/classes", "/quarantine", "/contracts/L7/differences"];
  for (const list of [...lists, ...more]) {
    const { text, headers } = await ask("GET", `${list}:export`);
    expect(text.split("\r\n", 1)[0], list).toMatch(/,asOf,position$/);
    expect(headers.get("tagwire-position"), list).toBe(`${body.epoch}:${body.pos}`);
    expect(Date.parse(headers.get("tagwire-as-of") ?? ""), list).not.toBeNaN();
    for (const row of await file(`${list}:export`))
      expect(row.position, list).toBe(`${body.epoch}:${body.pos}`);
  }
  expect(await file("/sessions:export")).toHaveLength(1);
});

test("hand-counted goods are a list of their own, in every format, and nothing in it is run", async () => {
  const lot = { name: "'=napkin", added: "50", removed: "48", balance: "2", sent: "50", surplus: "0" };
  expect(await file("/lots:export")).toMatchObject([{ contract: "L7", kind: "laundry", ...lot }]);
  expect(await file("/lots:export?kind=rental")).toEqual([]);
  expect(await file("/contracts/L7/lots:export")).toMatchObject([lot]);
  expect(await file("/contracts/100/lots:export")).toEqual([]);
  const lines = (await ask("GET", "/lots:export?format=ndjson")).text.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { contract: "L7", name: "=napkin", balance: 2, surplus: 0 },
  ]);
  const response = await fetch(`${gateway.url}${site}/lots:export?format=xlsx`, {
    headers: { authorization: `Bearer ${adminKey}` },
  });
  const [header, row] = await readSheet(Buffer.from(await response.arrayBuffer()));
  expect(row?.[header?.indexOf("name") ?? -1]).toBe("=napkin");
  expect(row?.[header?.indexOf("balance") ?? -1]).toBe(2);
});

test("what is on a contract comes out item by item, now and as of the past", async () => {
  const items = await file("/contracts/100/items:export");
  expect(items).toMatchObject([
    { contract: "100", tag: "x1", state: "out", backAt: "" },
    { contract: "100", tag: "x2", state: "returned" },
  ]);
  expect(tagsOf(await file("/contracts/100/items:export?state=out"))).toEqual(["x1"]);
  expect(await file("/past/contracts/100:export?at=1:6")).toMatchObject([{ tag: "x1", state: "out" }]);
  for (const path of [
    "/contracts/none/items:export",
    "/contracts/none/lots:export",
    "/past/contracts/none:export?at=1:6",
  ])
    expect(await ask("GET", path)).toMatchObject({ status: 404, body: { code: "contract_unknown" } });
});

test("the difference report comes out round by round", async () => {
  expect(await file("/contracts/L7/differences:export")).toMatchObject([
    {
      ...{ contract: "L7", round: "1", state: "returned", counted: "by_hand", name: "'=napkin" },
      ...{ sent: "50", returned: "48", missing: "2", surplus: "0", backLater: "" },
    },
  ]);
  expect(await file("/contracts/L7/differences/1/items:export")).toEqual([]);
  expect(await ask("GET", "/contracts/L7/differences/2/items:export")).toMatchObject({
    ...{ status: 404, body: { code: "round_unknown" } },
  });
});

test("sessions come out as they are listed, and their tags with what each is", async () => {
  expect(await file("/sessions:export?mode=count")).toMatchObject([
    { id: session, found: "1", missing: "1" },
  ]);
  expect(await file("/sessions:export?mode=return")).toEqual([]);
  const tags = await file(`/sessions/${session.toUpperCase()}/tags:export`);
  expect(tags.map(({ tag, finding }) => `${tag} ${finding}`)).toEqual([
    "ghost unknown",
    "x2 unexpected",
    "x3 found",
    "x9 missing",
  ]);
  for (const finding of ["found", "unexpected", "missing", "unknown"])
    expect(tagsOf(await file(`/sessions/${session}/tags:export?finding=${finding}`))).toEqual(
      tagsOf(tags.filter((row) => row.finding === finding)),
    );
  expect(await ask("GET", `/sessions/${newId()}/tags:export`)).toMatchObject({
    ...{ status: 404, body: { code: "session_unknown" } },
  });
});

test("boards come out narrowed down as on the screen", async () => {
  expect(await file("/boards/contracts:export?bucket=laundry")).toMatchObject([
    { number: "L7", progress: "partial_in", stillOutItems: "0", stillOutLots: "2" },
  ]);
  expect(await file("/boards/contracts:export?state=closed")).toEqual([]);
  expect(await file("/boards/sessions:export?mode=count")).toMatchObject([
    { id: session, state: "open", unexpected: "1" },
  ]);
  expect(await file("/boards/sessions:export?bucket=late")).toEqual([]);
  expect(await file("/boards/classes:export")).toMatchObject([{ class: "chair", total: "3", out: "1" }]);
  expect(await file("/boards/classes:export?at=1:2")).toMatchObject([{ class: "chair", total: "1" }]);
});

test("what is of no site comes out too, and deliveries only at the site of their endpoint", async () => {
  const sites = await gateway.ask("GET", "/api/v1/sites:export");
  expect(sites.headers.get("content-disposition")).toMatch(/filename="tagwire-sites-/);
  expect(recordsOf(sites.text)).toMatchObject([{ id: "yard", name: "'=Yard", timeZone: "UTC" }]);
  const { body: made } = await gateway.ask("POST", "/api/v1/keys", { name: "robot" });
  const keys = await gateway.ask("GET", "/api/v1/keys:export");
  expect(recordsOf(keys.text)).toMatchObject([{ name: "robot", role: "admin", revokedAt: "" }]);
  expect(keys.text).not.toContain(made.key);

  await gateway.ask("POST", "/api/v1/sites", { id: "other", name: "Other", timeZone: "UTC" });
  const hook = { site: "yard", url: "https://a.example/hook", types: ["item.*"] };
  const { body: webhook } = await gateway.ask("POST", "/api/v1/webhooks", hook);
  const path = `webhooks/${webhook.id}/deliveries:export`;
  const deliveries = await gateway.ask("GET", `${site}/${path}?state=delivered`);
  expect(deliveries.status).toBe(200);
  expect(deliveries.text).toMatch(/^id,position,type,[^\n]*\r\n$/);
  expect(await gateway.ask("GET", `/api/v1/sites/other/${path}`)).toMatchObject({
    ...{ status: 404, body: { code: "webhook_unknown" } },
  });
});

test("what a reader heard at a station is in its session's file, and in the thing's with the chip that was read", async () => {
  const begun = newId();
  await done("/items", { tag: "s1", class: "tent" });
  await done("/sessions", { id: begun, mode: "return", station: "wash-line" });
  const now = new Date().toISOString();
  const observation: Observation = {
    ...{ id: newId(), tag: "s1", place: "wash", antenna: 2, reads: 4, peakRssiDbm: -50 },
    ...{ firstHeardAt: now, lastHeardAt: now, tid: "E2801105200074" },
    ...{ station: { id: "wash-line", mode: "return" } },
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  const bus = await openBus({ url: gateway.natsUrl, name: "test", log: quietLog() });
  await ensureStream(bus, Observations);
  const payload = JSON.stringify({ observations: [observation] });
  const subject = observationSubject("yard", "wash-reader");
  await publishInOrder(bus, [{ subject, id: newId(), payload, headers: {} }]);
  await eventually("the manager has it", async () => {
    const { body } = await ask("GET", "/boards/sessions?station=wash-line");
    return body.data[0]?.unexpected === 1 ? true : undefined;
  });
  await bus.close();
  const [row] = await file("/items/s1/timeline:export");
  expect(row).toMatchObject({
    ...{ by: "wash-reader", type: "item.sighted.v1", outcome: "already_applied" },
    ...{ station: "wash-line", tid: "E2801105200074" },
  });
  const sessions = [{ id: begun, station: "wash-line", devices: expect.stringContaining("wash-reader") }];
  for (const path of ["/sessions:export", "/boards/sessions:export"]) {
    expect(await file(`${path}?station=wash-line`)).toMatchObject(sessions);
    expect(await file(`${path}?station=elsewhere`)).toEqual([]);
  }
});
