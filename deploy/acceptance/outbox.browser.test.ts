import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type LoggedEvent, newId } from "@tagwire/messages";
import { eventually, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { breakWay, countOn, findNetworkOften, type Stored, storedOn } from "./test-outbox.ts";
import { type Desk, openDesk, paste } from "./test-page.ts";

/*
 * The queue of a browser against the real thing: what is captured on a device comes, once and in its order, whatever happens to pages,
 * answers, networks and versions of the page; and where a device is lost with it, that is found.
 */

const setUpTimeoutMs = 120_000;
const slow = { timeout: 240_000 };
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
const built = resolve(import.meta.dirname, "../../services/operations-ui/dist");

/** Makes another build of the worker, which counts what it is asked of the API. */
const countApi = `self.askedOfApi = 0;
addEventListener("fetch", ({ request }) => {
  if (new URL(request.url).pathname.startsWith("/api/")) self.askedOfApi += 1;
});
`;

let place: Desk;
let screens = "";
let key = "";

beforeAll(async () => {
  screens = await mkdtemp(join(tmpdir(), "tagwire-screens-"));
  await cp(built, screens, { recursive: true });
  place = await openDesk({
    services: ["operations", "manager", "health-check", "api-gateway"],
    env: { UI_DIR: screens, AUDIT_EVERY_SECONDS: "86400" },
  });
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "Europe/Berlin" });
  key = ((await place.call("POST", "/keys", { name: "Ann" })).body as { key: string }).key;
}, setUpTimeoutMs);
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await rm(screens, { recursive: true, force: true });
});

/** Tags of things on the floor. */
const stock = async (prefix: string, count: number): Promise<string[]> => {
  const tags = Array.from({ length: count }, (_, at) => `${prefix}${String(at).padStart(5, "0")}`);
  const rows = tags.map((tag) => JSON.stringify({ tag, class: "Chair", status: "ready" })).join("\n");
  const answer = await fetch(`${place.stack.http}/api/v1/sites/yard/items:import`, {
    method: "POST",
    headers: { authorization: `Bearer ${await place.readKey()}`, "content-type": "application/x-ndjson" },
    body: rows,
  });
  expect(answer.status).toBe(200);
  await answer.text();
  return tags;
};

const openContext = async () => {
  const context = await place.browser.browser.newContext({
    ...{ viewport: desk, reducedMotion: "reduce", serviceWorkers: "allow" },
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  await page.goto(place.stack.http);
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Live", { exact: true }).first().waitFor();
  return { context, page };
};
const box = (page: Page) => page.getByLabel("Scan, type or paste tags");
const scanAll = async (page: Page, tags: readonly string[]): Promise<void> => {
  await box(page).focus();
  await paste(page, tags.join("\n"));
};
const pill = (page: Page) => page.getByRole("link", { name: "see the queue of this device" });
const waitsIn = (stored: readonly Stored[]) => stored.filter(({ state }) => state === "queued").length;

/** Every event of the site that a scan caused, in the order of the record. */
const scanEvents = async (): Promise<LoggedEvent[]> => {
  const events: LoggedEvent[] = [];
  for (let after = ""; ; ) {
    const query = after === "" ? "" : `after=${after}&`;
    const { body } = await place.call("GET", `/sites/yard/events?${query}limit=1000`);
    const page = body as { events: LoggedEvent[]; next: string };
    events.push(...page.events.filter(({ scanId }) => scanId !== undefined));
    if (page.events.length === 0) return events;
    after = page.next;
  }
};

test(
  "of 2,000 scans none is lost, none applied twice and none out of order, though pages die, answers are lost and the page is renewed",
  slow,
  async () => {
    const { context, page: first } = await openContext();
    const way = await breakWay(context);
    await findNetworkOften(context);
    const tags = await stock("OUT", 2_000);
    const pages = [first, await context.newPage(), await context.newPage()];
    for (const page of pages) {
      await page.goto(`${place.stack.http}/#/yard/scan`);
      await box(page).waitFor();
    }
    await eventually("the page is kept on the device", () =>
      first.evaluate(
        async () => (await navigator.serviceWorker.getRegistration())?.active?.state === "activated",
      ),
    );

    // All three capture at once, without a network.
    await way.cut(true);
    const pieces = Array.from({ length: 32 }, (_, at) => tags.slice(at * 50, at * 50 + 50));
    await Promise.all(
      pages.map(async (page, of) => {
        for (const [at, piece] of pieces.entries()) if (at % pages.length === of) await scanAll(page, piece);
      }),
    );
    const captured = 1_600;
    await eventually("all of them are stored", async () => (await countOn(first)) === captured);
    await pill(first)
      .getByText(/^Offline · 1,600 saved here$/)
      .waitFor();
    // However much is saved, a phone has room for the name of the site.
    await first.setViewportSize(phone);
    expect((await pill(first).boundingBox())?.width).toBeLessThan(phone.width / 2);
    await first.setViewportSize(desk);

    // Whichever page sends is closed twice while the server has applied what it sent and the answer is on its way.
    way.loseAnswers(0.4);
    let [killed, closed] = [0, 0];
    way.whenApplied(async (route) => {
      if (killed >= 2 || way.seen.requests % 3 !== 0) return;
      killed += 1;
      await route.request().frame().page().close();
      closed += 1;
    });
    await way.cut(false);
    await eventually("two pages were closed while they sent", () => closed === 2);
    const left = pages.find((page) => !page.isClosed());
    if (left === undefined) throw new Error("no page is left");

    // The one that is left goes on scanning, loses the network, is loaded again without it, and gets a new version.
    await scanAll(left, tags.slice(1_600, 1_800));
    await way.cut(true);
    await scanAll(left, tags.slice(1_800));
    await eventually("the last ones are stored", async () => (await countOn(left)) === 2_000);
    await left.reload();
    await box(left).waitFor();
    await way.cut(false);
    const worker = join(screens, "service-worker.js");
    await writeFile(worker, `${await readFile(worker, "utf8")}\n${countApi}`);
    await left.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
    // Its files come over the same lines as what the page asks meanwhile, so it may take a while until it is ready.
    const ready = left.getByRole("button", { name: "Load it" });
    await ready.waitFor({ timeout: 90_000 });
    const reloaded = left.waitForEvent("load");
    await ready.click();
    await reloaded;
    await box(left).waitFor();

    // Asked of the page and not of its storage: to read all of it again and again would hold the queue up.
    await pill(left).getByText("Live", { exact: true }).waitFor({ timeout: 90_000 });
    expect(waitsIn(await storedOn(left))).toBe(0);
    const stored = await storedOn(left);
    expect(stored.map(({ seq }) => seq)).toEqual(tags.map((_, at) => at + 1));
    const events = await scanEvents();
    const ours = new Set(stored.map(({ id }) => id));
    expect(events.map(({ scanId }) => scanId).filter((id) => ours.has(id ?? ""))).toEqual(
      stored.map(({ id }) => id),
    );
    expect(new Set(events.map(({ tag }) => tag))).toEqual(new Set(tags));
    // A worker that is asked of each scan is never done, and the next version would wait for it.
    const counts = await Promise.all(
      context
        .serviceWorkers()
        .map((one) => one.evaluate(() => (globalThis as { askedOfApi?: number }).askedOfApi)),
    );
    expect(counts.filter((count) => count !== undefined)).toEqual([0]);
    expect(way.seen.inFlightMax).toBe(1);
    // One at a time, and one that a page had not given up yet when it was loaded again.
    expect(way.seen.namesMax).toBeGreaterThan(0);
    expect(way.seen.namesMax).toBeLessThanOrEqual(2);
    expect(way.seen.lost).toBeGreaterThan(2);
    expect(way.seen.sent).toBeGreaterThan(2_000);
    const { body } = await place.call("GET", "/sites/yard/device-ledgers");
    const [ledger] = (body as { data: { counted: number; missing: number; received: number }[] }).data;
    expect(ledger).toMatchObject({ counted: 2_000, missing: 0, received: 2_000, reused: 0 });
    await context.close();
  },
);

test(
  "a page that is opened without a network takes scans, says that they are only saved here, and sends them when it can",
  slow,
  async () => {
    const { context, page } = await openContext();
    const [tag = ""] = await stock("OFF", 1);
    await page.goto(`${place.stack.http}/#/yard/scan`);
    await eventually("the page is kept on the device", () =>
      page.evaluate(
        async () => (await navigator.serviceWorker.getRegistration())?.active?.state === "activated",
      ),
    );
    await context.setOffline(true);
    await page.reload();
    await box(page).fill(tag);
    await page.getByRole("button", { name: "Record" }).click();
    const row = page.getByRole("listitem").filter({ hasText: tag });
    await row.getByText("Saved here").waitFor();
    await pill(page).getByText("Offline · 1 saved here").waitFor();
    expect(await row.getByText("Accepted").count()).toBe(0);
    await pill(page).click();
    await page.getByRole("heading", { name: "Queue of this device" }).waitFor();
    await page.getByText("1 scan without an answer yet.").waitFor();
    await context.setOffline(false);
    await page.getByText("Everything that was scanned on this device has its answer.").waitFor();
    await pill(page).getByText("Live", { exact: true }).waitFor();
    await context.close();
  },
);

test(
  "a tablet that loses its memory with scans in it is found, and its rescue file makes it whole",
  slow,
  async () => {
    const { context, page } = await openContext();
    const tags = await stock("WIPE", 3);
    await page.goto(`${place.stack.http}/#/yard/scan`);
    await context.route("**/api/v1/sites/yard/scans", (route) => route.abort());
    await scanAll(page, tags);
    await page.getByText("3 scans saved here, not confirmed yet").waitFor();
    type Report = { queued: number; headSeq: number; device: { id: string; incarnation: string } };
    const reports = async () =>
      ((await place.call("GET", "/sites/yard/device-reports")).body as { data: Report[] }).data;
    const held = await eventually("the device has said that three wait", async () =>
      (await reports()).find(({ queued }) => queued === 3),
    );
    expect(held.headSeq).toBe(3);

    await page.goto(`${place.stack.http}/#/yard/queue`);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Rescue file" }).click();
    const rescue = JSON.parse(await readFile(await (await saving).path(), "utf8")) as {
      requests: { path: string; body: unknown }[];
    };

    const wiper = await context.newCDPSession(page);
    await wiper.send("Storage.clearDataForOrigin", {
      ...{ origin: place.stack.http, storageTypes: "indexeddb,local_storage,service_workers,cache_storage" },
    });
    await page.reload();
    await eventually("the device has reported as another", async () =>
      (await reports()).some(
        ({ device }) => device.id === held.device.id && device.incarnation !== held.device.incarnation,
      ),
    );
    const audit = async () => (await place.call("POST", "/sites/yard/audits")).status;
    const lost = async (state: string) => {
      const { body } = await place.call("GET", `/sites/yard/findings?state=${state}&code=device_lost`);
      return (body as { data: { key: string; evidence: { detail: string } }[] }).data;
    };
    expect(await audit()).toBeLessThan(300);
    const [finding] = await lost("open");
    expect(finding?.key).toContain(held.device.id);
    expect(finding?.evidence.detail).toContain("3 of its scans never came");

    for (const { path, body } of rescue.requests)
      expect((await place.call("POST", path.replace("/api/v1", ""), body)).status).toBe(200);
    await audit();
    await audit();
    expect([(await lost("open")).length, (await lost("auto_healed")).length]).toEqual([0, 1]);
    await context.close();
  },
);

test(
  "a scan that the server cannot take waits for a person, who sends it again or says why not",
  slow,
  async () => {
    const { context, page } = await openContext();
    const [good = "", bad = "", worse = ""] = await stock("BAD", 3);
    let refuses = true;
    await context.route("**/api/v1/sites/yard/scans", (route) => {
      const text = route.request().postData() ?? "";
      if (!refuses || (!text.includes(bad) && !text.includes(worse))) return route.continue();
      const problem = { code: "malformed", detail: "The server does not like it.", retryable: false };
      return route.fulfill({
        status: 400,
        contentType: "application/problem+json",
        body: JSON.stringify(problem),
      });
    });
    await page.goto(`${place.stack.http}/#/yard/scan`);
    await scanAll(page, [bad, good, worse]);
    await page.getByRole("listitem").filter({ hasText: good }).getByText("Accepted").waitFor();
    await pill(page).getByText("2 need attention").click();
    const parked = (tag: string) => page.getByRole("main").getByRole("listitem").filter({ hasText: tag });
    await parked(bad).getByText("The server does not like it.").waitFor();
    refuses = false;
    await parked(bad).getByRole("button", { name: "Send again" }).click();
    await parked(bad).waitFor({ state: "detached" });
    await parked(worse).getByRole("button", { name: "Discard" }).click();
    await page.getByRole("button", { name: "Discard this scan" }).click();
    await page.getByText("Say why first").waitFor();
    await page.getByLabel("Why is it not to be sent?").fill("Scanned the wrong rack");
    await page.getByRole("button", { name: "Discard this scan" }).click();
    await page.getByText("Nothing waits for a person.").waitFor();
    const told = await eventually("the server is told why", async () => {
      const { body } = await place.call("GET", "/sites/yard/device-reports");
      const { data } = body as { data: { discarded: { tag: string; reason: string }[] }[] };
      return data.flatMap(({ discarded }) => discarded)[0];
    });
    expect(told).toMatchObject({ tag: worse, reason: "Scanned the wrong rack" });
    await context.close();
  },
);

test("without its storage the page says so and still sends, and stores again when it can", slow, async () => {
  const { context, page } = await openContext();
  const [tag = "", later = ""] = await stock("DISK", 2);
  await page.addInitScript(() => {
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...asked) {
      if (sessionStorage.getItem("broken") !== null) throw new DOMException("lost", "UnknownError");
      return open.apply(this, asked);
    };
  });
  await page.goto(`${place.stack.http}/#/yard/scan`);
  await page.evaluate(() => sessionStorage.setItem("broken", "1"));
  await page.reload();
  await pill(page).getByText("Storage problem").waitFor();
  await box(page).fill(tag);
  await page.getByRole("button", { name: "Record" }).click();
  await page.getByRole("listitem").filter({ hasText: tag }).getByText("Accepted").waitFor();
  await page.evaluate(() => sessionStorage.removeItem("broken"));
  await pill(page).getByText("Live", { exact: true }).waitFor();
  await box(page).fill(later);
  await page.getByRole("button", { name: "Record" }).click();
  await page.getByRole("listitem").filter({ hasText: later }).getByText("Accepted").waitFor();
  expect((await storedOn(page)).map(({ seq, state }) => [seq, state])).toEqual([[1, "done"]]);
  await context.close();
});

test("a session is not closed while scans of it wait on the device", slow, async () => {
  const { context, page } = await openContext();
  const [tag = ""] = await stock("SESS", 1);
  const session = newId();
  await place.call("POST", "/sites/yard/sessions", { id: session, mode: "count", expected: [tag] });
  await page.goto(`${place.stack.http}/#/yard/boards?board=sessions`);
  await page
    .getByRole("button", { name: /^Show scans of/ })
    .first()
    .click();
  await page.getByRole("button", { name: "Scan into it" }).click();
  await context.route("**/api/v1/sites/yard/scans", (route) => route.abort());
  await box(page).fill(tag);
  await page.getByRole("button", { name: "Record" }).click();
  await page.getByText("1 scan saved here, not confirmed yet").waitFor();
  await page.getByRole("button", { name: "Close session" }).click();
  await page.getByText("1 scan of it still on this device.").waitFor();
  await context.unroute("**/api/v1/sites/yard/scans");
  await page.getByText(/all answered/).waitFor();
  await page.getByRole("button", { name: "Close session" }).click();
  await eventually("it is closed", async () => {
    const { body } = await place.call("GET", `/sites/yard/sessions/${session}`);
    return (body as { state: string }).state === "closed";
  });
  await context.close();
});
