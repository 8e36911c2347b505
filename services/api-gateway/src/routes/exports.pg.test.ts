import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { eventually } from "@tagwire/testing";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { readSheet } from "read-excel-file/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* Lists taken out as files, from the real operations. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const authorization = `Bearer ${adminKey}`;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  stack.use(await startService("operations", gateway));
  for (const name of ["reader-gateway", "manager"]) stack.use(await startService(name, gateway));
});
afterAll(() => stack.disposeAsync());

let sites = 0;
/** An EPC is on one thing of all sites: what was put in stock last is sold there, and so may be here. */
let stocked: { readonly site: string; readonly items: readonly object[] } | undefined;
const sellAt = async (site: string, items: readonly object[]) => {
  const rows = items.map((item) => ({ ...item, status: "sold" }));
  const file = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const types = { authorization, "content-type": "application/x-ndjson" };
  await gateway.ask("POST", `/api/v1/sites/${site}/items:import`, file, types);
};
const newSite = async (items: readonly object[]) => {
  if (stocked !== undefined && items.length > 0) await sellAt(stocked.site, stocked.items);
  sites += 1;
  const id = `export-${sites}`;
  await gateway.ask("POST", "/api/v1/sites", { id, name: id, timeZone: "UTC" });
  for (const item of items)
    expect((await gateway.ask("POST", `/api/v1/sites/${id}/items`, item)).status).toBe(201);
  if (items.length > 0) stocked = { site: id, items };
  return id;
};
const takeOut = (site: string, path: string) => gateway.ask("GET", `/api/v1/sites/${site}/${path}`);
const bringIn = (site: string, file: string, type: string) =>
  gateway.ask("POST", `/api/v1/sites/${site}/items:import`, file, { authorization, "content-type": type });
const headOf = async (site: string) => (await gateway.ask("GET", `/api/v1/sites/${site}`)).body.pos;
const recordsOf = (csv: string) =>
  parse(csv, { columns: true, record_delimiter: "\r\n" }) as Record<string, string>[];

const items = [
  { tag: "B-2", class: "chair", name: "=HYPERLINK(1)", place: "rack, 1", quality: "A+" },
  { tag: "@1", class: "table", name: "+49", status: "repair" },
  { tag: "3034257BF7194E4000001A85", class: "chair", name: 'say "hi"\nthere' },
];

test("items as CSV: by tag, narrowed down, and safe to open", async () => {
  const site = await newSite(items);
  const all = await takeOut(site, "items:export?format=csv");
  expect(all.status).toBe(200);
  expect(all.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
  expect(all.headers.get("content-disposition")).toMatch(
    new RegExp(`^attachment; filename="${site}-items-\\d{4}-\\d\\d-\\d\\d\\.csv"$`),
  );
  const records = recordsOf(all.text);
  const { body: listed } = await takeOut(site, "items");
  expect(records.map(({ tag }) => tag?.replace(/^'/, ""))).toEqual(
    listed.data.map(({ tag }: { tag: string }) => tag),
  );
  expect(records).toMatchObject([
    {
      tag: "3034257BF7194E4000001A85",
      name: 'say "hi"\nthere',
      epcUri: "urn:epc:id:sgtin:0614141.812345.6789",
    },
    { tag: "'@1", name: "'+49", status: "repair", version: "1" },
    { tag: "B-2", name: "'=HYPERLINK(1)", place: "rack, 1", quality: "A+", contract: "" },
  ]);
  expect(recordsOf((await takeOut(site, "items:export?class=chair&status=ready")).text)).toHaveLength(2);
  expect(await takeOut(site, "items:export?status=lost")).toMatchObject({
    status: 400,
    body: { code: "malformed" },
  });
  expect(await takeOut(site, "items:export?format=pdf")).toMatchObject({ status: 400 });
  expect(await takeOut("nowhere", "items:export")).toMatchObject({
    status: 404,
    body: { code: "site_unknown" },
  });
});

test("items as a sheet, read by another reader: text stays text, numbers numbers", async () => {
  const site = await newSite([...items, { tag: "_x0041_", class: "x", name: " \u0001 _x000D_ é😀 " }]);
  const response = await fetch(`${gateway.url}/api/v1/sites/${site}/items:export?format=xlsx`, {
    headers: { authorization },
  });
  expect(response.headers.get("content-type")).toContain("spreadsheetml.sheet");
  const [header, ...rows] = await readSheet(Buffer.from(await response.arrayBuffer()), { trim: false });
  expect(header?.slice(0, 3)).toEqual(["tag", "class", "name"]);
  const version = header?.indexOf("version") ?? -1;
  expect(rows.map((row) => [row[0], row[2], row[version]])).toEqual([
    ["3034257BF7194E4000001A85", 'say "hi"\nthere', 1],
    ["@1", "+49", 1],
    ["B-2", "=HYPERLINK(1)", 1],
    ["_x0041_", " \u0001 _x000D_ é😀 ", 1],
  ]);
});

test("items as lines of JSON are the rows as they are, with what each is of", async () => {
  const site = await newSite(items);
  const { text, headers } = await takeOut(site, "items:export?format=ndjson");
  expect(headers.get("content-type")).toContain("application/x-ndjson");
  const rows = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { body } = await takeOut(site, "items");
  const of = { asOf: expect.any(String), position: expect.stringMatching(/^1:\d+$/) };
  expect(rows).toEqual(
    body.data.map(({ epc: _epc, ...item }: Record<string, unknown>) => ({ ...item, ...of })),
  );
});

test("an empty list is a header, an empty sheet, or nothing", async () => {
  const site = await newSite([]);
  expect((await takeOut(site, "items:export")).text).toMatch(/^tag,class,[^\n]*\r\n$/);
  expect((await takeOut(site, "items:export?format=ndjson")).text).toBe("");
  const response = await fetch(`${gateway.url}/api/v1/sites/${site}/items:export?format=xlsx`, {
    headers: { authorization },
  });
  expect(await readSheet(Buffer.from(await response.arrayBuffer()))).toHaveLength(1);
});

test("the log, the life of an item and the readers come out whole", async () => {
  const site = await newSite(items);
  const { body: feed } = await takeOut(site, "events?limit=1000");
  const lines = (await takeOut(site, "events:export?format=ndjson")).text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toEqual(feed.events);
  const records = recordsOf((await takeOut(site, "events:export?after=1:2")).text);
  expect(records.map(({ pos }) => pos)).toEqual(["3", "4"]);
  expect(JSON.parse(records[0]?.data ?? "")).toEqual(feed.events[2].data);
  expect(await takeOut(site, "events:export?after=1:99")).toMatchObject({
    status: 409,
    body: { code: "epoch_unknown" },
  });

  const life = recordsOf((await takeOut(site, "items/B-2/timeline:export")).text);
  expect(life).toMatchObject([{ type: "item.created.v1", outcome: "accepted" }]);
  expect(await takeOut(site, "items/none/timeline:export")).toMatchObject({
    status: 404,
    body: { code: "tag_unknown" },
  });
  expect((await takeOut(site, "readers:export")).text).toMatch(/^id,driver,[^\n]*,pending\r\n$/);
  const antennas = [
    { port: 1, place: "gate" },
    { port: 4, powerDbm: 27.5 },
  ];
  const dock = { id: "dock", driver: "llrp", address: "127.0.0.1:1", antennas };
  expect((await gateway.ask("POST", `/api/v1/sites/${site}/readers`, dock)).status).toBe(201);
  const readers = recordsOf((await takeOut(site, "readers:export")).text);
  expect(readers).toMatchObject([
    { id: "dock", reads: "0", filteredNoTid: "0", strayWeak: "0", pending: "0" },
  ]);
  // Neither has read anything yet.
  expect(recordsOf((await takeOut(site, "readers/antennas:export")).text)).toMatchObject([
    { reader: "dock", port: "1", place: "gate", powerDbm: "", connected: "", reads: "" },
    { reader: "dock", port: "4", place: "", powerDbm: "27.5", connected: "", reads: "" },
  ]);
  expect((await takeOut(site, "alerts:export")).text).toMatch(/^id,rule,kind,[^\n]*,epoch,pos,asOf\r\n$/);
  expect(await takeOut(site, "alerts:export?state=none")).toMatchObject({ status: 400 });
});

test("what people set comes out: classes, rules and endpoints, whose secrets do not, and what waits in quarantine", async () => {
  const site = await newSite(items);
  const ask = (method: string, path: string, body?: unknown) =>
    gateway.ask(method, `/api/v1/sites/${site}/${path}`, body);
  await ask("PUT", "classes/chair", { name: "=Chair", category: "Seating" });
  await ask("PUT", "classes/table", { name: "Table" });
  expect(recordsOf((await takeOut(site, "classes:export")).text)).toMatchObject([
    { class: "chair", name: "'=Chair", category: "Seating", crew: "" },
    { class: "table", name: "Table" },
  ]);

  const rules = await eventually("the rules that every site begins with", async () => {
    const records = recordsOf((await takeOut(site, "alert-rules:export")).text);
    return records.length > 0 ? records : undefined;
  });
  const stale = rules.find(({ kind }) => kind === "stale");
  expect(JSON.parse(stale?.params ?? "")).toMatchObject({ days: 360 });

  const made = await gateway.ask("POST", "/api/v1/webhooks", {
    ...{ site, url: "https://a.example/hook", types: ["item.*"] },
  });
  expect(made.status).toBe(201);
  for (const format of ["csv", "ndjson"]) {
    const { text } = await takeOut(site, `webhooks:export?format=${format}`);
    expect(text).toContain("https://a.example/hook");
    expect(text).not.toContain(made.body.secret);
  }
  expect(made.body.secret).toMatch(/^whsec_/);

  const scan = { id: crypto.randomUUID(), tag: "nobody", type: "touch", scannedAt: new Date().toISOString() };
  await ask("POST", "scans", { scans: [scan] });
  expect(recordsOf((await takeOut(site, "quarantine:export")).text)).toMatchObject([
    { tag: "nobody", scanId: scan.id, type: "touch", person: "" },
  ]);
  expect(await ask("GET", "quarantine?tag=nobody")).toMatchObject({
    body: { data: [{ scanId: scan.id }], nextCursor: null },
  });
  expect(recordsOf((await takeOut(site, "quarantine:export?tag=somebody")).text)).toEqual([]);
});

test("figures come out as files, narrowed down as on their boards", async () => {
  const site = await newSite([...items, { tag: "w-1", class: "cloth", status: "wash" }]);
  const scan = {
    id: crypto.randomUUID(),
    tag: "w-1",
    type: "rental",
    scannedAt: "2026-01-02T03:04:05Z",
    contract: "7",
  };
  const sent = await gateway.ask("POST", `/api/v1/sites/${site}/scans`, { scans: [scan] });
  const { pos } = sent.body.receipts[0].event;
  await eventually("the manager has it", async () => {
    const { body } = await takeOut(site, "boards/queues");
    return body.pos >= pos ? true : undefined;
  });
  const rows = async (path: string) => recordsOf((await takeOut(site, path)).text);
  expect(await rows("boards/queues:export?queue=wash")).toMatchObject([
    { tag: "w-1", queue: "wash", crew: "service" },
  ]);
  expect(await rows("boards/queues:export?queue=wet")).toEqual([]);
  expect(await rows("boards/throughput:export?span=day")).toMatchObject([
    { kind: "device", scans: "1", rejected: "1" },
  ]);
  expect(await rows("boards/scans:export?mark=rejected")).toMatchObject([
    {
      tag: "w-1",
      marks: "backdated transition_refused rejected late",
      scanId: scan.id,
      device: expect.any(String),
    },
  ]);
  expect(await rows("boards/utilisation:export?class=chair")).toMatchObject([
    { class: "chair", outDays: "0", utilisation: "0", available: "2" },
  ]);
  const lags = await rows("boards/lag:export?minutes=5");
  const inBuckets = (way: string) =>
    lags.filter((row) => row.way === way).reduce((sum, { inBucket }) => sum + Number(inBucket), 0);
  const { body: lag } = await takeOut(site, "boards/lag?minutes=5");
  expect(lag.deviceToRecord.samples).toBe(1);
  expect([inBuckets("deviceToRecord"), inBuckets("recordToScreen")]).toEqual([1, 0]);
  const names = "queues throughput scans utilisation classes idle?idleDays=1 places sessions lag";
  const boards = names.split(" ");
  for (const board of boards) {
    const [name, query = ""] = board.split("?");
    const { text } = await takeOut(site, `boards/${name}:export?${query}`);
    expect(text.split("\r\n", 1)[0], board).toMatch(/,asOf,position$/);
    for (const row of recordsOf(text)) {
      expect(Date.parse(row.asOf ?? ""), board).not.toBeNaN();
      expect(row.position, board).toMatch(/^1:\d+$/);
      expect(Number(row.position?.slice(2)), board).toBeGreaterThanOrEqual(pos);
    }
  }
  const today = new Date().toISOString().slice(0, 10);
  const window = { to: today, timeZone: expect.any(String), idleDays: "7" };
  expect(await rows(`boards/utilisation:export?class=chair&to=${today}&idleDays=7`)).toMatchObject([
    { class: "chair", ...window, from: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
  ]);
  const ndjson = await takeOut(site, "boards/utilisation:export?class=chair&format=ndjson");
  expect(JSON.parse(ndjson.text)).toMatchObject({
    ...{ class: "chair", from: expect.any(String), to: expect.any(String) },
    ...{ asOf: expect.any(String), position: expect.stringMatching(/^1:\d+$/) },
  });
  expect(await rows("boards/idle:export?idleDays=1")).toEqual([]);
  // A file without rows says in its headers what it is of, and so does every other of a board.
  const nothing = await takeOut(site, "boards/stale:export");
  expect(nothing.text).toMatch(/^tag,class,[^\n]*limitDays,asOf,position\r\n$/);
  for (const file of [nothing, ndjson, await takeOut(site, "boards/classes:export?format=xlsx")]) {
    expect(Date.parse(file.headers.get("tagwire-as-of") ?? "")).not.toBeNaN();
    const [epoch, at] = (file.headers.get("tagwire-position") ?? "").split(":").map(Number);
    expect([epoch, at]).toEqual([1, expect.any(Number)]);
    expect(at).toBeGreaterThanOrEqual(pos);
  }
  expect((await takeOut(site, "events:export")).headers.get("tagwire-as-of")).toBeNull();
  expect(await takeOut(site, "boards/scans:export?mark=none")).toMatchObject({ status: 400 });
});

test("what was taken out and is brought in again changes nothing, whatever it says", async () => {
  const nasty = fc.string({
    unit: fc.constantFrom(
      "=",
      "+",
      "-",
      "@",
      "'",
      '"',
      ",",
      "\t",
      "\r",
      "\n",
      " ",
      "a",
      "é",
      "😀",
      "\uFEFF",
      "_x0041_",
    ),
    maxLength: 12,
  });
  const visible = nasty.filter((text) => /\S/.test(text));
  const item = fc.record(
    {
      class: visible,
      name: nasty,
      place: visible,
      quality: fc.constantFrom("A+", "C-"),
      status: fc.constantFrom("ready", "sold", "provisioned"),
    },
    { requiredKeys: ["class"] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(item, { minLength: 1, maxLength: 12 }),
      fc.array(visible, { minLength: 12, maxLength: 12 }),
      async (made, names) => {
        const tagged = made.map((one, index) => ({
          ...one,
          tag: `${names[index]?.trim().replaceAll(/[\t\r\n\uFEFF]/g, "") || "t"}${index}`,
        }));
        const site = await newSite(tagged);
        const head = await headOf(site);
        for (const [format, type] of [
          ["csv", "text/csv"],
          ["ndjson", "application/x-ndjson"],
        ] as const) {
          const { text } = await takeOut(site, `items:export?format=${format}`);
          const { body } = await bringIn(site, text, type);
          expect(body.summary).toMatchObject({ rows: made.length, unchanged: made.length });
          expect(await headOf(site)).toBe(head);
        }
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);

test("what is out on a contract comes back in as it is", async () => {
  const site = await newSite([{ tag: "A", class: "chair" }]);
  const scan = {
    id: crypto.randomUUID(),
    tag: "A",
    type: "rental",
    scannedAt: new Date().toISOString(),
    contract: "R-1",
  };
  await gateway.ask("POST", `/api/v1/sites/${site}/scans`, { scans: [scan] });
  const { text } = await takeOut(site, "items:export");
  expect(text).toContain("on_rent");
  expect((await bringIn(site, text, "text/csv")).body.rows).toMatchObject([{ outcome: "unchanged" }]);
});

/** More than the system's own buffers between two sockets hold: some allow 32 MiB and more. */
const longItems = 7_500;
const longFile = () =>
  Array.from(
    { length: longItems },
    (_, index) => `${JSON.stringify({ tag: `t${index}`, class: "x", notes: "長".repeat(2_000) })}\n`,
  ).join("");

const openExport = async (url: string): Promise<IncomingMessage> => {
  const [response] = (await once(
    get(`${url}/api/v1/sites/long/items:export?format=ndjson`, { headers: { authorization } }),
    "response",
  )) as [IncomingMessage];
  return response;
};

test("whoever stops reading is cut, and a file that breaks off does not end as if it were whole", async () => {
  await using own = await testGateway({}, { transfers: { readerIdleMsMax: 1_000, exportsMax: 1 } });
  const operations = await startService("operations", own);
  await own.ask("POST", "/api/v1/sites", { id: "long", name: "Long", timeZone: "UTC" });
  const { body } = await own.ask("POST", "/api/v1/sites/long/items:import", longFile(), {
    ...{ authorization, "content-type": "application/x-ndjson" },
  });
  expect(body.summary).toMatchObject({ created: longItems });
  const whole = await text(await openExport(own.url));
  expect(whole.trim().split("\n")).toHaveLength(longItems);

  const stalled = await openExport(own.url);
  stalled.pause();
  // One export at a time: the next one is let in once the stalled one was cut.
  const path = "/api/v1/sites/long/items:export?class=none";
  expect(await own.ask("GET", path)).toMatchObject({ status: 503, body: { code: "overloaded" } });
  await eventually("the stalled export was cut", async () =>
    (await own.ask("GET", path)).status === 200 ? true : undefined,
  );
  await expect(text(stalled)).rejects.toMatchObject({ code: "ECONNRESET" });

  const broken = await openExport(own.url);
  await once(broken, "data");
  broken.pause();
  await operations[Symbol.asyncDispose]();
  broken.resume();
  await expect(text(broken)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(broken.complete).toBe(false);
}, 300_000);
