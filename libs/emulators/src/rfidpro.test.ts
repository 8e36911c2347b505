import { describe, expect, onTestFinished, test } from "vitest";
import { seededRandom } from "./random.ts";
import { uploadOf } from "./rfidpro/base.ts";
import { makeRfidproData } from "./rfidpro/data.ts";
import { quirks } from "./rfidpro/quirks.ts";
import { type RfidproData, type RfidproRow, realCounts } from "./rfidpro/rows.ts";
import { type Rfidpro, type RfidproOptions, startRfidpro } from "./rfidpro.ts";
import { drawUploadDelay } from "./upload-delay.ts";

const endMs = Date.parse("2025-09-10T20:00:00Z");
const dayMs = 86_400_000;

const start = async (options: RfidproOptions = {}): Promise<Rfidpro> => {
  const fake = await startRfidpro({ clock: endMs + 5 * dayMs, scale: 0.02, ...options });
  onTestFinished(() => fake.stop());
  return fake;
};
type Told = { status: number; body: Record<string, never> & { data: RfidproRow[]; totalcount: unknown } };
const ask = async (url: string, init?: RequestInit): Promise<Told> => {
  const response = await fetch(url, init);
  return { status: response.status, body: (await response.json()) as Told["body"] };
};
const login = async ({ loginUrl, username, password }: Rfidpro): Promise<string> => {
  const { body } = await ask(`${loginUrl}/api/v1/login`, {
    ...{ method: "POST", body: JSON.stringify({ username, password }) },
  });
  expect(body).toMatchObject({ result: true, code: 0 });
  return String((body as Record<string, unknown>).access_token);
};
const opened = async (options: RfidproOptions = {}) => {
  const fake = await start(options);
  const headers = { authorization: `Bearer ${await login(fake)}` };
  const get = (set: "classes" | "items" | "transactions", query = "") =>
    ask(`${fake.dataUrl}/api/v1/data/${fake.datasets[set]}?${query}`, { headers });
  return { fake, headers, get };
};
const countBy = (rows: readonly RfidproRow[], name: (row: RfidproRow) => string): Record<string, number> =>
  Object.fromEntries(Object.entries(Object.groupBy(rows, name)).map(([key, all]) => [key, all?.length ?? 0]));

describe("its answers", () => {
  test("count in text for the classes and in numbers for the others, 200 rows at most", async () => {
    const { get } = await opened();
    expect((await get("classes")).body).toMatchObject({
      totalcount: "18",
      returncount: "18",
      Version: "1.0.9",
    });
    const { body } = await get("items", "limit=5000&offset=40");
    expect(body).toMatchObject({
      totalcount: 250,
      returncount: 200,
      offset: 40,
      limit: 200,
      version: "1.0.9",
    });
    expect(body).toMatchObject({ result: { success: true, code: 0 } });
    expect(body.data).toHaveLength(200);
    expect((await get("items", "offset=250")).body).toMatchObject({
      totalcount: 250,
      returncount: 0,
      data: [],
    });
  });

  test("are for whoever has a token that is no older than an hour", async () => {
    const { fake, get } = await opened();
    const none = await ask(`${fake.dataUrl}/api/v1/data/${fake.datasets.items}`);
    expect(none.status).toBe(401);
    fake.control.advance(60 * 60_000 - 1);
    expect((await get("items")).status).toBe(200);
    fake.control.advance(1);
    expect((await get("items")).status).toBe(401);
    const wrong = await ask(`${fake.loginUrl}/api/v1/login`, { method: "POST", body: '{"username":"x"}' });
    expect(wrong.body).toMatchObject({ result: false });
  });

  test("honour a filter and a sort, act as if they had not heard, or answer with an error", async () => {
    const query = "filter[gt]=date_created,gt,'2025-09-01 00:00:00'&sort[]=date_created,desc";
    const { fake, get } = await opened();
    const all = fake.rows("transactions").length;
    const created = ({ body }: Told) => body.data.map((row) => String(row.date_created));
    const honoured = created(await get("transactions", query));
    expect(honoured.every((text) => text > "2025-09-01 00:00:00")).toBe(true);
    expect(honoured).toEqual(honoured.toSorted().toReversed());
    fake.control.honours({ filter: "ignored", sort: "ignored" });
    const ignored = await get("transactions", query);
    expect(ignored.body.totalcount).toBe(all);
    expect(created(ignored)).not.toEqual(created(ignored).toSorted());
    fake.control.honours({ filter: "refused" });
    const refused = await get("transactions", query);
    expect(refused.status).toBe(500);
    expect(refused.body).toMatchObject({ result: { success: false, message: "filter not supported" } });
    fake.control.honours({ filter: "honoured" });
    expect((await get("transactions", "filter[gt]=colour,gt,'red'")).status).toBe(500);
  });

  test("take what is written, and keep account of it", async () => {
    const { fake, headers } = await opened();
    const write = (set: "items" | "transactions", method: string, body: unknown) =>
      ask(`${fake.dataUrl}/api/v1/data/${fake.datasets[set]}`, {
        method,
        headers,
        body: JSON.stringify(body),
      });
    const tag = fake.rows("items")[0]?.tag_id;
    const rows = [{ tag_id: tag, status: "Sold" }, { status: "Sold" }];
    const taken = await write("items", "PATCH", rows);
    expect(taken.body).toMatchObject({
      data: [{ rows: [{ result: { success: true } }, { result: { success: false } }] }],
      result: { success: false },
    });
    expect(fake.rows("items")[0]).toEqual(rows[0]);
    expect((await write("transactions", "POST", [])).status).toBe(405);
    expect(fake.writes().map(({ method, body }) => ({ method, body }))).toEqual([
      { method: "PATCH", body: rows },
      { method: "POST", body: [] },
    ]);
  });
});

describe("its rows at full size", () => {
  const { classes, items, uploads } = makeRfidproData({ seed: 1, scale: 1, endMs });
  const rows = uploads.map(({ row }) => row);

  test("are as many as in the real house, in the real proportions", () => {
    expect([classes.length, items.length, rows.length]).toEqual(Object.values(realCounts));
    expect(countBy(items, ({ status }) => String(status))).toMatchObject({
      ...{ Sold: 593, "On Rent": 436, "Needs to be Inspected": 91, Wet: 6, Repair: 4, Missing: 1 },
    });
    expect(new Set(items.map(({ tag_id }) => tag_id)).size).toBe(items.length);
    expect(new Set(items.map(({ rental_class_num }) => rental_class_num)).size).toBe(489);
    const types = countBy(rows, ({ scan_type }) => String(scan_type));
    for (const [type, real] of Object.entries({ "Touch Scan": 16_673, Rental: 6_874, Return: 2_885 }))
      expect(Math.abs((types[type] ?? 0) - real) / real).toBeLessThan(0.01);
    const lengths = countBy(items, ({ tag_id }) => String(String(tag_id).length));
    expect(lengths["24"]).toBeGreaterThan(7_000);
    expect(lengths["32"]).toBeGreaterThan(4_900);
  });

  test("have the faults of the real ones, as many of each", () => {
    const known = new Set(items.map(({ tag_id }) => tag_id));
    expect(rows.filter(({ tag_id }) => !known.has(tag_id)).length).toBeGreaterThan(900);
    const keys = countBy(rows, (row) =>
      [row.tag_id, row.scan_type, row.scan_date, row.contract_number, row.scan_by].join("|"),
    );
    const copied = Object.values(keys).filter((count) => count > 1);
    expect(copied.reduce((sum, count) => sum + count - 1, 0)).toBeGreaterThanOrEqual(705);
    expect(rows.length - new Set(rows.map((row) => JSON.stringify(row))).size).toBeGreaterThan(160);
    const sessions = countBy(rows, ({ scan_date, scan_by }) => `${scan_date}|${scan_by}`);
    expect(Math.max(...Object.values(sessions))).toBeGreaterThan(4_000);
    expect(rows.filter(({ status }) => status === "" || String(status).length > 21)).toHaveLength(18);
    expect(rows.filter(({ wet }) => wet === undefined || wet === "").length / rows.length).toBeCloseTo(
      0.367,
      1,
    );
    expect(items.filter(({ bin_location }) => bin_location === "null").length).toBeGreaterThan(600);
    expect(items.filter(({ date_last_scanned }) => date_last_scanned === "0000-00-00 00:00:00")).toHaveLength(
      74,
    );
    const returns = rows.filter(({ scan_type }) => scan_type === "Return");
    expect(returns.filter(({ contract_number }) => contract_number !== "")).toEqual([]);
  });

  test("come as late as they really do", () => {
    const random = seededRandom(1);
    const delays = Array.from({ length: 50_000 }, () => drawUploadDelay(random) / 1_000);
    const shareOver = (seconds: number) => delays.filter((delay) => delay > seconds).length / delays.length;
    for (const [seconds, share] of [
      [111, 0.5],
      [443, 0.25],
      [600, 0.217],
      [2_400, 0.1],
      [3_600, 0.085],
      [5_460, 0.05],
      [86_400, 0.022],
    ] as const)
      expect(shareOver(seconds)).toBeCloseTo(share, 2);
  });
});

describe("quirks", () => {
  const make = (change: Record<string, boolean>): RfidproData =>
    makeRfidproData({ seed: 3, scale: 0.2, endMs, quirks: change });
  const rowsOf = ({ uploads }: RfidproData) => uploads.map(({ row }) => row);
  const ofServer = (text: unknown) => Date.parse(`${String(text).replace(" ", "T")}Z`);
  const ofDevice = (text: unknown) => Date.parse(`${String(text).replace(" ", "T")}-06:00`);
  const isOfWinter = ({ scan_date }: RfidproRow) => /^(2024-12|2025-0[12])-/.test(String(scan_date));
  const epc = /^[0-9A-Za-z]{20,}$/;
  /** How often each is seen in the data. */
  const seen: Record<(typeof quirks)[number], (data: RfidproData) => number> = {
    noDates: ({ items }) => items.filter((row) => String(row.date_last_scanned).startsWith("0000")).length,
    brokenDates: (data) => rowsOf(data).filter((row) => !/^\d{4}-/.test(String(row.scan_date))).length,
    flagSpellings: (data) => rowsOf(data).filter((row) => /^[TF]/.test(String(row.wet))).length,
    missingFlags: (data) => rowsOf(data).filter((row) => row.wet === undefined || row.wet === "").length,
    junkBins: ({ items }) =>
      items.filter((row) => row.bin_location === "null" || row.bin_location === "NA").length,
    junkStatuses: (data) =>
      rowsOf(data).filter((row) => row.status === "" || epc.test(String(row.status))).length,
    duplicates: (data) => data.uploads.length - new Set(rowsOf(data).map((row) => JSON.stringify(row))).size,
    orphans: ({ items, uploads }) => {
      const known = new Set(items.map((row) => row.tag_id));
      return uploads.filter(({ row }) => !known.has(row.tag_id)).length;
    },
    futureScans: (data) =>
      rowsOf(data).filter(
        (row) => isOfWinter(row) && ofDevice(row.scan_date) > ofServer(row.date_created) + 120_000,
      ).length,
    lateUploads: (data) =>
      rowsOf(data).filter(
        (row) => isOfWinter(row) && ofServer(row.date_created) > ofDevice(row.scan_date) + dayMs / 8,
      ).length,
    oddContracts: (data) => rowsOf(data).filter((row) => /%|est/.test(String(row.contract_number))).length,
    decimalClasses: (data) => rowsOf(data).filter((row) => String(row.rental_class_id).endsWith(".0")).length,
    miskeyedTags: ({ items }) =>
      items.filter((row) => !/^([0-9A-F]{12}|[0-9A-F]{24}|[0-9A-F]{32})$/i.test(String(row.tag_id))).length,
  };
  const everything = make({});

  test.each(quirks)("%s are there, and can be left out", (quirk) => {
    expect(seen[quirk](everything)).toBeGreaterThan(0);
    expect(seen[quirk](make({ [quirk]: false }))).toBe(0);
  });
});

test("rows arrive as the clock passes, with the time at which they did", async () => {
  const data = makeRfidproData({ seed: 1, scale: 0.02, endMs });
  const { fake, get } = await opened({ clock: endMs - 60 * dayMs, data, tokenLifeMs: 30 * dayMs });
  const before = Number((await get("transactions")).body.totalcount);
  const coming = fake.coming();
  expect(coming).toBeGreaterThan(0);
  fake.control.advance(7 * dayMs);
  const after = Number((await get("transactions")).body.totalcount);
  expect(after).toBeGreaterThan(before);
  const late = fake.rows("transactions").slice(before);
  expect(late.every(({ date_created }) => String(date_created) >= "2025-07-12 20:00:00")).toBe(true);
  expect(late.length + fake.coming()).toBe(coming);
});

test("rows that stand in no order stand in another when some have arrived, if that is asked for", async () => {
  const { fake, get } = await opened({ movesOnArrival: true });
  const tags = async () => (await get("transactions")).body.data.map((row) => JSON.stringify(row));
  const first = await tags();
  expect(await tags()).toEqual(first);
  fake.control.upload([{ arrivesAtMs: 0, row: fake.rows("transactions")[0] ?? {} }]);
  expect(await tags()).not.toEqual(first);
});

test("the same seed makes the same rows", () => {
  const made = (seed: number) => JSON.stringify(makeRfidproData({ seed, endMs, scale: 0.01 }));
  expect(made(5)).toBe(made(5));
  expect(made(5)).not.toBe(made(6));
});

test("what another system knows is told in RFIDpro's words, but for a share", async () => {
  const items = Array.from({ length: 400 }, (_, index) => ({
    ...{ tag: `30340000000000000000${String(index).padStart(4, "0")}`, class: "64815", name: "Round 90" },
    ...{ status: "inspect", place: "NR4x1", quality: "B+", lastScannedAtMs: endMs },
  }));
  const scans = [
    { tag: items[0]?.tag ?? "", type: "service", contract: null, scannedAtMs: endMs, status: "inspect" },
  ];
  const data = makeRfidproData({ seed: 1, endMs, base: { items, scans, disagreeingShare: 0.05 } });
  const agreeing = data.items.filter(
    (row) => row.status === "Needs to be Inspected" && row.bin_location === "NR4x1" && row.quality === "B+",
  );
  expect(agreeing).toHaveLength(380);
  expect(agreeing[0]).toMatchObject({ rental_class_num: "64815", date_last_scanned: "2025-09-10 15:00:00" });
  expect(data.classes).toEqual([{ rental_class_id: "64815", common_name: "Round 90", bin_location: "" }]);
  expect(data.uploads[0]?.row).toMatchObject({ scan_type: "Touch Scan", status: "Needs to be Inspected" });
  const { fake, get } = await opened();
  fake.control.hold(data);
  expect((await get("items")).body.totalcount).toBe(data.items.length);
});

test("what another system knows is told sloppily by those quirks that are asked for, and means the same", () => {
  const items = Array.from({ length: 2_000 }, (_, index) => ({
    ...{ tag: `30340000000000000000${String(index).padStart(4, "0")}`, class: "64815", name: "Round 90" },
    ...{ status: "ready", place: index % 2 === 0 ? "NR4x1" : null },
  }));
  const scans = items.map(({ tag }, index) => ({
    ...{ tag, type: "return", contract: null, scannedAtMs: endMs - index * 1_000, status: "ready" },
    condition: { wet: index % 3 === 0, oil: false },
  }));
  const base = { items, scans, disagreeingShare: 0 };
  const make = (quirks: RfidproOptions["quirks"] = {}) => makeRfidproData({ seed: 1, endMs, base, quirks });
  const plain = make();
  const rowsOf = ({ uploads }: RfidproData) => uploads.map(({ row }) => row);
  expect(new Set(rowsOf(plain).map(({ wet }) => wet))).toEqual(new Set(["true", "false"]));
  expect(plain.uploads).toHaveLength(2_000);

  const bins = (data: RfidproData) => countBy(data.items, (row) => String(row.bin_location));
  expect(bins(plain)).toEqual({ NR4x1: 1_000, "": 1_000 });
  const junk = bins(make({ junkBins: true }));
  expect(junk).toMatchObject({ NR4x1: 1_000 });
  expect([junk.null ?? 0, junk[""] ?? 0].every((count) => count > 250)).toBe(true);

  const flags = rowsOf(make({ flagSpellings: true, missingFlags: true }));
  expect(new Set(flags.map(({ wet }) => String(wet)))).toEqual(
    new Set(["true", "True", "TRUE", "false", "False", "FALSE", ""]),
  );
  expect(flags.filter(({ wet }) => /^true$/i.test(String(wet)))).toHaveLength(667);
  const decimal = rowsOf(make({ decimalClasses: true })).filter((row) => row.rental_class_id === "64815.0");
  expect(decimal.length).toBeGreaterThan(5);
  expect(make({ duplicates: true }).uploads).toHaveLength(2_053);
});

test("a scan that comes says in the master what became of its item, if that is asked for", async () => {
  const tag = "303400000000000000000001";
  const items = [{ tag, class: "64815", name: "Round 90", status: "ready", role: "resale", quality: "B" }];
  const base = { items, disagreeingShare: 0 };
  const { fake, get } = await opened({ base, masterFollows: true });
  const nowMs = fake.control.nowMs();
  const rented = { tag, type: "rental", contract: "20481", scannedAtMs: endMs, status: "on_rent", by: "ann" };
  const counted = { tag, type: "touch", contract: null, scannedAtMs: endMs + 60_000, place: "NR4x1" };
  const upload = (scan: typeof rented | typeof counted, arrivesAtMs: number) =>
    fake.control.upload([uploadOf({ ...scan, arrivesAtMs }, items[0], fake.timeZone)]);
  upload(counted, nowMs + 60_000);
  upload(rented, nowMs);
  const out = { status: "On Rent", last_contract_num: "20481", last_scanned_by: "ann", quality: "B" };
  expect((await get("items")).body.data).toEqual([
    expect.objectContaining({ ...out, bin_location: "resale", date_last_scanned: "2025-09-10 15:00:00" }),
  ]);
  fake.control.advance(60_000);
  expect((await get("items")).body.data).toEqual([
    expect.objectContaining({ ...out, bin_location: "NR4x1", date_last_scanned: "2025-09-10 15:01:00" }),
  ]);
});

test("there is room for so many uploads: the oldest stay, and no more are taken", async () => {
  const tags = ["A1", "A2", "A3", "A4"];
  const touch = { type: "touch", contract: null, scannedAtMs: endMs, arrivesAtMs: endMs };
  const scans = tags.map((tag) => ({ tag, ...touch }));
  const rows = scans.map((scan) => uploadOf(scan, undefined, "America/Chicago"));
  const fake = await start({ base: { items: [], scans: scans.slice(0, 1) }, uploadsMax: 3 });
  expect([fake.control.upload(rows.slice(1)), fake.control.upload(rows)]).toEqual([2, 0]);
  expect(fake.rows("transactions").map((row) => row.tag_id)).toEqual(["A1", "A2", "A3"]);
});
