import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Fault, LiveDelta, RfidproRun } from "@tagwire/messages";
import { liveSubject } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openFolder } from "../archive/folder.ts";
import { folderOf, type Manifest } from "../archive/manifest.ts";
import { verifyArchive } from "../archive/verify.ts";
import { getImportableRun } from "../store/importable-run.ts";
import { findManifest } from "../store/manifests.ts";
import { findDatasets } from "../store/pulled-datasets.ts";
import { forgetOldRows } from "../store/staged-rows.ts";
import { cancelRun } from "./runs.ts";
import { continuedMax, takeUp } from "./take-up.ts";
import { die, openTestService, proofOf, runOf, runWhole, type TestProcess, wish } from "./test-service.ts";
import { endLostRun } from "./upkeep.ts";

const hourMs = 3_600_000;

const endOfRun = (process: TestProcess, id: string): Promise<RfidproRun> =>
  eventually("the run has ended", async () => {
    const now = await runOf(process, id);
    return now?.state === "done" ? now : undefined;
  });

const linesOf = async (file: string): Promise<unknown[]> =>
  gunzipSync(await readFile(file))
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("a pull reads everything once, stages and archives it, tells how far it is, and says in words how it ended", async () => {
  await using service = await openTestService();
  const one = await service.open();
  const told: LiveDelta[] = [];
  one.bus.connection.subscribe(liveSubject("north", "rfidpro"), {
    callback: (_error, message) => void told.push(message.json<LiveDelta>()),
  });
  await one.bus.connection.flush();
  const run = await runWhole(one);

  const counts = {
    classes: service.fake.rows("classes").length,
    items: service.fake.rows("items").length,
    transactions: service.fake.rows("transactions").length,
  };
  expect(run).toMatchObject({ state: "done", verdict: "complete", by: "ann" });
  expect(run.why).toBe(
    `Complete: ${counts.classes} rental classes, ${counts.items} items and ${counts.transactions} scans were read, each once. Nothing was changed in RFIDpro.`,
  );
  const staged = await one.sql<{ dataset: string; rows: number; identities: number }[]>`
    select dataset, count(*)::int as rows, count(distinct identity)::int as identities
    from staged_row where run = ${run.id} group by 1 order by 1`;
  expect(staged).toEqual(
    Object.entries(counts).map(([dataset, rows]) => ({ dataset, rows, identities: rows })),
  );
  // Each position once, from the first to the last word.
  await eventually("its end is told", () =>
    told.some(({ changes }) => JSON.stringify(changes).includes("Complete")),
  );
  expect(told.map(({ prev }) => prev)).toEqual(told.map((_, index) => index));

  expect(service.fake.writes()).toEqual([]);
  const methods = service.fake
    .requests()
    .map(({ method, path }) => (method === "GET" ? "GET" : `${method} ${path}`));
  expect(methods.filter((method) => method !== "GET")).toEqual(["POST /api/v1/login"]);
});

test("what is archived is what came over the wire, and what was made of it, under a manifest that is signed and kept", async () => {
  await using service = await openTestService();
  const one = await service.open();
  const run = await runWhole(one);
  const kept = await findManifest(one.sql, run.id);
  const folder = join(service.archiveDir, kept?.folder ?? "");
  expect(await readFile(join(folder, "manifest.json"), "utf8")).toBe(kept?.body);
  expect(run.manifest).toBe(kept?.sha256);
  const manifest = JSON.parse(kept?.body ?? "") as Manifest;
  expect(manifest).toMatchObject({
    ...{ site: "north", number: 1, previous: null, run: run.id, by: "ann", verdict: "complete" },
    ...{ source: service.fake.dataUrl, timeZone: "America/Chicago" },
  });
  expect(kept?.body).not.toContain(service.fake.password);

  const pages = (await linesOf(join(folder, "items-raw-00001.ndjson.gz"))) as { body: string }[];
  const raw = pages.flatMap(({ body }) => (JSON.parse(body) as { data: { tag_id: string }[] }).data);
  const tags = service.fake.rows("items").map((row) => String(row.tag_id));
  // The second answer begins with the last two rows of the first, and no row comes twice otherwise.
  expect([...new Set(raw.map((row) => row.tag_id))].toSorted()).toEqual(tags.toSorted());
  expect(raw).toHaveLength(tags.length + 2);
  const rows = await linesOf(join(folder, "items-rows-00001.ndjson.gz"));
  expect(rows).toHaveLength(tags.length);
  expect(manifest.datasets.find(({ dataset }) => dataset === "items")?.pageSha256).toHaveLength(pages.length);

  expect(await verifyArchive(openFolder(service.archiveDir), await proofOf(one))).toMatchObject({
    ...{ manifests: 1, faults: [] },
  });
  const keyFile = join(dirname(service.archiveDir), "rfidpro-signing-key.pem");
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
});

test("one run of a site at a time, over all processes; the same one again is no second one", async () => {
  await using service = await openTestService();
  const [one, other] = [await service.open({ requestsPerSecond: 3 }), await service.open()];
  const asked = wish();
  const run = await one.runs.begin(asked);
  expect(await other.runs.begin(asked)).toMatchObject({ id: run.id });
  await expect(other.runs.begin(wish({ by: "bob" }))).rejects.toMatchObject({ code: "rfidpro.running" });
  await expect(other.runs.begin({ ...asked, compare: true })).rejects.toMatchObject({ code: "id_reused" });
  // Another site is nobody's business.
  expect(await runWhole(other, { site: "south" })).toMatchObject({ verdict: "complete" });
  await cancelRun(other, run.id, "bob");
  await one.runs.ended(run.id);
  expect(await runWhole(other)).toMatchObject({ verdict: "complete" });

  // Two sites of one account, pulled by two processes at once, ask as often as one of them may.
  const requestsPerSecond = 20;
  const pair = [
    await service.open({ requestsPerSecond }, true, true),
    await service.open({ requestsPerSecond }, true, true),
  ];
  const before = service.fake.requests().length;
  const beganMs = performance.now();
  const whole = await Promise.all(
    pair.map((process, at) => runWhole(process, { site: `east${at}`, datasets: ["classes", "items"] })),
  );
  expect(whole.map(({ verdict }) => verdict)).toEqual(["complete", "complete"]);
  const questions = service.fake.requests().length - before;
  expect(questions).toBeGreaterThan(20);
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(
    ((questions - 1) * 1_000) / requestsPerSecond - 5,
  );

  // Many at the same moment, from a service, a second one and a one-shot: one of them has it, and the others are told who.
  const shot = await service.open({ requestsPerSecond: 3 }, false);
  const slow = await service.open({ requestsPerSecond: 3 });
  for (let round = 0; round < 3; round += 1) {
    const people = [shot, one, slow].flatMap((process, at) =>
      Array.from({ length: 8 }, (_, number) => ({ process, asked: wish({ by: `person ${at}.${number}` }) })),
    );
    const begun = await Promise.allSettled(people.map(({ process, asked }) => process.runs.begin(asked)));
    const winners = begun.flatMap((one, at) => (one.status === "fulfilled" ? (people[at] ?? []) : []));
    expect(winners).toHaveLength(1);
    const [{ process, asked }] = winners as [(typeof people)[number]];
    const told = begun.flatMap((one) => (one.status === "rejected" ? [one.reason as Fault] : []));
    expect(new Set(told.map(({ code, detail }) => `${code} ${detail}`))).toEqual(
      new Set([`rfidpro.running ${asked.id}, begun by ${asked.by}`]),
    );
    const [going] = await one.sql<[object]>`
      select count(*)::int as runs, min(id::text) as id from run where site = 'north' and state = 'running'`;
    expect(going).toEqual({ runs: 1, id: asked.id });
    await cancelRun(other, asked.id, "bob");
    await process.runs.ended(asked.id);
  }
});

test("a person ends a run from another process, and everybody is told who", async () => {
  await using service = await openTestService();
  const [one, other] = [await service.open({ requestsPerSecond: 3 }), await service.open()];
  const { id } = await one.runs.begin(wish());
  expect(await cancelRun(other, id, "bob")).toMatchObject({
    state: "running",
    why: expect.stringContaining("bob"),
  });
  expect(await one.runs.ended(id)).toMatchObject({
    ...{ state: "cancelled", verdict: "partial", why: expect.stringContaining("Cancelled by bob") },
  });
  // It is in the archive as what it was, and an end cannot be cancelled.
  expect(JSON.parse((await findManifest(one.sql, id))?.body ?? "")).toMatchObject({ state: "cancelled" });
  expect(await cancelRun(other, id, "cid")).toMatchObject({ state: "cancelled" });
  expect(await verifyArchive(openFolder(service.archiveDir), await proofOf(one))).toMatchObject({
    faults: [],
  });
});

/** Waits until so many answers of a run are kept. */
const pagesOf = ({ sql }: TestProcess, id: string, atLeast: number) =>
  eventually("it has read some pages", async () => {
    const [row] = await sql<
      [{ pages: number }]
    >`select count(*)::int as pages from pulled_page where run = ${id}`;
    return row.pages >= atLeast;
  });

test("a run whose process is gone is gone on with where it stood: nothing is asked twice, and all of it is staged and archived", async () => {
  await using service = await openTestService({ scale: 0.06 });
  const [one, other] = [await service.open({ requestsPerSecond: 12 }), await service.open()];
  const { id } = await one.runs.begin(wish({ datasets: ["classes", "items"] }));
  const ending = one.runs.ended(id);
  await pagesOf(one, id, 3);
  await die(other, id);
  // Whoever wants another one meanwhile is told that this one goes on.
  await expect(other.runs.begin(wish())).rejects.toMatchObject({ code: "rfidpro.running" });
  const run = await eventually("it has ended", async () => {
    const now = await runOf(other, id);
    return now?.state === "done" ? now : undefined;
  });
  expect(run).toMatchObject({ verdict: "complete", continued: 1, datasets: [{ passes: 1 }, { passes: 1 }] });
  expect(run.why).toContain("It was cut off once, and gone on with where it stood.");
  // Whoever lost it touches nothing of what another goes on with.
  await ending;
  expect(await runOf(one, id)).toEqual(run);

  // The second page of the items was kept before the cut.
  const second = service.fake
    .requests()
    .filter(({ path, query }) => path.endsWith(service.fake.datasets.items) && /offset=198(&|$)/.test(query));
  expect(second).toHaveLength(1);
  const manifest = JSON.parse((await findManifest(one.sql, id))?.body ?? "") as Manifest;
  const folder = join(service.archiveDir, (await findManifest(one.sql, id))?.folder ?? "");
  for (const dataset of ["classes", "items"] as const) {
    const rows = service.fake.rows(dataset).length;
    const [staged] = await one.sql<[object]>`
      select count(*)::int as rows, count(distinct identity)::int as identities, max(seq) + 1 as last
      from staged_row where run = ${id} and dataset = ${dataset}`;
    expect(staged).toEqual({ rows, identities: rows, last: rows });
    const answers = (await linesOf(join(folder, `${dataset}-raw-00001.ndjson.gz`))) as { offset: number }[];
    expect(answers.map(({ offset }) => offset)).toEqual(
      Array.from({ length: Math.max(1, Math.ceil((rows - 2) / 198)) }, (_, page) => page * 198),
    );
    const told = manifest.datasets.find((of) => of.dataset === dataset);
    expect(told).toMatchObject({ rows, pages: answers.length, pageSha256: { length: answers.length } });
  }
  expect(await verifyArchive(openFolder(service.archiveDir), await proofOf(one))).toMatchObject({
    faults: [],
  });
  const [left] = await one.sql<[object]>`select count(*)::int as pages from pulled_page`;
  expect(left).toEqual({ pages: 0 });
});

test("a data set that was read whole stays whole, also where its process died before it could say so", async () => {
  await using service = await openTestService();
  const [one, other] = [await service.open(), await service.open()];
  service.fake.control.faults.add({ act: "silent", on: { set: "items" }, times: 999 });
  const { id, datasets } = await one.runs.begin(wish({ datasets: ["classes", "items"] }));
  await eventually(
    "the classes are read",
    async () => (await findDatasets(one.sql, id)).get("classes")?.outcome != null,
  );
  await die(other, id);
  await one.runs.ended(id);
  service.fake.control.faults.clear();
  await one.sql`update run set run = run || ${JSON.stringify({ datasets })}::text::jsonb where id = ${id}`;
  await expect(other.runs.begin(wish())).rejects.toMatchObject({ code: "rfidpro.running" });
  expect(await endOfRun(other, id)).toMatchObject({
    verdict: "complete",
    datasets: [{ dataset: "classes", verdict: "complete", why: null }, { verdict: "complete" }],
  });
});

test("a process that slept, and takes its own run up beside what it did before, keeps each row once", async () => {
  await using service = await openTestService({ scale: 0.06 });
  const one = await service.open({ requestsPerSecond: 12 });
  const { id } = await one.runs.begin(wish({ datasets: ["items"] }));
  await pagesOf(one, id, 2);
  await eventually("it has taken its own run up", async () => {
    await one.sql`update run set owned_until = now() - interval '1 s' where id = ${id} and state = 'running'`;
    await one.runs.begin(wish()).catch(() => undefined);
    return ((await runOf(one, id))?.continued ?? 0) > 0;
  });
  const run = await endOfRun(one, id);
  expect(run).toMatchObject({ verdict: "complete", datasets: [{ passes: 1, verdict: "complete" }] });
  const rows = service.fake.rows("items").length;
  const [staged] = await one.sql<[object]>`
    select count(*)::int as rows, count(distinct identity)::int as identities from staged_row where run = ${id}`;
  expect(staged).toEqual({ rows, identities: rows });
  await one.runs.stop();
  expect(await runOf(one, id)).toEqual(run);
  expect(await verifyArchive(openFolder(service.archiveDir), await proofOf(one))).toMatchObject({
    ...{ manifests: 1, faults: [] },
  });
});

test("a process that died while it forgot an earlier pass leaves a pass that is begun anew", async () => {
  await using service = await openTestService({ scale: 0.06 });
  const [one, other] = [await service.open({ requestsPerSecond: 12 }), await service.open()];
  const { id } = await one.runs.begin(wish({ datasets: ["items"] }));
  await pagesOf(one, id, 2);
  await die(other, id);
  await one.runs.ended(id);
  await other.sql`delete from staged_row where run = ${id} and seq < 100`;
  await expect(other.runs.begin(wish())).rejects.toMatchObject({ code: "rfidpro.running" });
  const run = await eventually("it has ended", async () => {
    const now = await runOf(other, id);
    return now?.state === "done" ? now : undefined;
  });
  expect(run).toMatchObject({ verdict: "complete", datasets: [{ passes: 2 }] });
  const rows = service.fake.rows("items").length;
  const [staged] = await one.sql<[object]>`
    select count(*)::int as rows, min(seq) as first, max(seq) + 1 as last from staged_row where run = ${id}`;
  expect(staged).toEqual({ rows, first: 0, last: rows });
});

test("a run that ends its processes again and again is ended with words, and so is one with which nobody can go on", async () => {
  await using service = await openTestService();
  const [one, idle] = [await service.open({ requestsPerSecond: 3 }), await service.open({}, false)];
  const { id, startedAt } = await one.runs.begin(wish());
  // As a process leaves it that dies between its files and its manifest.
  const folder = join(service.archiveDir, folderOf({ site: "north", startedAt, run: id }));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "classes-raw-00001.ndjson.gz"), "");
  await one.sql`update run set run = run || ${JSON.stringify({ continued: continuedMax })}::text::jsonb where id = ${id}`;
  await die(one, id);
  expect(await takeUp({ ...one.options, owner: "another" }, { id, site: "north" })).toBeUndefined();
  await endLostRun(one.options, { id, site: "north" });
  expect(await runOf(one, id)).toMatchObject({
    ...{ state: "done", verdict: "failed", manifest: null, why: expect.stringContaining("died") },
  });
  await one.runs.ended(id);
  await one.runs.stop();

  // A one-shot goes on with nothing: it ends what is in its way, and reads anew.
  const [two] = [await service.open({ requestsPerSecond: 3 }, false)];
  const second = await two.runs.begin(wish());
  await die(idle, second.id);
  expect(await runWhole(idle)).toMatchObject({ verdict: "complete" });
  expect(await runOf(idle, second.id)).toMatchObject({ state: "done", verdict: "failed" });
  await two.runs.ended(second.id);
  expect(await verifyArchive(openFolder(service.archiveDir), await proofOf(one))).toMatchObject({
    faults: [],
  });
});

test("of the scans those alone are read that RFIDpro took since they were read last, and an hour before, where it honours that", async () => {
  const clock = Date.parse("2026-05-20T20:00:00Z");
  await using service = await openTestService({ clock });
  const one = await service.open();
  const incremental = { incremental: true, datasets: ["transactions"] as const };
  const windowOf = async (run: RfidproRun) =>
    (JSON.parse((await findManifest(one.sql, run.id))?.body ?? "") as Manifest).datasets[0]?.window;
  // It was never read, so all of it is.
  const first = await runWhole(one, incremental);
  expect(first.datasets[0]).toMatchObject({ rows: service.fake.rows("transactions").length, since: null });
  const until = (await windowOf(first))?.until ?? "";

  service.fake.control.advance(3 * hourMs);
  const created = new Date(Date.parse(until) + hourMs).toISOString().slice(0, 19).replace("T", " ");
  const late = { ...service.fake.rows("transactions")[0], tag_id: "LATE1", date_created: created };
  service.fake.control.upload([{ arrivesAtMs: clock, row: late }]);
  const since = new Date(Date.parse(until) - hourMs).toISOString();
  const second = await runWhole(one, incremental);
  expect(second).toMatchObject({ verdict: "complete", incremental: true, datasets: [{ since }] });
  expect(second.why).toContain(`that RFIDpro took since ${since.slice(0, 16).replace("T", " ")} UTC`);
  const staged = await one.sql<{ tag: string }[]>`select tag from staged_row where run = ${second.id}`;
  expect(staged.map(({ tag }) => tag)).toContain("LATE1");
  expect(staged.length).toBeLessThan(service.fake.rows("transactions").length / 4);
  expect(await windowOf(second)).toMatchObject({ since });
  await expect(getImportableRun(one.sql, second.id)).rejects.toMatchObject({
    code: "rfidpro.not_importable",
  });

  // What does not honour it is read whole, and says so.
  service.fake.control.honours({ filter: "refused" });
  const third = await runWhole(one, incremental);
  expect(third).toMatchObject({ verdict: "complete", datasets: [{ since: null }] });
  // Whoever asks for all of it gets all of it.
  service.fake.control.honours({ filter: "honoured" });
  expect(await runWhole(one, { datasets: ["transactions"] })).toMatchObject({ datasets: [{ since: null }] });
});

test("a run whose process died when all was kept has ended as it did", async () => {
  await using service = await openTestService();
  const one = await service.open();
  const run = await runWhole(one, { datasets: ["classes"] });
  // It could not even say that it had read everything.
  const datasets = run.datasets.map((one) => ({ ...one, rows: 0, total: null, pages: 0, verdict: null }));
  const before = { ...run, datasets, state: "running", verdict: null, why: null, endedAt: null };
  await one.sql`
    update run set state = 'running', owned_until = now() - interval '1 s', run = ${JSON.stringify(before)}::text::jsonb`;
  const asked = service.fake.requests().length;
  const end = () =>
    eventually("it has ended", async () => {
      const now = await runOf(one, run.id);
      return now?.state === "done" ? now : undefined;
    });
  // Whoever goes on with it, or ends it, says what it came to.
  expect(await end()).toMatchObject({ verdict: "complete", why: run.why, datasets: run.datasets });
  await one.sql`
    update run set state = 'running', owned_until = now() - interval '1 s', run = ${JSON.stringify(before)}::text::jsonb`;
  await endLostRun(one.options, run);
  expect(await end()).toMatchObject({ verdict: "complete", why: run.why, datasets: run.datasets });
  expect(service.fake.requests().length).toBe(asked);
  expect(await verifyArchive(openFolder(service.archiveDir), await proofOf(one))).toMatchObject({
    faults: [],
  });
});

test("a service that is stopped gives its run to the next one, which goes on at once", async () => {
  await using service = await openTestService();
  const one = await service.open({ requestsPerSecond: 3 });
  const { id } = await one.runs.begin(wish());
  await one.runs.stop();
  expect(await runOf(one, id)).toMatchObject({
    ...{ state: "running", verdict: null, why: expect.stringContaining("started again") },
  });
  const next = await service.open();
  const run = await eventually("it has ended", async () => {
    const now = await runOf(next, id);
    return now?.state === "done" ? now : undefined;
  });
  expect(run).toMatchObject({ verdict: "complete", continued: 1 });
});

test("a one-shot that is stopped ends its run as incomplete, and archives what it has", async () => {
  await using service = await openTestService();
  const [one, other] = [await service.open({ requestsPerSecond: 3 }, false), await service.open({}, false)];
  const { id } = await one.runs.begin(wish());
  await one.runs.stop();
  expect(await runOf(other, id)).toMatchObject({
    ...{ state: "done", verdict: "partial", why: expect.stringContaining("stopped") },
    manifest: expect.any(String),
  });
});

test("of a data set that was read anew only the last pass counts, and every answer is archived", async () => {
  await using service = await openTestService();
  const one = await service.open();
  // RFIDpro counts other than it did before, on its second page: what was read until then is void.
  service.fake.control.faults.add({ act: "count", by: 1, on: { set: "items", offset: 198 } });
  const run = await runWhole(one, { datasets: ["items"] });
  expect(run).toMatchObject({ verdict: "complete", datasets: [{ passes: 2 }] });
  const items = service.fake.rows("items").length;
  const [staged] = await one.sql<[{ rows: number; first: number; last: number }]>`
    select count(*)::int as rows, min(seq) as first, max(seq) as last from staged_row where run = ${run.id}`;
  expect(staged).toEqual({ rows: items, first: 0, last: items - 1 });
  const folder = join(service.archiveDir, (await findManifest(one.sql, run.id))?.folder ?? "");
  expect(await linesOf(join(folder, "items-rows-00001.ndjson.gz"))).toHaveLength(items);
  const answers = (await linesOf(join(folder, "items-raw-00001.ndjson.gz"))) as { pass: number }[];
  expect(new Set(answers.map(({ pass }) => pass))).toEqual(new Set([1, 2]));
});

test("RFIDpro that fails is never an empty house: the run says what was not read", async () => {
  await using service = await openTestService();
  const one = await service.open();
  service.fake.control.faults.add({ act: "status", status: 500, on: { set: "items" }, times: 1_000 });
  const run = await runWhole(one);
  expect(run).toMatchObject({ state: "done", verdict: "partial" });
  expect(run.why).toMatch(
    /^Not complete: what is missing in it is no news\. Of items, 0 were read: .+ Nothing was changed/,
  );
});

test("where the settings are missing a run is refused, and they are named", async () => {
  await using service = await openTestService({ isConfigured: false });
  const { runs } = await service.open();
  await expect(runs.begin(wish())).rejects.toMatchObject({
    code: "rfidpro.not_configured",
    detail: expect.stringContaining("RFIDPRO_PASSWORD"),
  });
});

test("rows that were staged long ago are forgotten, those of the newest complete run never", async () => {
  await using service = await openTestService();
  const one = await service.open();
  const few = { datasets: ["classes"] } as const;
  const runs = [await runWhole(one, few), await runWhole(one, few)];
  await one.sql`update run set started_at = started_at - interval '40 days'`;
  await forgetOldRows(one.sql, 7);
  const left = await one.sql<{ run: string }[]>`select distinct run from staged_row`;
  expect(left.map(({ run }) => run)).toEqual([runs[1]?.id]);
});
