import { copyFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inTransaction } from "@tagwire/store";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openFolder } from "../archive/folder.ts";
import type { ArchivePlace } from "../archive/place.ts";
import { verifyArchive } from "../archive/verify.ts";
import { addManifest, findManifest } from "../store/manifests.ts";
import { findRun, holdSite } from "../store/runs.ts";
import { clearUnkept } from "./archive-run.ts";
import { die, openTestService, proofOf, runOf, runWhole, type TestProcess, wish } from "./test-service.ts";
import { clearLeft, endLostRun, layManifests, letOldRunsGo } from "./upkeep.ts";

/* How runs come into the archive, and stay whole there whatever happens to it and to those that write. */

/** Makes a process write its archive another way from now on. */
const changePlace = (
  { options }: TestProcess,
  change: (place: ArchivePlace) => Partial<ArchivePlace>,
): void => {
  if (!("archive" in options.context)) throw new Error("no archive");
  const { archive } = options.context;
  const place = { ...archive.place, ...change(archive.place) };
  Object.assign(options.context, { archive: { ...archive, place } });
};

/** Two processes that wait for each other, on a machine that does other things besides. */
const sleepTimeoutMs = 180_000;

/** One data set is as good as all of them where it is about the archive. */
const few = { datasets: ["classes"] } as const;

test.each(["before", "after"] as const)(
  "a process that falls asleep in its archiving, %s a file is there, and wakes when another has archived the run, harms nothing of it",
  async (when) => {
    await using service = await openTestService();
    // One that sleeps looks after nobody, its own lost run included.
    const [one, other] = [await service.open({}, false), await service.open()];
    const asleep = Promise.withResolvers<void>();
    const woken = Promise.withResolvers<void>();
    let puts = 0;
    changePlace(one, ({ put }) => ({
      put: async (path, file) => {
        puts += 1;
        if (puts !== 2) return put(path, file);
        if (when === "after") await put(path, file);
        asleep.resolve();
        await woken.promise;
        if (when === "before") await put(path, file);
      },
    }));
    const { id } = await one.runs.begin(wish({ datasets: ["classes", "items"] }));
    const ending = one.runs.ended(id);
    // One that ended before it came so far would never fall asleep.
    const early = ending.then((run) => Promise.reject(new Error(`it ended: ${run?.why}`)));
    await Promise.race([asleep.promise, early]);
    await die(other, id);
    await expect(other.runs.begin(wish())).rejects.toMatchObject({ code: "rfidpro.running" });
    const look = async () => {
      const now = await runOf(other, id);
      return now?.state === "done" ? now : undefined;
    };
    const run = await eventually("another has archived it", look, sleepTimeoutMs);
    expect(run).toMatchObject({ verdict: "complete", continued: 1 });
    woken.resolve();
    await ending;
    expect(await runOf(other, id)).toEqual(run);
    const report = await verifyArchive(openFolder(service.archiveDir), await proofOf(other));
    expect(report).toMatchObject({ manifests: 1, files: 6, faults: [] });
  },
  sleepTimeoutMs,
);

test("an archive whose folder is in nobody's reach makes a run fail, which ends all the same", async () => {
  await using service = await openTestService();
  const one = await service.open();
  changePlace(one, () => ({
    spool: () => Promise.reject(Object.assign(new Error("gone"), { code: "EIO" })),
  }));
  expect(await runWhole(one, few)).toMatchObject({ verdict: "failed", why: expect.stringContaining("EIO") });
});

test("an archive of which the key was lost takes no more runs, which are told why; the service goes on", async () => {
  await using service = await openTestService();
  const whole = await runWhole(await service.open(), few);
  await rm(join(dirname(service.archiveDir), "rfidpro-signing-key.pem"));
  const { runs, sql } = await service.open();
  await expect(runs.begin(wish())).rejects.toMatchObject({
    code: "rfidpro.not_configured",
    detail: expect.stringContaining("signed with another key"),
  });
  expect((await findRun(sql, whole.id))?.run.verdict).toBe("complete");
});

test("an archive that cannot be written makes a run fail, which says so; what is archived stays whole", async () => {
  await using service = await openTestService();
  const one = await service.open();
  const first = await runWhole(one, few);
  changePlace(one, ({ put }) => ({
    put: async (path, file) => {
      if (path.includes("items-rows")) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      await put(path, file);
    },
  }));
  const run = await runWhole(one, { datasets: ["items"] });
  expect(run).toMatchObject({ verdict: "failed", manifest: null, why: expect.stringContaining("ENOSPC") });
  const report = await verifyArchive(openFolder(service.archiveDir), await proofOf(one));
  expect(report).toMatchObject({ manifests: 1, faults: [] });
  expect((await findRun(one.sql, first.id))?.run.verdict).toBe("complete");
});

test("what a run leaves in an archive that went away while it wrote is taken away once that is back, and what was archived stays", async () => {
  await using service = await openTestService();
  const one = await service.open();
  const { sql, options } = one;
  const { archive } = options;
  if (archive === undefined) throw new Error("no archive");
  const faults = async () => (await verifyArchive(archive.place, await proofOf(one))).faults;
  const first = await runWhole(one, few);
  let isAway = false;
  let isStored = false;
  const unlessAway =
    <Given extends unknown[], T>(work: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<T> => {
      if (isAway) throw new Error("the bucket is away");
      return work(...given);
    };
  const flaky = (place: ArchivePlace): Partial<ArchivePlace> => ({
    has: unlessAway(place.has),
    remove: unlessAway(place.remove),
    put: async (path, file) => {
      if (!path.includes("items-rows")) return place.put(path, file);
      isAway = true;
      if (isStored) await place.put(path, file);
      throw new Error("the bucket is away");
    },
  });
  changePlace(one, flaky);
  const flakyArchive = { ...archive, place: { ...archive.place, ...flaky(archive.place) } };
  Object.assign(options, { archive: flakyArchive });
  const due = () => sql`update run set clear_at = now() where run->>'manifest' is null`;
  for (isStored of [false, true]) {
    isAway = false;
    const run = await runWhole(one, { datasets: ["items"] });
    expect(run).toMatchObject({ verdict: "failed", why: expect.stringContaining("the bucket is away") });
    const path = expect.stringContaining(`${run.id}/manifest.json`);
    expect(await faults()).toEqual([expect.objectContaining({ code: "missing", path })]);
    await due();
    await clearLeft(options, flakyArchive);
    expect(await faults()).toHaveLength(1);
    const soon = await sql`select from run where id = ${run.id} and clear_at < now() + interval '5 min'`;
    expect(soon).toHaveLength(1);
    isAway = false;
    await due();
    await clearLeft(options, flakyArchive);
    expect(await faults()).toEqual([]);
  }
  // Looked at once more, and then no more.
  const left = () =>
    sql`select clear_at > now() + interval '50 min' as later from run where clear_at is not null`;
  expect(await left()).toEqual([{ later: true }, { later: true }]);
  await sql`update run set run = jsonb_set(run, '{endedAt}', '"2026-01-01T00:00:00.000Z"')`;
  await due();
  await clearLeft(options, flakyArchive);
  expect(await left()).toEqual([]);
  // A database that was set back knows nothing of a run that was archived.
  await sql`delete from manifest`;
  await sql`update run set clear_at = now()`;
  await clearLeft(options, flakyArchive);
  expect(await verifyArchive(archive.place)).toMatchObject({ manifests: 1, faults: [] });
  expect((await findRun(sql, first.id))?.run.verdict).toBe("complete");
});

test("what a process lays into the archive that slept until its run was ended and cleared is taken away, too", async () => {
  await using service = await openTestService();
  const [one, other] = [await service.open({}, false), await service.open({}, false)];
  const asleep = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  changePlace(one, ({ put }) => ({
    put: async (path, file) => {
      if (!path.includes("items-rows")) return put(path, file);
      // As what is on its way to a bucket, which nobody takes back on this side.
      const sent = `${service.archiveDir}-sent`;
      await copyFile(file, sent);
      asleep.resolve();
      await woken.promise;
      await put(path, sent);
    },
  }));
  const { id } = await one.runs.begin(wish({ datasets: ["items"] }));
  const ending = one.runs.ended(id);
  const early = ending.then((run) => Promise.reject(new Error(`it ended: ${run?.why}`)));
  await Promise.race([asleep.promise, early]);
  await die(other, id);
  await endLostRun(other.options, { id, site: "north" });
  const { archive } = other.options;
  if (archive === undefined) throw new Error("no archive");
  const faults = async () => (await verifyArchive(archive.place, await proofOf(other))).faults;
  expect(await faults()).toEqual([]);
  woken.resolve();
  await ending;
  await clearLeft(other.options, archive);
  expect(await faults()).toEqual([]);
  expect(await runOf(other, id)).toMatchObject({ verdict: "failed", manifest: null });
});

test("nothing is taken away of which a manifest is being kept, nor of a run that goes over to another", async () => {
  await using service = await openTestService();
  const one = await service.open({}, false);
  const { sql, options } = one;
  const { archive } = options;
  if (archive === undefined) throw new Error("no archive");
  const run = await runWhole(one, few);
  const kept = await findManifest(sql, run.id);
  if (kept === undefined) throw new Error("no manifest");
  // As it was when all files were there and its manifest was not kept.
  await archive.place.remove(`${kept.folder}/manifest.json`);
  await sql`delete from manifest`;
  await sql`update run set state = 'running', owner = 'one' where id = ${run.id}`;
  const filesOf = async () => {
    const paths: string[] = [];
    for await (const { path } of archive.place.list(kept.folder)) paths.push(path);
    return paths.toSorted();
  };
  const files = await filesOf();
  expect(files).toHaveLength(2);

  // The word to keep it is on its way, and whoever sent it has lost the connection and takes back what failed.
  let clearing: Promise<boolean> | undefined;
  await inTransaction(sql, async (transaction) => {
    await holdSite(transaction, "north");
    await addManifest(transaction, { ...kept, endedAt: run.endedAt ?? "" });
    clearing = clearUnkept(sql, archive.place, run, "one");
    await eventually("it waits for its turn, or has cleared", async () => {
      const { count } = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return count > 0 || (await filesOf()).length === 0;
    });
  });
  expect(await clearing).toBe(false);
  expect(await filesOf()).toEqual(files);

  // One that sleeps once it has listed them finds that another goes on.
  await sql`delete from manifest`;
  const owned = (owner: string) => sql`update run set owner = ${owner} where id = ${run.id}`;
  const sleepy: ArchivePlace = {
    ...archive.place,
    list: async function* (folder) {
      yield* archive.place.list(folder);
      await owned("another");
    },
  };
  expect(await clearUnkept(sql, sleepy, run, "one")).toBe(false);
  expect(await filesOf()).toEqual(files);

  // Nobody can keep a manifest or go on with it while one of them is taken away.
  await owned("one");
  const held: string[] = [];
  const watched: ArchivePlace = {
    ...archive.place,
    remove: async (path) => {
      const taken = sql`select from pulled_site where site = 'north' for update nowait`;
      held.push(
        await taken.then(
          () => "free",
          ({ code }: { code: string }) => code,
        ),
      );
      await archive.place.remove(path);
    },
  };
  expect(await clearUnkept(sql, watched, run, "one")).toBe(true);
  expect([held, await filesOf()]).toEqual([["55P03", "55P03"], []]);
});

test("a manifest that could not be laid into the archive is laid there later", async () => {
  await using service = await openTestService();
  const one = await service.open();
  const run = await runWhole(one, few);
  const { archive } = one.options;
  if (archive === undefined) throw new Error("no archive");
  const path = `${(await findManifest(one.sql, run.id))?.folder}/manifest.json`;
  // As a process leaves it that dies between keeping the manifest and laying it down.
  await archive.place.remove(path);
  await one.sql`update manifest set sealed = false`;
  expect((await verifyArchive(archive.place, await proofOf(one))).faults).not.toEqual([]);
  await layManifests(one.options, archive);
  expect((await verifyArchive(archive.place, await proofOf(one))).faults).toEqual([]);
});

test("what is old enough is let go, and the chain stays whole", async () => {
  await using service = await openTestService();
  const one = await service.open();
  const runs = [await runWhole(one, few), await runWhole(one, few), await runWhole(one, few)];
  const { archive } = one.options;
  if (archive === undefined) throw new Error("no archive");
  await one.sql`update manifest set ended_at = ended_at - interval '40 days' where number < 3`;
  expect(await letOldRunsGo(one.options, archive, 0)).toBe(0);
  expect(await letOldRunsGo(one.options, archive, 30)).toBe(2);
  const files: string[] = [];
  for await (const { path } of archive.place.list()) files.push(path);
  const left = (id: string) =>
    files
      .filter((path) => path.includes(id))
      .map((path) => path.slice(path.lastIndexOf("/") + 1))
      .toSorted();
  expect(left(runs[0]?.id ?? "")).toEqual(["manifest.json", "tombstone.json"]);
  expect(left(runs[2]?.id ?? "")).toHaveLength(3);
  expect(await verifyArchive(archive.place, await proofOf(one))).toMatchObject({ manifests: 3, faults: [] });
});
