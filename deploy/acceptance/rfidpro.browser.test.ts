import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFile, chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Rfidpro, startRfidpro } from "@tagwire/emulators";
import { newId, type RfidproRun } from "@tagwire/messages";
import { accessibilityFaults, eventually, type Page, plainEnvironment } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, openDesk, smallTargets, watchPage } from "./test-page.ts";

const setUpTimeoutMs = 120_000;
const testTimeoutMs = 180_000;
const stepTimeoutMs = 60_000;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
const targetPx = 24;

const stack = new AsyncDisposableStack();
let old: Rfidpro;
let place: Desk;
let page: Page;
let faults: string[];
let archive: string;
let keyFile: string;

/** What whoever reads the old system is told. */
const pullEnv = () => ({
  RFIDPRO_LOGIN_URL: old.loginUrl,
  RFIDPRO_DATA_URL: old.dataUrl,
  RFIDPRO_USERNAME: old.username,
  RFIDPRO_PASSWORD: old.password,
  RFIDPRO_DATASET_CLASSES: old.datasets.classes,
  RFIDPRO_DATASET_ITEMS: old.datasets.items,
  RFIDPRO_DATASET_TRANSACTIONS: old.datasets.transactions,
  RFIDPRO_ARCHIVE_DIR: archive,
  RFIDPRO_REQUESTS_PER_SECOND: "50",
});

const region = (name: string) => page.getByRole("region", { name });
const button = (name: string | RegExp) => page.getByRole("button", { name });
const told = () => region("The newest pull").getByRole("status");

beforeAll(async () => {
  // Two pages of items, so that there is something to watch between them.
  old = stack.adopt(await startRfidpro({ scale: 0.03 }), (one) => one.stop());
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), "tagwire-rfidpro-")), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  archive = join(folder, "archive");
  keyFile = join(folder, "key");
  place = stack.use(
    await openDesk({
      services: ["operations", "manager", "rfidpro-backup", "api-gateway"],
      env: pullEnv(),
    }),
  );
  page = await place.browser.newPage({ viewport: desk, reducedMotion: "reduce" });
  faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
  page.setDefaultTimeout(stepTimeoutMs);
}, setUpTimeoutMs);
afterAll(() => stack.disposeAsync());

/** Nothing that axe finds, and nothing too small to press: on a phone by day, and on a desk by night. */
const expectAccessible = async (): Promise<void> => {
  for (const [viewport, colorScheme] of [
    [phone, "light"],
    [desk, "dark"],
  ] as const) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    expect([...(await accessibilityFaults(page)), ...(await smallTargets(page, targetPx))]).toEqual([]);
  }
};

/** Lets RFIDpro answer for the second page of its items when it is told to, and not before. */
const holdItems = (): (() => void) => {
  const held = Promise.withResolvers<void>();
  stack.defer(held.resolve);
  old.control.faults.add({ act: "held", until: held.promise, on: { set: "items", offset: 198 } });
  return held.resolve;
};

test(
  "whoever clicks sees how far it is, and is told clearly how it ended; another pull is cancelled; RFIDpro was only read",
  async () => {
    await page
      .getByRole("navigation", { name: "Screens" })
      .getByRole("link", { name: "RFIDpro" })
      .first()
      .click();
    await region("RFIDpro").getByText("RFIDpro was not read for this site yet.").waitFor();
    await expectAccessible();

    const goOn = holdItems();
    await button("Pull now (read only)").click();
    await told().getByText("Reading").waitFor();
    await page.getByRole("progressbar", { name: "Items" }).waitFor();
    await region("The newest pull")
      .getByText(/^\d[\d,]* of \d/)
      .first()
      .waitFor();
    goOn();
    await told().getByText("Complete", { exact: true }).waitFor();
    const rows = old.rows("items").length.toLocaleString("en-US");
    expect(await told().textContent()).toContain(`${rows} items`);
    expect(await told().textContent()).toContain("Nothing was changed in RFIDpro.");
    const link = region("The newest pull").getByRole("link", { name: "Manifest" });
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toMatch(/^rfidpro-yard-[0-9a-f-]{36}-manifest\.json$/);
    await expectAccessible();

    const letGo = holdItems();
    await button("Pull now (read only)").click();
    await button("Cancel").click();
    await told().getByText("Cancelled", { exact: true }).waitFor();
    letGo();
    expect(await told().textContent()).toMatch(/Cancelled by .+ Nothing was changed in RFIDpro\./);
    await page.getByText("1 pull before").click();
    await expectAccessible();

    const asked = old.requests().map(({ method, path }) => (method === "GET" ? method : `${method} ${path}`));
    expect(asked.filter((one) => one !== "GET")).toEqual(["POST /api/v1/login"]);
    expect(old.writes()).toEqual([]);
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "what an import would do is told rule by rule, exactly that is confirmed, and what differs then is settled on the page",
  async () => {
    const field = (name: string) => region("What an import would do").locator("dt", { hasText: name });
    const countOf = (name: string) => field(name).locator("xpath=following-sibling::dd").textContent();
    const newest = async (): Promise<RfidproRun | undefined> =>
      ((await place.call("GET", "/rfidpro/runs?site=yard&limit=1")).body as { data: RfidproRun[] }).data[0];
    // The pull before it was complete, too: what counts is that the page tells of the new one.
    const pullOn = async () => {
      const before = await newest();
      await button("Pull now (read only)").click();
      const look = async () => {
        const now = await newest();
        return now?.id !== before?.id && now?.state !== "running" && now;
      };
      const run = await eventually("another pull has ended", look, stepTimeoutMs);
      await region("The newest pull").locator(`a[href*="${run.id}"]`).waitFor();
      await told().getByText("Complete", { exact: true }).waitFor();
      await button("Cancel").waitFor({ state: "detached" });
    };
    await pullOn();
    await region("Import").getByRole("button", { name: "Say what an import would do" }).click();
    await region("What an import would do").waitFor();
    const count = old.rows("items").length;
    expect(Number((await countOf("Items made"))?.replaceAll(",", ""))).toBeGreaterThan(count * 0.99);
    expect(await region("What an import would do").getByRole("listitem").count()).toBeGreaterThan(4);
    await expectAccessible();
    await button("Import exactly this").click();
    await region("The import").getByText("Imported.").waitFor();
    expect(await region("The import").textContent()).toMatch(/0 refused · confirmed by /);

    // Something is otherwise there from now on: it is told, and both sides stand beside each other.
    const moved = String(old.rows("items").find((row) => row.status === "Ready to Rent")?.tag_id);
    old.control.change("items", (row) => (row.tag_id === moved ? { ...row, status: "Repair" } : row));
    await pullOn();
    const differences = region("Differences");
    await differences.getByLabel("Tag or class").fill(moved);
    const row = differences.getByRole("listitem").filter({ hasText: "Another state" });
    await row.waitFor();
    await row.getByRole("button", { name: "Side by side" }).click();
    await row.getByText("Our record").first().waitFor();
    await expectAccessible();
    await row.getByLabel("Why").fill("it is in the workshop");
    await row.getByRole("button", { name: "Take it up" }).click();
    await row.getByText("Taken up").waitFor();
    await row.getByLabel("Who looks after it").fill("Bob");
    await row.getByRole("button", { name: "Hand over" }).click();
    await row.getByText("Bob looks after it").waitFor();
    await row.getByRole("button", { name: "Resolve" }).click();
    await row.waitFor({ state: "detached" });
    await differences.getByLabel("Which").selectOption("over");
    await row.getByText("Put right in our record").first().waitFor();
    // Nothing was applied: it is as it was on both sides.
    expect(await place.call("GET", `/sites/yard/items/${moved}`)).toMatchObject({
      body: { status: "ready" },
    });

    await differences.getByRole("button", { name: "Sign the report" }).click();
    await differences.getByText(/^Signed by /).waitFor();
    for (const [name, file] of [
      ["Report", /\.html$/],
      ["Report as CSV", /\.csv$/],
    ] as const) {
      const link = differences.getByRole("link", { name, exact: true });
      const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
      expect(download.suggestedFilename()).toMatch(file);
    }

    // New scans alone: told as such, and nothing is offered for import that is not whole.
    await page.getByLabel("Only scans that are new since the last pull").check();
    await pullOn();
    expect(await region("The newest pull").textContent()).toMatch(/scans that RFIDpro took since /);
    await page.getByLabel("Only scans that are new since the last pull").uncheck();
    await expectAccessible();
    expect(old.writes()).toEqual([]);
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

/** A pull from a schedule, in a process of its own. */
const oneShot = (): Promise<{ readonly code: number; readonly out: string }> =>
  new Promise((done) => {
    const program = resolve(import.meta.dirname, "../../services/rfidpro-backup/src/main.ts");
    const words = ["pull", "--site", "yard", "--datasets", "classes,items", "--wait", "0"];
    const { databaseUrl, natsUrl } = place.stack;
    const env = { ...plainEnvironment(), ...pullEnv(), DATABASE_URL: databaseUrl, NATS_URL: natsUrl };
    execFile(process.execPath, [program, ...words], { env }, (error, out, err) =>
      done({ code: typeof error?.code === "number" ? error.code : 0, out: out + err }),
    );
  });

const started = async (body: Readonly<Record<string, unknown>>) =>
  place.call("POST", "/rfidpro/runs", { site: "yard", ...body });

test(
  "over HTTP a run is begun once by its id, is alone at its site, and its manifest is what it says",
  async () => {
    const id = newId();
    const goOn = holdItems();
    const begun = await started({ id, datasets: ["classes", "items"] });
    expect(begun).toMatchObject({ status: 202, body: { id, state: "running", how: "manual" } });
    expect(begun.headers.get("location")).toBe(`/api/v1/rfidpro/runs/${id}`);
    expect(await started({ id, datasets: ["classes", "items"] })).toMatchObject({
      status: 202,
      body: { id },
    });
    expect(await started({ id })).toMatchObject({ status: 409, body: { code: "id_reused" } });
    expect(await started({})).toMatchObject({ status: 409, body: { code: "rfidpro.running" } });
    expect(await started({ site: "nowhere" })).toMatchObject({ status: 404 });
    expect(await started({ datasets: [] })).toMatchObject({ status: 400 });
    const none = await place.call("GET", `/rfidpro/runs/${id}/manifest`);
    expect(none).toMatchObject({ status: 404, body: { code: "rfidpro.no_manifest" } });
    goOn();

    const look = async () => {
      const { body } = await place.call("GET", `/rfidpro/runs/${id}`);
      return (body as RfidproRun).state === "running" ? undefined : (body as RfidproRun);
    };
    const run = await eventually("it has ended", look, stepTimeoutMs);
    expect(run).toMatchObject({ verdict: "complete" });
    const cancelled = await place.call("POST", `/rfidpro/runs/${id}:cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { state: "done", verdict: "complete" } });
    const key = await place.readKey();
    const file = await fetch(`${place.stack.http}/api/v1/rfidpro/runs/${id}/manifest`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const sha256 = createHash("sha256")
      .update(await file.text())
      .digest("hex");
    expect(sha256).toBe(run.manifest);
    // Many by HTTP at the same moment, and two one-shots beside them: one of them all runs, and the others are told who has it.
    const letGo = holdItems();
    const asked = { datasets: ["classes", "items"] };
    const shots = [oneShot(), oneShot()];
    const many = await Promise.all(Array.from({ length: 8 }, () => started(asked)));
    const begun202 = many.filter(({ status }) => status === 202);
    // Where a one-shot was first it waits for its items.
    if (begun202.length === 0) letGo();
    const ended = await Promise.all(shots);
    letGo();
    const [won] = begun202.map(({ body }) => (body as RfidproRun).id);
    expect(begun202.length + ended.filter(({ code }) => code === 0).length).toBe(1);
    for (const { status, body } of many)
      if (status !== 202)
        expect([status, body]).toMatchObject([
          409,
          { code: "rfidpro.running", detail: expect.stringMatching(/^[0-9a-f-]{36}, begun by /) },
        ]);
    for (const { code, out } of ended) if (code !== 0) expect(out).toMatch(/rfidpro\.running.*begun by/s);
    if (won !== undefined) {
      for (const { out } of ended) expect(out).toContain(won);
      const lookAgain = async () =>
        ((await place.call("GET", `/rfidpro/runs/${won}`)).body as RfidproRun).state === "done";
      await eventually("it has ended as well", lookAgain, stepTimeoutMs);
    }
    const after = await place.call("GET", "/rfidpro/runs?site=yard&limit=1");
    expect(after).toMatchObject({ body: { data: [{ verdict: "complete" }] } });

    const list = await place.call("GET", "/rfidpro/runs?site=yard&limit=2");
    expect(list).toMatchObject({ body: { data: [{}, { id }], nextCursor: expect.any(String) } });
    const unknown = await place.call("GET", `/rfidpro/runs/${newId()}`);
    expect(unknown).toMatchObject({ status: 404, body: { code: "rfidpro.run_unknown" } });
  },
  testTimeoutMs,
);

/** Runs `tagwire rfidpro` with words. */
const tagwire = (...words: readonly string[]): Promise<{ readonly code: number; readonly out: string }> =>
  new Promise((done) => {
    const program = resolve(import.meta.dirname, "../local/rfidpro.ts");
    const access = ["--url", place.stack.http, "--key-file", keyFile];
    execFile(process.execPath, [program, ...words, ...access], (error, out, err) =>
      done({ code: typeof error?.code === "number" ? error.code : 0, out: out + err }),
    );
  });

test(
  "from the command line RFIDpro is pulled and the archive verified against what the service remembers of it",
  async () => {
    await writeFile(keyFile, await place.readKey());
    const elsewhere = (set: "classes" | "items") =>
      old.control.faults.add({ act: "redirect", to: "http://127.0.0.1:1/", on: { set }, times: 99 });
    elsewhere("items");
    const part = await tagwire("pull", "--site", "yard", "--datasets", "classes,items", "--no-compare");
    expect(part).toMatchObject({ code: 3, out: expect.stringContaining("what is missing in it is no news") });
    elsewhere("classes");
    const none = await tagwire("pull", "--site", "yard", "--datasets", "classes", "--no-compare");
    expect(none).toMatchObject({ code: 1, out: expect.stringContaining("Failed: nothing could be read.") });
    old.control.faults.clear();
    const pulled = await tagwire("pull", "--site", "yard", "--datasets", "classes");
    expect(pulled).toMatchObject({ code: 0, out: expect.stringContaining("yard: Complete: ") });
    const whole = await tagwire("verify-archive", archive);
    expect(whole).toMatchObject({ code: 0, out: expect.stringContaining("all is as it was archived") });
    expect(whole.out).not.toContain("could not be asked");

    const files = await readdir(archive, { recursive: true });
    const manifests = files.filter((one) => one.endsWith("manifest.json"));
    const newest = join(archive, manifests.toSorted().at(-1) ?? "", "..", "classes-raw-00001.ndjson.gz");
    await chmod(newest, 0o600);
    await appendFile(newest, "x");
    const spoilt = await tagwire("verify-archive", archive, "--json");
    expect(spoilt.code).toBe(3);
    expect(JSON.parse(spoilt.out)).toMatchObject({ faults: [{ code: "changed" }], notes: [] });
    expect(await tagwire("pull")).toMatchObject({ code: 2 });
  },
  testTimeoutMs,
);
