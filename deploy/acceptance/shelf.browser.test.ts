import { readFile } from "node:fs/promises";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import type { Item } from "@tagwire/messages";
import { accessibilityFaults, eventually, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultsInThemes } from "./test-looks.ts";
import { type Desk, openKeyboard, openYard, paste, scan, smallTargets } from "./test-page.ts";

const setUpTimeoutMs = 120_000;
const slowTestTimeoutMs = 180_000;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
/** Gloves; on screens that are used standing, more. */
const targetPx = 48;
const standingPx = 56;
const scannerGapMs = 8;

let place: Desk;
let page: Page;
let faults: string[];
let tags: string[];

const region = (name: string | RegExp) => page.getByRole("region", { name });
const option = (tag: string) =>
  page.getByRole("listbox", { name: "Items" }).getByRole("option").filter({ hasText: tag });
const open = (where: string) => page.goto(`${place.stack.http}/#/yard/${where}`);
const itemOf = async (tag: string): Promise<Item> =>
  (await place.call("GET", `/sites/yard/items/${tag}`)).body as Item;
const scansOf = async (tag: string): Promise<number> =>
  ((await place.call("GET", `/sites/yard/items/${tag}/timeline`)).body as { data: unknown[] }).data.length;

beforeAll(async () => {
  ({ place, page, faults, tags } = await openYard(desk));
}, setUpTimeoutMs);
afterAll(() => place[Symbol.asyncDispose]());

test(
  "filters are kept under a name on this device, and whoever is sent the link sees the same",
  async () => {
    const [washed = ""] = tags;
    await scan(place.call, "yard", [washed], { type: "service", status: "wash" });
    await open("items");
    await page.getByRole("button", { name: "Saved views" }).click();
    await page.getByRole("search").getByLabel("Status").selectOption("status:wash");
    const form = page.getByRole("form", { name: "Save what is shown" });
    await form.getByRole("button", { name: "Save it" }).click();
    await form.getByText("Give it a name.").waitFor();
    await form.getByLabel("Name for what is shown").fill("To wash & dry");
    await form.getByRole("button", { name: "Save it" }).click();
    const view = region("Saved views").getByRole("listitem", { name: "To wash & dry" });
    const link =
      (await view.getByRole("button", { name: "Copy the link of To wash & dry" }).getAttribute("title")) ??
      "";

    await page.reload();
    await open("items");
    await page.getByText("6 items", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Saved views" }).click();
    await view.getByRole("link").click();
    await page.getByText("1 of 6 items").waitFor();
    await page.getByText("To wash & dry", { exact: true }).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);

    const other = await place.browser.newPage({
      viewport: desk,
      storageState: { cookies: (await page.context().storageState()).cookies, origins: [] },
    });
    await other.goto(link);
    await other.getByText("1 of 6 items").waitFor();
    await other.getByText("To wash & dry", { exact: true }).waitFor();
    // What is narrowed further is no longer what the name stands for.
    await other.getByLabel("Class", { exact: true }).selectOption("Chair");
    await other.getByText("To wash & dry", { exact: true }).waitFor({ state: "detached" });
    await other.context().close();

    await view.getByRole("button", { name: "Remove To wash & dry" }).click();
    await region("Saved views")
      .getByText(/^None yet/)
      .waitFor();
  },
  slowTestTimeoutMs,
);

test(
  "several things are changed by one act after a look at what it does, each tells what became of it, and all of it is taken back",
  async () => {
    const [washed = "", rented = "", moved = "", other = ""] = tags;
    await scan(place.call, "yard", [rented], { type: "rental", contract: "4711" });
    await open("items");
    await page.getByRole("button", { name: "Choose several" }).click();
    // What is about to be pressed stays where it is, whatever is scanned meanwhile.
    const order = (): Promise<string[]> =>
      page
        .getByRole("listbox", { name: "Items" })
        .getByRole("option")
        .evaluateAll((rows) => rows.map((row) => /[0-9A-F]{24}/.exec(row.textContent ?? "")?.[0] ?? ""));
    const before = await order();
    expect(new Set(before).size).toBe(tags.length);
    await scan(place.call, "yard", [other], { type: "touch", place: "GATE" });
    await option(other).getByText("GATE").first().waitFor();
    expect(await order()).toEqual(before);
    await option(washed).click();
    await option(rented).click();
    await option(moved).click();
    const panel = region("Change several");
    await panel.getByText("3 chosen").waitFor();
    expect(page.url()).toMatch(/#\/yard\/items$/);
    expect(await option(moved).getAttribute("aria-selected")).toBe("true");
    expect(await option(other).getAttribute("aria-selected")).toBe("false");
    await panel.getByRole("button", { name: "Change…" }).click();
    await panel.getByLabel("What to do").selectOption("wash");
    const look = region("What it would do");
    await look.getByText(/2 items would be changed\./).waitFor();
    await look.getByText("1 item: so already.").waitFor();
    await look.getByText(/^1 item of them with a client/).waitFor();
    expect((await itemOf(moved)).status).toBe("ready");
    expect(await accessibilityFaults(page)).toEqual([]);

    await look.getByRole("button", { name: "Change 2 items" }).click();
    const became = region("What became of each");
    await became.getByText("Done: 2 changed, 0 not, of 2.").waitFor();
    expect((await itemOf(moved)).status).toBe("wash");
    await became.getByRole("button", { name: "Take back all of it" }).click();
    await region("Take back").getByRole("button", { name: "Take it back" }).click();
    await region("Take back")
      .getByText(/^Done\./)
      .waitFor();
    expect([(await itemOf(moved)).status, (await itemOf(rented)).status]).toEqual(["ready", "on_rent"]);

    await became.getByRole("button", { name: "Choose others" }).click();
    await page.getByRole("listbox", { name: "Items" }).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press(" ");
    await panel.getByText("1 chosen").waitFor();
    await panel.getByRole("button", { name: "None" }).click();
    await panel.getByRole("button", { name: "All 6 shown" }).click();
    await panel.getByText("6 chosen").waitFor();
    await panel.getByRole("button", { name: "Change…" }).click();
    await panel.getByLabel("What to do").selectOption("place");
    await panel.getByLabel("Place").fill("aisle 9");
    await look.getByRole("button", { name: "Change 6 items" }).click();
    await became.getByText("Done: 6 changed, 0 not, of 6.").waitFor();
    for (const tag of tags) expect((await itemOf(tag)).place).toBe("aisle 9");
    await panel.getByRole("button", { name: "Close" }).click();
    await option(other).click();
    await page.getByRole("dialog", { name: other }).waitFor();
  },
  slowTestTimeoutMs,
);

test(
  "what somebody else changed in the same moment is left as it is, and what is refused says why",
  async () => {
    const [, , stale = "", fine = ""] = tags;
    const successor = "3034257BF7194E40000000FF";
    const old = tags[5] ?? "";
    expect((await place.call("POST", `/sites/yard/items/${old}:retag`, { to: successor })).status).toBe(200);
    await open("items");
    await page.getByRole("button", { name: "Choose several" }).click();
    for (const tag of [stale, fine, old]) await option(tag).click();
    const panel = region("Change several");
    await panel.getByRole("button", { name: "Change…" }).click();
    await panel.getByLabel("What to do").selectOption("retired");
    await region("What it would do")
      .getByText(/2 items would be changed/)
      .waitFor();
    // The first request is answered as if the thing had been changed between the look and the act.
    await page.route(`**/items/${stale}`, async (route) => {
      if (route.request().method() === "PATCH")
        await place.call("POST", "/sites/yard/scans", {
          scans: [
            {
              id: crypto.randomUUID(),
              tag: stale,
              type: "service",
              status: "repair",
              scannedAt: new Date().toISOString(),
            },
          ],
        });
      await route.continue();
    });
    await region("What it would do").getByRole("button", { name: "Change 2 items" }).click();
    const became = region("What became of each");
    await became.getByText("Done: 1 changed, 1 not, of 2.").waitFor();
    await became
      .getByRole("listitem")
      .filter({ hasText: stale })
      .getByText(/^Somebody else changed it/)
      .waitFor();
    expect([(await itemOf(stale)).status, (await itemOf(fine)).status]).toEqual(["repair", "retired"]);
    await page.unroute(`**/items/${stale}`);
  },
  slowTestTimeoutMs,
);

test(
  "a thing is found by how loud it is: chosen by scan, paste and name, and nothing of it is recorded",
  async () => {
    const [sought = "", silent = ""] = tags;
    let rssiDbm = -70;
    const world: TagSource = {
      sees: (antenna) => (antenna === 1 ? [{ epc: sought, rssiDbm }] : []),
    };
    const reader = await startLlrpReader({ world, seed: 9 });
    try {
      const before = await scansOf(silent);
      await open("find");
      await page.getByText("Nothing is looked for yet.").waitFor();
      const type = await openKeyboard(page);
      await type([...silent, "Enter"], scannerGapMs);
      const list = region("What is looked for");
      await list
        .getByRole("listitem", { name: silent })
        .getByText(/^Last seen/)
        .waitFor();
      await page.getByText(/^No reader reads at this site/).waitFor();
      await page.getByLabel(/^Scan, paste or type a tag/).focus();
      await page.keyboard.insertText("chair");
      await page.getByRole("list", { name: "Things of that name" }).getByRole("button").first().waitFor();
      await page.keyboard.press("Enter");
      await page.getByText(/^Several things are called that\./).waitFor();
      expect(await list.getByRole("listitem").count()).toBe(1);
      await page.getByLabel(/^Scan, paste or type a tag/).fill("");
      await paste(page, `${sought}\n${silent}\nNobody-7`);
      await list.getByRole("listitem", { name: "Nobody-7" }).getByText("no item carries it").waitFor();
      expect(await list.getByRole("listitem").count()).toBe(3);

      await place.call("POST", "/sites/yard/readers", {
        id: "sled",
        driver: "llrp",
        address: reader.address,
      });
      await page.getByText("1 reader listens.").waitFor();
      const meter = page.getByRole("meter");
      const near = async (): Promise<number> => Number(await meter.getAttribute("aria-valuenow"));
      await eventually("it is heard from afar", async () => {
        const value = await near();
        return (value > 0 && value < 40) || undefined;
      });
      expect(await meter.getAttribute("aria-label")).toContain(sought);
      rssiDbm = -40;
      await region("How near").getByText("Very near").waitFor();
      expect(await near()).toBeGreaterThan(75);
      expect(await faultsInThemes(page)).toEqual([]);
      await page.setViewportSize(phone);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      await page.setViewportSize(desk);
      await list.getByRole("button", { name: `Only this: ${silent}` }).click();
      await region("How near").getByText("Not heard").waitFor();
      await list.getByRole("button", { name: `${silent} is found` }).click();
      await list.getByRole("listitem", { name: silent }).waitFor({ state: "detached" });
      expect(await scansOf(silent)).toBe(before);
    } finally {
      await place.call("DELETE", "/sites/yard/readers/sled");
      await reader.stop();
    }
  },
  slowTestTimeoutMs,
);

test(
  "new tags are made by class and quantity, and their labels come out as files",
  async () => {
    await open("commissioning");
    const form = page.getByRole("form", { name: "New tags" });
    await form.getByLabel("Kind of tag").selectOption("sgtin-96");
    await form.getByRole("button", { name: "Make the tags" }).click();
    await form.getByText("Say what class they are of.").waitFor();
    await form.getByLabel("Class").fill("Lantern");
    await form.getByLabel("How many").fill("3");
    await form.getByLabel("GS1 company prefix").fill("0614141");
    await form.getByLabel("Item reference").fill("12345");
    await form.getByText(/are 13 digits together; these are 12/).waitFor();
    await form.getByLabel("Item reference").fill("012345");
    await form.getByText("(urn:epc:id:sgtin:0614141.012345.1)").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await form.getByRole("button", { name: "Make 3 tags" }).click();
    const made = region("3 new tags");
    await made.getByRole("img", { name: /^Label: Lantern, urn:epc:id:sgtin:0614141\.012345\./ }).waitFor();
    const known = (
      (await place.call("GET", "/sites/yard/items?class=Lantern&status=provisioned")).body as { data: Item[] }
    ).data.map(({ tag }) => tag);
    expect(known).toHaveLength(3);
    for (const format of ["ZPL", "CSV"]) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        made.getByRole("button", { name: new RegExp(`^${format}`) }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`yard-labels.${format.toLowerCase()}`);
      const text = await readFile(await download.path(), "utf8");
      for (const tag of known) expect(text).toContain(tag);
      if (format === "ZPL") expect(text.match(/\^RFW,H,,,A/g)).toHaveLength(3);
    }
    expect(await faultsInThemes(page)).toEqual([]);
    await page.setViewportSize(phone);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    await page.setViewportSize(desk);
    await made.getByRole("button", { name: "Take back these tags" }).click();
    await made.getByRole("button", { name: "Take it back" }).click();
    await made.getByText(/^Done\./).waitFor();
    for (const tag of known) expect((await itemOf(tag)).status).toBe("retired");

    await region("Labels again")
      .getByLabel("Tags")
      .fill(tags[0] ?? "");
    await region("Labels again")
      .getByRole("img", { name: /^Label: Chair/ })
      .waitFor();
  },
  slowTestTimeoutMs,
);

/** A large house. */
const largeStock = 50_000;
/** What a window of this height shows, what is drawn beside it, and as much again for rows on their way. */
const rowsInPageMax = 100;

/** Imports a large house from a file, as an office does. */
const importLargeStock = async (): Promise<void> => {
  await place.call("POST", "/sites", { id: "large", name: "Large", timeZone: "America/Chicago" });
  const rows = Array.from(
    { length: largeStock },
    (_, index) => `${JSON.stringify({ tag: `B${String(index).padStart(6, "0")}`, class: "Chair" })}\n`,
  );
  const answer = await fetch(`${place.stack.http}/api/v1/sites/large/items:import`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await place.readKey()}`,
      "content-type": "application/x-ndjson",
    },
    body: rows.join(""),
  });
  const { summary } = (await answer.json()) as { summary: { created: number } };
  expect(summary).toMatchObject({ created: largeStock });
};

test(
  "a list of 50,000 items is scrolled from end to end, and only the rows in sight exist",
  async () => {
    const large = await place.browser.newPage({
      viewport: desk,
      storageState: await page.context().storageState(),
    });
    await importLargeStock();
    await large.goto(`${place.stack.http}/#/large/items?sort=tag`);
    await large.getByText("50,000 items", { exact: true }).waitFor({ timeout: slowTestTimeoutMs });
    const list = large.getByRole("listbox", { name: "Items" });
    const rows = () => list.getByRole("option").count();
    await list.getByText("B000000").waitFor();
    expect(await rows()).toBeLessThanOrEqual(rowsInPageMax);
    /* Whatever is painted on the way is counted, and not only what stands there in the end. */
    const most = await list.evaluate(async (scroller) => {
      let count = 0;
      for (let step = 0; step <= 40; step += 1) {
        scroller.scrollTop = (scroller.scrollHeight * step) / 40;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        count = Math.max(count, scroller.querySelectorAll('[role="option"]').length);
      }
      return count;
    });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(rowsInPageMax);
    await list.focus();
    await large.keyboard.press("End");
    await list.getByText("B049999").waitFor();
    expect(await rows()).toBeLessThanOrEqual(rowsInPageMax);
    await large.keyboard.press("Home");
    await list.getByText("B000000").waitFor();
    await large.context().close();
  },
  slowTestTimeoutMs,
);

test(
  "an address that names no screen says so, and what people call a screen leads there",
  async () => {
    await open("nowhere");
    await page.getByRole("heading", { name: "There is no screen “nowhere”" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await open("audits");
    await eventually("the page is at the audits", () =>
      page.evaluate(() => location.hash === "#/yard/agreement" || undefined),
    );
  },
  slowTestTimeoutMs,
);

test(
  "sessions need no scrolling sideways beside the scan station",
  async () => {
    await place.call("POST", "/sites/yard/sessions", {
      id: crypto.randomUUID(),
      mode: "count",
      place: "aisle 9",
    });
    await page.setViewportSize({ width: 1_280, height: 800 });
    await open("boards?board=sessions");
    const rows = page.getByRole("group", { name: "Rows of Sessions" });
    await rows.getByRole("row").nth(1).waitFor();
    expect(await rows.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    await page.setViewportSize(desk);
  },
  slowTestTimeoutMs,
);

const screens = [
  ...["live", "items", "boards", "laundry", "readers", "agreement", "rfidpro", "alerts", "admin"],
  ...["queue", "training", "commissioning", "scan", "find"],
];
/** Used standing, with a reader in the other hand; what is around them is that of every screen. */
const standing = ["scan", "find"];

test.each(screens)(
  "a glove finds everything on %s, on a desk and on a phone",
  async (screen) => {
    const found: string[] = [];
    for (const viewport of [desk, phone]) {
      await page.setViewportSize(viewport);
      await open(screen);
      await page.locator("#main :is(h2, form)").first().waitFor();
      const small = [
        ...(await smallTargets(page, targetPx)),
        ...(standing.includes(screen) ? await smallTargets(page, standingPx, "#main") : []),
      ];
      found.push(...small.map((each) => `${viewport.width} px: ${each}`));
    }
    await page.setViewportSize(desk);
    expect(found).toEqual([]);
  },
  slowTestTimeoutMs,
);

test("nothing was wrong with the page meanwhile", () => {
  // A browser tells of each refused call itself.
  expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
});
