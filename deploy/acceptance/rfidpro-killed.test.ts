import { execFile } from "node:child_process";
import { createHash, createPublicKey, verify } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeRfidproData, startS3Bucket } from "@tagwire/emulators";
import {
  faultCatalogue,
  newId,
  type RfidproDifference,
  type RfidproImport,
  type RfidproImportPreview,
  type RfidproRun,
} from "@tagwire/messages";
import { openStore, type Sql } from "@tagwire/store";
import { eventually, plainEnvironment, quietLog, type Stack, startStack } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OldHouse, openOldHouse } from "./test-rfidpro.ts";

/* The old system over HTTP, while the processes that read and write are killed: a pull goes on, and an import does nothing twice. */

const setUpTimeoutMs = 120_000;
const testTimeoutMs = 300_000;
const withinMs = 120_000;
/** Some 370 items in two pages of 250 tags, so that an import can be cut in its middle. */
const scale = 0.03;

const stack = new AsyncDisposableStack();
let house: OldHouse;
let bucket: Awaited<ReturnType<typeof startS3Bucket>>;
let bucketEnv: Readonly<Record<string, string>>;
let folder: string;
let product: Stack;
let sql: Sql;

beforeAll(async () => {
  const data = makeRfidproData({ seed: 9, scale, endMs: Date.now() - 6 * 86_400_000 });
  const lost = data.items.findLastIndex(({ status }) => status === "Sold");
  const items = data.items.with(lost, { ...data.items[lost], status: "Missing" });
  house = stack.use(await openOldHouse({ data: { ...data, items } }));
  bucket = stack.adopt(await startS3Bucket(), (one) => one.stop());
  folder = stack.adopt(await mkdtemp(join(tmpdir(), "tagwire-rfidpro-")), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  bucketEnv = {
    RFIDPRO_S3_ENDPOINT: bucket.endpoint,
    RFIDPRO_S3_BUCKET: bucket.bucket,
    RFIDPRO_S3_REGION: bucket.region,
    RFIDPRO_S3_ACCESS_KEY_ID: bucket.accessKeyId,
    RFIDPRO_S3_SECRET_ACCESS_KEY: bucket.secretAccessKey,
  };
  const env = { ...house.env, ...bucketEnv, RFIDPRO_SIGNING_KEY_FILE: join(folder, "signing.pem") };
  product = stack.use(await startStack({ services: ["operations", "rfidpro-backup", "api-gateway"], env }));
  const store = await openStore<unknown>({
    ...{ url: product.databaseUrl, schema: "rfidpro_backup", name: "test", log: quietLog() },
  });
  stack.defer(() => store.close());
  sql = store.sql;
  await product.call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
}, setUpTimeoutMs);
afterAll(() => stack.disposeAsync());

const begin = async (more: object = {}): Promise<string> => {
  const id = newId();
  const answer = await product.call("POST", "/rfidpro/runs", { id, site: "north", import: true, ...more });
  expect(answer).toMatchObject({ status: 202 });
  return id;
};
const runOf = async (id: string) => (await product.call("GET", `/rfidpro/runs/${id}`)).body as RfidproRun;
/** As it is kept: a process that sleeps is asked as well, and does not answer. */
const keptRunOf = async (id: string): Promise<RfidproRun> => {
  const [row] = await sql<[{ run: RfidproRun }]>`select run from run where id = ${id}`;
  return row.run;
};
const ended = (id: string): Promise<RfidproRun> =>
  eventually(
    "the pull has ended",
    async () => {
      const run = await keptRunOf(id);
      return run.state === "running" ? undefined : run;
    },
    withinMs,
  );
const pages = async (id: string, dataset: string): Promise<number> => {
  const [row] = await sql<[{ pages: number }]>`
    select count(*)::int as pages from pulled_page where run = ${id} and dataset = ${dataset}`;
  return row.pages;
};
/** What time does to others when nobody is heard of: so long a test need not wait. */
const timePasses = async (): Promise<void> => {
  await sql`update run set owned_until = now() - interval '1 s' where state = 'running'`;
  await sql`update import set beat_at = beat_at - interval '5 minutes' where state = 'running'`;
};
const timesLogged = (words: string): number => product.logs("rfidpro-backup").split(words).length - 1;
/**
 * Puts the process that reads and imports to sleep for longer than it stays the owner of anything, and starts another. What is given
 * wakes it, and waits until it has found out and is gone.
 */
const fallAsleep = async (): Promise<(finding: string) => Promise<void>> => {
  const asleep = product.service("rfidpro-backup");
  process.kill(asleep.pid, "SIGSTOP");
  stack.defer(() => asleep.kill());
  await timePasses();
  await product.start("rfidpro-backup");
  return async (finding) => {
    const before = timesLogged(finding);
    process.kill(asleep.pid, "SIGCONT");
    await eventually("it has woken, and found out", () => timesLogged(finding) > before, withinMs);
    await asleep.kill("SIGTERM");
  };
};

const preview = async (id: string) =>
  (await product.call("POST", `/rfidpro/runs/${id}:preview-import`)).body as RfidproImportPreview;
const confirm = (id: string, body: object) => product.call("POST", `/rfidpro/runs/${id}:import`, body);
const importOf = async (id: string) =>
  ((await product.call("GET", `/rfidpro/runs/${id}/import`)).body as { import: RfidproImport }).import;
const keptImportOf = async (id: string): Promise<RfidproImport> => {
  const [row] = await sql<[{ import: RfidproImport }]>`select import from import where run = ${id}`;
  return row.import;
};
const imported = (id: string): Promise<RfidproImport> =>
  eventually(
    "the import has ended",
    async () => {
      const now = await keptImportOf(id);
      return now.state === "running" ? undefined : now;
    },
    withinMs,
  );
const countOf = async (what: "items" | "scans" | "distinct scans"): Promise<number> => {
  const [row] = await sql<[Record<string, number>]>`
    select (select count(*)::int from operations.item where site = 'north') as items,
      count(scan_id)::int as scans, count(distinct scan_id)::int as "distinct scans"
    from operations.event where site = 'north'`;
  return row[what] ?? 0;
};

let run: string;

test(
  "a pull whose service is stopped, then killed, then put to sleep, is gone on with by the next one: each page was read once, and all of it is there",
  async () => {
    // It falls silent at a page of each set, so that both are cut off there however fast the machine is.
    const { faults } = house.rfidpro.control;
    const fallSilent = (set: "items" | "transactions", offset: number) =>
      faults.add({ act: "silent", on: { set, offset }, times: 999 });
    fallSilent("items", 200);
    run = await begin();
    await eventually("items come", async () => (await pages(run, "items")) > 0, withinMs);
    await product.service("rfidpro-backup").kill("SIGTERM");
    expect(await product.call("GET", `/rfidpro/runs/${run}`)).toMatchObject({ status: 503 });
    faults.clear();
    fallSilent("transactions", 400);
    await product.start("rfidpro-backup");
    await eventually("scans come", async () => (await pages(run, "transactions")) > 1, withinMs);
    await product.service("rfidpro-backup").kill("SIGKILL");
    faults.clear();
    fallSilent("transactions", 600);
    await timePasses();
    await product.start("rfidpro-backup");
    await eventually("more scans come", async () => (await pages(run, "transactions")) > 2, withinMs);
    const wake = await fallAsleep();
    faults.clear();

    const done = await ended(run);
    expect(done).toMatchObject({ state: "done", verdict: "complete", continued: 3 });
    expect(done.why).toContain("It was cut off 3 times, and gone on with where it stood.");
    await wake("pull of RFIDpro left to whoever goes on with it");
    expect(await runOf(run)).toEqual(done);
    for (const { dataset, rows, total } of done.datasets) {
      const there = house.rfidpro.rows(dataset).length;
      expect({ rows, total }).toEqual({ rows: there, total: there });
      const [staged] = await sql<[object]>`
        select count(*)::int as rows, count(distinct identity)::int as identities from staged_row
        where run = ${run} and dataset = ${dataset}`;
      expect(staged).toEqual({ rows: there, identities: there });
    }
    // Nothing was asked twice of what stood still: items have no copies, so one pass is enough.
    expect(done.datasets.find(({ dataset }) => dataset === "items")).toMatchObject({ passes: 1 });
    expect(house.rfidpro.writes()).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "an import whose service and whose operations are killed in its middle, or sleep, goes on by itself: nothing is there twice, and what people made meanwhile is theirs",
  async () => {
    // Somebody sees here what RFIDpro has missing, before anything is there to be seen.
    const [{ seen }] = await sql<[{ seen: string }]>`
      select min(tag) as seen from staged_row where run = ${run} and dataset = 'items' and row->>'status' = 'missing'`;
    const scannedAt = new Date().toISOString();
    const look = { id: newId(), tag: seen, type: "count", scannedAt, place: "gate-7" };
    expect(await product.call("POST", "/sites/north/scans", { scans: [look] })).toMatchObject({
      status: 200,
    });
    const { digest, items, needs } = await preview(run);
    expect(needs).toEqual([]);
    expect(await confirm(run, { digest: "0".repeat(64) })).toMatchObject({
      ...{ status: 409, body: { code: "rfidpro.preview_stale" } },
    });
    expect(await confirm(run, { digest })).toMatchObject({ status: 202, body: { state: "running" } });
    await eventually("some of it is sent", async () => (await countOf("items")) > 0, withinMs);
    await product.service("operations").kill("SIGKILL");
    await product.service("rfidpro-backup").kill("SIGKILL");
    const cut = await keptImportOf(run);
    expect(cut.state).toBe("running");
    expect(cut.sent).toBeLessThan(cut.total);
    expect(await countOf("items")).toBeLessThan(items);

    await product.start("operations");
    const [{ tag }] = await sql<[{ tag: string }]>`
      select tag from staged_row where run = ${run} and dataset = 'items'
        and tag not in (select tag from operations.item where site = 'north') order by tag desc limit 1`;
    const made = { tag, class: "Ours" };
    expect(await product.call("POST", "/sites/north/items", made)).toMatchObject({ status: 201 });
    await timePasses();
    await product.start("rfidpro-backup");
    await eventually("it goes on", async () => (await importOf(run)).replayed > 0, withinMs);
    // It was confirmed: whoever does so again is told that it goes on.
    expect(await confirm(run, { digest })).toMatchObject({ status: 202, body: { continued: 1 } });
    // Whoever imports waits for operations, and does not care who it is.
    await product.service("operations").kill("SIGKILL");
    const wake = await fallAsleep();
    await product.start("operations");
    const done = await imported(run);
    expect(done).toMatchObject({ state: "done", continued: 2, sent: done.total });
    expect(done.why).toContain("It was cut off 2 times, and went on by itself.");
    expect(done.recorded + done.replayed + done.refused).toBe(done.total);
    expect(done.replayed).toBeGreaterThan(0);
    await wake("an import was cut off");
    expect(await importOf(run)).toEqual(done);
    expect(await countOf("items")).toBe(items);
    // What was seen while nothing was there is told twice by design: that it waits, and what came of it.
    expect(await countOf("scans")).toBe((await countOf("distinct scans")) + 1);
    // Each with what there is to do about it: whoever reads this is at the page, and has no list of codes.
    const { item_exists, newer_fact_stands } = faultCatalogue;
    expect(done.refusals).toHaveLength(2);
    expect(done.refusals).toEqual(
      expect.arrayContaining([
        expect.stringMatching(`^item ${tag}: item_exists: .*${item_exists.advice}`),
        expect.stringMatching(`^item ${seen}: newer_fact_stands: seen at .*${newer_fact_stands.advice}`),
      ]),
    );
    expect((await product.call("GET", `/sites/north/items/${seen}`)).body).toMatchObject({
      ...{ status: "ready", place: "gate-7" },
    });
    const [theirs] = await sql<[object]>`
      select count(*)::int as events, min(item.class) as class from operations.event join operations.item using (site, tag)
      where site = 'north' and tag = ${tag}`;
    expect(theirs).toEqual({ events: 1, class: "Ours" });
    const before = await countOf("scans");
    expect(await confirm(run, { digest })).toMatchObject({ status: 202, body: { state: "done" } });
    expect(await countOf("scans")).toBe(before);
  },
  testTimeoutMs,
);

test(
  "to a site that is not empty only what is named is added, and only while it is as it was previewed",
  async () => {
    // Something new stands in the old house, and something there is otherwise than here.
    const [first, second] = house.rfidpro.rows("items").map(({ tag_id }) => String(tag_id));
    house.rfidpro.control.change("items", (row) =>
      row.tag_id === first ? { ...row, tag_id: "0F0F0F0F0F0F0F0F0F0F0F0F" } : row,
    );
    house.rfidpro.control.change("items", (row) => (row.tag_id === second ? { ...row, quality: "C-" } : row));
    const id = await begin();
    expect(await ended(id)).toMatchObject({ verdict: "complete" });
    const before = await countOf("items");
    const { digest, needs, items, alreadyThere, rules } = await preview(id);
    // What an import has brought in is counted; what somebody here has made is listed, and does not drown in it.
    const counted = new Map(rules.map(({ rule, count }) => [rule, count]));
    expect(counted.get("there_already")).toBe(1);
    expect(counted.get("imported_already")).toBeGreaterThanOrEqual(before - 2);
    const listed = await product.call("GET", `/rfidpro/runs/${id}/import:export?format=csv`);
    expect(String(listed.body).match(/^there_already,/gm)).toHaveLength(1);
    expect(String(listed.body)).not.toMatch(/^imported_already,/m);
    expect({ needs, items, alreadyThere }).toEqual({ needs: ["items"], items: 1, alreadyThere: before });
    expect(await confirm(id, { digest })).toMatchObject({
      ...{ status: 409, body: { code: "rfidpro.site_not_empty" } },
    });
    const made = { tag: "NEWCOMER-1", class: "Chair" };
    expect(await product.call("POST", "/sites/north/items", made)).toMatchObject({ status: 201 });
    expect(await confirm(id, { digest, add: ["items"] })).toMatchObject({
      ...{ status: 409, body: { code: "rfidpro.preview_stale" } },
    });
    const again = await preview(id);
    expect(await confirm(id, { digest: again.digest, add: ["items"] })).toMatchObject({ status: 202 });
    expect(await imported(id)).toMatchObject({ state: "done", refused: 0 });
    expect(await countOf("items")).toBe(before + 2);
    // What was there is as it was: a difference tells it, and nothing applies it.
    const { body } = await product.call("GET", `/rfidpro/runs/${id}/differences?q=${second}`);
    const { data } = body as { data: RfidproDifference[] };
    expect(data.map(({ class: name, fields }) => [name, fields])).toContainEqual([
      "status_mismatch",
      ["quality"],
    ]);
    expect((await product.call("GET", `/sites/north/items/${second}`)).body).not.toMatchObject({
      quality: "C-",
    });
    run = id;
  },
  testTimeoutMs,
);

test(
  "differences are narrowed down, taken up, settled and opened again; the report is signed, and its bytes can be proven",
  async () => {
    const path = "/sites/north/rfidpro/differences";
    const list = async (query: string) => {
      const { status, body } = await product.call("GET", `${path}?${query}`);
      return { status, ...(body as { data: RfidproDifference[]; nextCursor: string | null }) };
    };
    const missing = await list("class=missing_from_rfid&limit=1");
    expect(missing).toMatchObject({ status: 200, data: [{ class: "missing_from_rfid", operations: {} }] });
    expect((await list("state=nothing")).status).toBe(400);
    const [{ id, version } = { id: "", version: 0 }] = missing.data;
    const act = (what: string, body?: object) => product.call("POST", `${path}/${id}:${what}`, body);
    expect(await act("acknowledge", { why: "I look" })).toMatchObject({
      ...{ status: 200, body: { state: "acknowledged", version: version + 1 } },
    });
    expect(await act("assign", {})).toMatchObject({ status: 400 });
    expect(await act("assign", { owner: "bob" })).toMatchObject({ status: 200, body: { owner: "bob" } });
    expect(await act("resolve", { resolution: "accepted_difference" })).toMatchObject({
      ...{ status: 200, body: { state: "resolved" } },
    });
    expect(await act("acknowledge")).toMatchObject({
      ...{ status: 409, body: { code: "rfidpro.difference_state" } },
    });
    expect(await act("reopen")).toMatchObject({ status: 200, body: { state: "open", reopened: 1 } });
    const one = await product.call("GET", `${path}/${id}`);
    const { history } = one.body as { history: { what: string }[] };
    expect(history.slice(0, 4).map(({ what }) => what)).toEqual([
      ...["reopened", "resolved", "assigned", "acknowledged"],
    ]);
    expect(await product.call("GET", `${path}/${newId()}`)).toMatchObject({ status: 404 });
    expect(await product.call("GET", "/sites/nowhere/rfidpro/differences")).toMatchObject({ status: 404 });

    const compared = await product.call("GET", `/rfidpro/runs/${run}/comparison`);
    expect(compared).toMatchObject({
      ...{ status: 200, body: { comparison: { run, isComplete: { items: true, transactions: true } } } },
    });
    const { hash } = compared.body as { hash: string };
    const signed = await product.call("POST", `/rfidpro/runs/${run}:sign`, { name: "Ann Example" });
    expect(signed).toMatchObject({ status: 200, body: { name: "Ann Example", hash } });
    const archive = await product.call("GET", "/rfidpro/archive");
    expect(archive).toMatchObject({ status: 200, body: { heads: [{ site: "north", number: 2 }] } });
    const { publicKey } = archive.body as { publicKey: string };
    for (const format of ["html", "csv"]) {
      const file = await fetch(`${product.http}/api/v1/rfidpro/runs/${run}/report?format=${format}`, {
        headers: { authorization: `Bearer ${product.key}` },
      });
      const bytes = Buffer.from(await file.arrayBuffer());
      const signature = Buffer.from(file.headers.get("tagwire-signature") ?? "", "base64url");
      const digest = createHash("sha256").update(bytes).digest();
      expect(file.headers.get("repr-digest")).toBe(`sha-256=:${digest.toString("base64")}:`);
      expect(verify(null, digest, createPublicKey(publicKey), signature), format).toBe(true);
      expect(bytes.toString()).toContain("Ann Example");
      expect(bytes.toString()).toContain(hash);
    }
    const uncompared = await begin({ compare: false, datasets: ["classes"], import: false });
    await ended(uncompared);
    for (const what of ["comparison", "report"])
      expect(await product.call("GET", `/rfidpro/runs/${uncompared}/${what}`)).toMatchObject({
        ...{ status: 409, body: { code: "rfidpro.not_compared" } },
      });
    expect(await product.call("POST", `/rfidpro/runs/${uncompared}:preview-import`)).toMatchObject({
      ...{ status: 409, body: { code: "rfidpro.not_importable" } },
    });
    const wrong = { site: "north", import: true, incremental: true };
    expect(await product.call("POST", "/rfidpro/runs", wrong)).toMatchObject({ status: 400 });
  },
  testTimeoutMs,
);

/** Runs `tagwire rfidpro` with words, with nothing but these settings. */
const tagwire = (
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly out: string }> =>
  new Promise((done) => {
    const program = resolve(import.meta.dirname, "../local/rfidpro.ts");
    const access = ["--url", product.http, "--key-file", join(folder, "key")];
    const options = { env: { ...plainEnvironment(), ...env } };
    execFile(process.execPath, [program, ...words, ...access], options, (error, out, err) =>
      done({ code: typeof error?.code === "number" ? error.code : 0, out: out + err }),
    );
  });

test(
  "the archive in a bucket holds what was cut off and gone on with, and is verified from the command line by its settings alone",
  async () => {
    await writeFile(join(folder, "key"), product.key);
    const whole = await tagwire(["verify-archive", "--bucket"], bucketEnv);
    expect(whole).toMatchObject({
      code: 0,
      out: expect.stringContaining("all is as it was archived, 3 runs"),
    });
    expect(whole.out).not.toContain("could not be asked");
    expect(await tagwire(["verify-archive", "--bucket"])).toMatchObject({
      ...{ code: 1, out: expect.stringContaining("RFIDPRO_S3_") },
    });
    expect(await tagwire(["verify-archive", folder, "--bucket"], bucketEnv)).toMatchObject({ code: 2 });
    const again = await tagwire(["pull", "--site", "north", "--datasets", "transactions", "--incremental"]);
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining("that RFIDpro took since") });
    const unknown = await tagwire(["pull", "--site", "nowhere"]);
    expect(unknown).toMatchObject({ code: 1, out: expect.stringContaining("site_unknown") });

    const day = (await runOf(run)).startedAt.slice(0, 10).replaceAll("-", "/");
    const raw = `rfidpro/north/${day}/${run}/items-raw-00001.ndjson.gz`;
    bucket.overwrite(raw, Buffer.from("another"));
    const spoilt = await tagwire(["verify-archive", "--bucket", "--json"], bucketEnv);
    expect(spoilt.code).toBe(3);
    expect(JSON.parse(spoilt.out)).toMatchObject({ faults: [{ code: "changed", path: raw }], notes: [] });
  },
  testTimeoutMs,
);
