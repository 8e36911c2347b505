import { execFile } from "node:child_process";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answer } from "@tagwire/bus";
import { AskSites, type MigrationStage, newId, type RfidproRun } from "@tagwire/messages";
import { eventually, plainEnvironment } from "@tagwire/testing";
import { expect, test } from "vitest";
import { archiveRun, openTestArchive } from "./archive/test-archive.ts";
import { cancelRun } from "./running/runs.ts";
import { openTestService, wish } from "./running/test-service.ts";
import { listHeads, listUnderWay } from "./store/manifests.ts";

const mainFile = join(import.meta.dirname, "main.ts");

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs main.ts with words, as whoever schedules it does. No code is that of what was killed. */
const begin = (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const whole = Promise.withResolvers<Ended>();
  const options = { env: { ...plainEnvironment(), LOG_LEVEL: "silent", ...env } };
  const child = execFile(process.execPath, [mainFile, ...words], options, (_error, out, err) =>
    whole.resolve({ code: child.exitCode, out, err }),
  );
  return { process: child, ended: whole.promise };
};
/** Begins one, and resolves once it has said that it cannot begin yet. */
const beginWaiting = async (words: readonly string[], env: Readonly<Record<string, string>>) => {
  const shot = begin(words, { ...env, LOG_LEVEL: "warn" });
  const said = Promise.withResolvers<void>();
  shot.process.stdout?.on("data", (text) => String(text).includes("cannot begin yet") && said.resolve());
  await Promise.race([
    said.promise,
    shot.ended.then((ended) => Promise.reject(new Error(ended.out + ended.err))),
  ]);
  return shot;
};
const oneShot = (...asked: Parameters<typeof begin>): Promise<Ended> => begin(...asked).ended;

/** Each process that is begun loads its code first. It only bounds how long a broken thing takes to fail. */
const testTimeoutMs = 240_000;
const small = { scale: 0.002 };

test(
  "one pull from a schedule: 0 when all was read, 3 when not, 1 when nothing was, and when one is going on already; 0 where the site has switched",
  async () => {
    // Scans in two pages, so that the second one can be the first again.
    await using service = await openTestService({ scale: 0.01 });
    const north = {
      ...{ id: "north", name: "North", timeZone: "UTC", epoch: 1, pos: 1 },
      ...{ createdAt: "2026-05-01T00:00:00.000Z", stage: "parallel" as MigrationStage },
    };
    const unasked = await oneShot(["pull", "--site", "north", "--wait", "0"], service.env);
    expect(unasked).toMatchObject({ code: 1, err: expect.stringContaining("unavailable") });
    // Who answers a moment later has cost nobody the night.
    const early = await beginWaiting(["pull", "--site", "north"], service.env);
    const { bus } = await service.open();
    answer(bus, AskSites, async () => ({ sites: [north] }));
    await bus.connection.flush();
    const nowhere = await oneShot(["pull", "--site", "nowhere"], service.env);
    expect(nowhere).toMatchObject({
      code: 1,
      err: expect.stringMatching(/site_unknown.*nowhere|nowhere.*site_unknown/s),
    });
    expect(await early.ended).toMatchObject({ code: 0, out: expect.stringContaining("\nComplete: ") });
    const whole = await oneShot(["pull", "--site", "north"], service.env);
    expect(whole).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Complete: .* Nothing was changed in RFIDpro\.\n$/),
    });

    service.fake.control.faults.add({
      act: "redirect",
      to: "http://127.0.0.1:1/",
      on: { set: "items" },
      times: 99,
    });
    const part = await oneShot(["pull", "--site", "north", "--datasets", "classes,items"], service.env);
    expect(part).toMatchObject({ code: 3, out: expect.stringContaining("what is missing in it is no news") });
    service.fake.control.faults.clear();

    service.fake.control.faults.add({
      ...{ act: "earlier-page", by: 1_000_000, echo: "asked" },
      ...{ on: { set: "transactions" }, times: 999 },
    });
    const moved = await oneShot(["pull", "--site", "north", "--datasets", "transactions"], service.env);
    expect(moved).toMatchObject({ code: 3, out: expect.stringMatching(/^Not reliable: rows moved/) });
    service.fake.control.faults.clear();

    const none = await oneShot(["pull", "--site", "north"], { ...service.env, RFIDPRO_PASSWORD: "another" });
    expect(none).toMatchObject({ code: 1, out: expect.stringMatching(/^Failed: nothing could be read/) });
    expect(none.out + none.err).not.toContain("another");

    // A site that has switched is pulled by no schedule, and that is no reason for an alarm.
    north.stage = "switched";
    const asked = service.fake.requests().length;
    const off = await oneShot(["pull", "--site", "north"], service.env);
    expect(off).toMatchObject({
      ...{ code: 0, err: "" },
      out: expect.stringContaining("Nothing was read: automatic pulls are off, since north is switched."),
    });
    expect(service.fake.requests()).toHaveLength(asked);
    north.stage = "parallel";

    const { runs, options } = await service.open({ requestsPerSecond: 1 });
    const { id } = await runs.begin(wish());
    const asksAgain = ["pull", "--site", "north", "--datasets", "classes", "--wait"];
    const second = await oneShot([...asksAgain, "0"], service.env);
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining("begun by ann") });
    const third = await beginWaiting([...asksAgain, "600"], service.env);
    await cancelRun(options, id, "ann");
    expect(await third.ended).toMatchObject({ code: 0 });
    const stopped = await beginWaiting(["pull", "--site", "north"], {
      ...service.env,
      NATS_URL: "nats://127.0.0.1:1",
    });
    stopped.process.kill("SIGTERM");
    expect(await stopped.ended).toMatchObject({ code: 1, err: expect.stringContaining("bus.unreachable") });
    expect(service.fake.writes()).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "one pull that a schedule ends before its time says so, and ends with 3; one that was killed is in nobody's way",
  async () => {
    await using service = await openTestService(small);
    const { bus, sql } = await service.open({}, false);
    const site = {
      ...{ id: "north", name: "North", timeZone: "UTC", epoch: 1, pos: 1, stage: "parallel" as const },
      createdAt: "2026-05-01T00:00:00.000Z",
    };
    answer(bus, AskSites, async () => ({ sites: [site] }));
    await bus.connection.flush();
    const { items } = service.fake.datasets;
    const asked = () => service.fake.requests().filter(({ path }) => path.includes(items)).length;
    const cut = async (signal: NodeJS.Signals) => {
      service.fake.control.faults.add({ act: "silent", on: { set: "items" }, times: 999 });
      const before = asked();
      const shot = begin(["pull", "--site", "north", "--datasets", "classes,items"], service.env);
      await eventually("it reads", () => asked() > before, testTimeoutMs);
      shot.process.kill(signal);
      const ended = await shot.ended;
      service.fake.control.faults.clear();
      return ended;
    };
    expect(await cut("SIGTERM")).toMatchObject({
      ...{ code: 3, out: expect.stringMatching(/^Not complete: the service was stopped while it read\./) },
    });
    expect(await cut("SIGKILL")).toMatchObject({ code: null });
    // So long nobody hears of it.
    await sql`update run set owned_until = now() - interval '1 s' where state = 'running'`;
    const next = await oneShot(["pull", "--site", "north", "--datasets", "classes"], service.env);
    expect(next).toMatchObject({ code: 0 });
    const runs = await sql<{ run: RfidproRun }[]>`select run from run order by started_at`;
    expect(runs.map(({ run }) => run.verdict)).toEqual(["partial", "failed", "complete"]);
  },
  testTimeoutMs,
);

test(
  "what cannot be understood is said, and nothing is pulled",
  async () => {
    await using service = await openTestService(small);
    for (const words of [
      ["pull"],
      ["pull", "--site", "north", "--wait", "long"],
      ["pull", "--site", "north", "--datasets", "people"],
      ["push"],
    ])
      expect(await oneShot(words, service.env)).toMatchObject({ code: 1, err: expect.stringContaining("✗") });
    expect(service.fake.requests()).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "an archive is verified from the outside: with what the service knows, without it, and spoilt",
  async () => {
    await using service = await openTestService(small);
    const { sql, runs, options } = await service.open();
    const { id } = await runs.begin(wish({ datasets: ["classes"] }));
    await runs.ended(id);
    const known = join(service.archiveDir, "..", "known.json");
    const heads = await listHeads(sql);
    await writeFile(known, JSON.stringify({ publicKey: options.archive?.key.publicKey, heads }));

    const whole = await oneShot(["verify-archive", service.archiveDir, "--known", known]);
    expect(whole).toMatchObject({
      code: 0,
      out: expect.stringContaining("all is as it was archived, 1 runs"),
    });
    expect(whole.out).not.toContain("could not be asked");
    const alone = await oneShot(["verify-archive", service.archiveDir]);
    expect(alone).toMatchObject({ code: 0, out: expect.stringContaining("could not be asked") });

    const around = await oneShot(["verify-archive", join(service.archiveDir, ".."), "--known", known]);
    expect(around).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${service.archiveDir}: all is as it was archived, 1 runs`),
    });

    // As the schedule of a cluster asks: what the service's own database knows.
    const asked = () => oneShot(["verify-archive", service.archiveDir, "--database", "--json"], service.env);
    const faultsOf = ({ out }: Ended) =>
      (JSON.parse(out) as { faults: { code: string; path: string }[] }).faults.map(({ code }) => code);
    const sound = await asked();
    expect([sound.code, JSON.parse(sound.out)]).toMatchObject([0, { faults: [], notes: [], manifests: 1 }]);

    // A run that is being archived has files and no manifest yet, and so has one whose manifest could not be laid there.
    const run = newId();
    const folder = join(service.archiveDir, "rfidpro/north/2026/11/27", run);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "classes-raw-00001.ndjson.gz"), "half");
    await writeFile(
      known,
      JSON.stringify({ publicKey: options.archive?.key.publicKey, heads, underWay: [run] }),
    );
    const asKnown = () => oneShot(["verify-archive", service.archiveDir, "--known", known]);
    expect((await asKnown()).code).toBe(0);
    expect((await oneShot(["verify-archive", service.archiveDir])).code).toBe(3);
    expect(faultsOf(await asked())).toEqual(["missing"]);
    await sql`
      insert into run (id, site, asked, state, started_at, owned_until, version, run)
      values (${run}, 'north', '{}', 'running', now(), now() + interval '1 hour', 1, '{}')`;
    expect(await asked()).toMatchObject({ code: 0 });
    await sql`delete from run where id = ${run}`;
    await rm(folder, { recursive: true });
    await sql`update manifest set sealed = false`;
    expect(await listUnderWay(sql)).toEqual([id]);
    await sql`update manifest set sealed = true`;
    expect(await listUnderWay(sql)).toEqual([]);

    // A whole archive that somebody made anew, with a key of their own beside it.
    const ours = `${service.archiveDir}-ours`;
    await rename(service.archiveDir, ours);
    const forged = await openTestArchive(join(service.archiveDir, ".."));
    await archiveRun(forged.place, forged.key, { site: "north", number: 1, previous: null });
    expect((await oneShot(["verify-archive", service.archiveDir])).code).toBe(0);
    const found = await asked();
    expect(found.code).toBe(3);
    expect(new Set(faultsOf(found))).toEqual(new Set(["changed"]));
    await rm(service.archiveDir, { recursive: true });
    await rename(ours, service.archiveDir);

    await rm(join(service.archiveDir, "rfidpro"), { recursive: true });
    const taken = await asked();
    expect([taken.code, faultsOf(taken)]).toEqual([3, ["rolled_back"]]);
    // Without a word from the database nobody says that all is well.
    await sql`delete from archive_key`;
    expect(await asked()).toMatchObject({ code: 1, err: expect.stringContaining("knows of no key") });
    const gone = await oneShot(["verify-archive", service.archiveDir, "--known", known, "--json"]);
    expect(gone.code).toBe(3);
    expect(JSON.parse(gone.out)).toMatchObject({ faults: [{ code: "rolled_back", path: "rfidpro/north" }] });
    expect(await readdir(service.archiveDir)).toContain("public-key.pem");
    expect(await oneShot(["verify-archive", "/nowhere"])).toMatchObject({ code: 1 });
  },
  testTimeoutMs,
);
