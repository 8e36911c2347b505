import { readFile } from "node:fs/promises";
import { newId } from "@tagwire/messages";
import { accessibilityFaults, eventually, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, openDesk, watchPage } from "./test-page.ts";

/* The working day beyond scanning, through the page of the whole product. */

const setUpTimeoutMs = 120_000;
const slowTestTimeoutMs = 180_000;
const dayMs = 24 * 60 * 60_000;

type Held = { readonly revision?: number; readonly data?: readonly { readonly tag: string }[] };

/** A PNG of one pixel. */
const onePixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

let place: Desk;
let page: Page;
let faults: string[];

const region = (name: string | RegExp) => page.getByRole("region", { name, exact: true });
const open = (where: string) => page.goto(`${place.stack.http}/#/yard/${where}`);
const call = async (method: string, path: string, body?: unknown) =>
  (await place.call(method, `/sites/yard${path}`, body)).body as Record<string, unknown>;
const scanAgo = (tag: string, days: number, more: object) =>
  call("POST", "/scans", {
    scans: [{ id: newId(), tag, scannedAt: new Date(Date.now() - days * dayMs).toISOString(), ...more }],
  });

beforeAll(async () => {
  place = await openDesk();
  page = await place.browser.newPage({ viewport: { width: 1_440, height: 900 }, reducedMotion: "reduce" });
  faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
}, setUpTimeoutMs);
afterAll(() => place[Symbol.asyncDispose]());

test(
  "what is kept for resale and stays out is seen before it is sold, sold by a press, and taken back",
  async () => {
    await call("POST", "/items", { tag: "RESALE-1", class: "Chair", role: "resale" });
    await scanAgo("RESALE-1", 3, { type: "rental", contract: "R-1" });
    await open("boards?board=resale");
    const due = region("Due after 4 days");
    await due.getByText("Nothing is due.").waitFor();
    await page.getByRole("textbox", { name: "Days" }).fill("2");
    await page.getByRole("button", { name: "Look what it would sell" }).click();
    await region("Due after 2 days").getByText("RESALE-1").waitFor();
    expect(await call("GET", "/items/RESALE-1")).toMatchObject({ status: "on_rent" });
    await page.getByRole("button", { name: "Set the days" }).click();
    await page.getByText("was not scanned for 2 days").waitFor();
    await page.getByRole("button", { name: "Let the site do it" }).click();
    await page.getByText("The site does it by itself and looks every 15 min.").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Sell now…" }).click();
    await page.getByRole("button", { name: "Yes, sell what is due after 2 days" }).click();
    await page.getByText("1 item sold.").waitFor();
    expect(await call("GET", "/items/RESALE-1")).toMatchObject({ status: "sold", contract: null });
    const csv = await place.call("GET", "/sites/yard/items:export?status=sold&format=csv");
    expect(csv.body).toContain("RESALE-1");

    const lately = region("Sold by the rule lately");
    await lately.getByText(/the rule resale-sold/).waitFor();
    await lately.getByRole("button", { name: "Take back the sale of RESALE-1" }).click();
    await lately.getByRole("button", { name: "Take it back" }).click();
    await eventually("it is out again", async () =>
      (await call("GET", "/items/RESALE-1")).status === "on_rent" ? true : undefined,
    );
  },
  slowTestTimeoutMs,
);

test(
  "new tags take those of sold things first, wait for their labels, and are ready once those are confirmed",
  async () => {
    await call("POST", "/items", { tag: "SOLD-1", class: "Bench", status: "sold" });
    await open("commissioning");
    const form = page.getByRole("form", { name: "New tags" });
    await form.getByLabel("Class").fill("Bench");
    await form.getByLabel("How many").fill("3");
    await form.getByLabel("Kind of tag").selectOption("prefix");
    await form.getByLabel("Beginning").fill("BADE");
    await form.getByLabel("Use tags of sold things first").check();
    await form.getByRole("button", { name: "Make 3 tags" }).click();
    const made = region("3 new tags");
    await made.getByRole("status").getByText("SOLD-1").waitFor();
    const listed = await call("GET", "/items?class=Bench&status=provisioned");
    const waiting = (listed.data as { tag: string }[]).map(({ tag }) => tag);
    expect(waiting).toContain("SOLD-1");
    const misprint = waiting.find((tag) => tag !== "SOLD-1") ?? "";
    const confirm = made.getByRole("region", { name: "Confirm after print" });
    await confirm.getByLabel("Misprints (optional)").fill("STRANGER");
    await confirm.getByText("Not among these tags: STRANGER.").waitFor();
    await confirm.getByLabel("Misprints (optional)").fill(misprint);
    expect(await accessibilityFaults(page)).toEqual([]);
    await confirm.getByRole("button", { name: "Confirm 2 labels" }).click();
    await confirm.getByText("2 tags ready to rent, 1 to be printed again.").waitFor();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      confirm.getByRole("button", { name: /^CSV/ }).click(),
    ]);
    const csv = await readFile(await file.path(), "utf8");
    expect(csv.trim().split(/\r?\n/)).toEqual([
      "tag_id,common_name,subcategory,short_common_name,status,bin_location",
      expect.stringContaining(misprint),
    ]);
    const all = await call("POST", "/tags:confirm", { all: { class: "Bench" } });
    expect(all).toMatchObject({ ready: [misprint], unchanged: [] });
  },
  slowTestTimeoutMs,
);

test(
  "a contract is promised, goes on its way, fails, is promised anew and arrives with what is on it; then it is fetched",
  async () => {
    await call("POST", "/contracts", { number: "D-1", lines: [{ class: "Chair", quantity: 2 }] });
    for (const tag of ["D-A", "D-B"]) await call("POST", "/items", { tag, class: "Chair" });
    await scanAgo("D-A", 0, { type: "stage", contract: "D-1" });
    await scanAgo("D-B", 0, { type: "rental", contract: "D-1" });
    await open("boards?board=contracts&contract=D-1");
    const leg = region("Delivery");
    await leg.getByRole("button", { name: "Change the delivery" }).click();
    const form = page.getByRole("form", { name: "Change the delivery" });
    await form.getByLabel("Promised for").fill("2026-12-24T09:30");
    await form.getByLabel("Truck").fill("7");
    await form.getByLabel("Trip").fill("T-204");
    await form.getByRole("button", { name: "Save the delivery" }).click();
    await leg.getByText("Scheduled · truck 7 · trip T-204").waitFor();
    const become = async (status: string) => {
      await leg.getByRole("button", { name: "Change the delivery" }).click();
      await form.getByLabel("Status").selectOption(status);
      await form.getByRole("button", { name: "Save the delivery" }).click();
    };
    await become("out_for_delivery");
    await leg.getByText("Out for delivery · truck 7").waitFor();
    await become("failed");
    await leg.getByText("Failed · truck 7").waitFor();
    await become("rescheduled");
    await form
      .getByRole("alert")
      .getByText(/another promise/)
      .waitFor();
    await form.getByLabel("Promised for").fill("2026-12-25T09:30");
    expect(await accessibilityFaults(page)).toEqual([]);
    await form.getByRole("button", { name: "Save the delivery" }).click();
    await leg.getByText("Rescheduled · truck 7").waitFor();
    await leg.getByRole("button", { name: "Change the delivery" }).click();
    await form.getByLabel("Status").selectOption("delivered");
    await form.getByLabel("Everything on it went along").check();
    await form.getByRole("button", { name: "Save the delivery" }).click();
    await leg.getByText(/^Delivered at/).waitFor();
    for (const tag of ["D-A", "D-B"])
      expect(await call("GET", `/items/${tag}`)).toMatchObject({ status: "delivered", contract: "D-1" });

    const pickup = { status: "picked_up", items: true };
    const again = await call("PUT", "/contracts/D-1/trips/pickup", pickup);
    expect(again).toMatchObject({ receipts: [{ outcome: "accepted" }, { outcome: "accepted" }] });
    expect(await call("GET", "/items/D-A")).toMatchObject({ status: "ready", contract: null });
    expect(await call("PUT", "/contracts/D-1/trips/pickup", { status: "failed" })).toMatchObject({
      code: "contract_state",
    });
    await open("boards?board=contracts");
    await page.getByRole("row", { name: /D-1/ }).getByText("Picked up").waitFor();
  },
  slowTestTimeoutMs,
);

test(
  "what is torn is photographed where it is, seen in its life and in the queue, and deleted with a reason; it gets another tag",
  async () => {
    await call("POST", "/items", { tag: "TORN-1", class: "Tent" });
    await scanAgo("TORN-1", 0, { type: "rental", contract: "P-1" });
    await scanAgo("TORN-1", 0, { type: "return", condition: { rip: true } });
    await open("items/TORN-1");
    const life = page.getByRole("dialog", { name: "TORN-1" });
    const photos = life.getByRole("region", { name: "Photos" });
    const file = { name: "torn.png", mimeType: "image/png", buffer: onePixel };
    await photos.getByLabel("Add a photo").setInputFiles({ ...file, buffer: Buffer.from("no picture") });
    await photos.getByText("This file is no picture that can be read.").waitFor();
    await photos.getByLabel("Add a photo").setInputFiles(file);
    await photos.getByRole("img", { name: /^Taken / }).waitFor();
    await life.getByRole("heading", { name: "Photo taken" }).waitFor();
    const listed = (await call("GET", "/items/TORN-1/photos")).data as {
      type: string;
      of: number;
      id: string;
    }[];
    const [photo] = listed;
    const rows = (await call("GET", "/items/TORN-1/timeline")).data as { type: string; pos: number }[];
    expect(photo).toMatchObject({ type: "image/jpeg" });
    expect(photo?.of).toBe(rows.find(({ type }) => type === "item.returned.v1")?.pos);
    expect(await accessibilityFaults(page)).toEqual([]);

    await open("boards?board=queues");
    const row = page.getByRole("row", { name: /TORN-1/ });
    const picture = row.getByRole("img", { name: /^Taken / });
    await picture.waitFor();
    await eventually("it is painted", async () =>
      (await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)) > 0 ? true : undefined,
    );

    await open("items/TORN-1");
    await photos.getByRole("button", { name: "Delete…" }).click();
    await photos.getByLabel("Why it is deleted").fill("another tent");
    await photos.getByRole("button", { name: "Delete it" }).click();
    await life.getByText("“another tent”").waitFor();
    expect((await call("GET", "/items/TORN-1/photos")).data).toEqual([]);

    await life.getByRole("button", { name: "Give it another tag" }).click();
    await life.getByLabel("The new tag").fill("RESALE-1");
    await life.getByRole("button", { name: "Change the tag…" }).click();
    await life.getByRole("button", { name: "Yes, it is RESALE-1 from now on" }).click();
    await life.getByRole("region", { name: "Another tag" }).getByRole("alert").waitFor();
    await life.getByLabel("The new tag").fill("TORN-2");
    await life.getByLabel("Why (optional)").fill("the label came off");
    await life.getByRole("button", { name: "Change the tag…" }).click();
    await life.getByRole("button", { name: "Yes, it is TORN-2 from now on" }).click();
    await page.getByRole("dialog", { name: "TORN-2" }).getByText("Tent").first().waitFor();
    expect(await call("GET", "/items/TORN-1")).toMatchObject({ status: "retired", replacedBy: "TORN-2" });
    expect(await call("GET", "/items/TORN-2")).toMatchObject({ status: "repair", replaces: "TORN-1" });
  },
  slowTestTimeoutMs,
);

test(
  "a contract and a class are shown as they were, marked as past, with the moment and the position",
  async () => {
    await call("POST", "/items", { tag: "PAST-1", class: "Lamp" });
    await call("POST", "/contracts", { number: "PAST", lines: [{ class: "Lamp", quantity: 1 }] });
    await scanAgo("PAST-1", 0, { type: "rental", contract: "PAST" });
    const { pos: head } = await call("GET", "");
    await eventually("the boards have heard it", async () => {
      const { pos } = (await call("GET", "/boards/classes")) as { pos: number };
      return pos >= Number(head) ? true : undefined;
    });
    // A moment is chosen in whole seconds: what comes next is of another one.
    const then = Date.now() + 1_000 - (Date.now() % 1_000);
    await eventually("a second is over", async () => (Date.now() > then + 1_000 ? true : undefined));
    await scanAgo("PAST-1", 0, { type: "return" });
    const local = await page.evaluate((ms) => {
      const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
      return at.toISOString().slice(0, 19);
    }, then);
    await open("boards?board=contracts&contract=PAST");
    await region("Contract PAST")
      .getByText(/All back/)
      .waitFor();
    const past = region("The contract in the past");
    await past.getByLabel("At this moment").fill(local);
    await past.getByRole("button", { name: "Show it as it was" }).click();
    await past.getByText(new RegExp(`The past, not now: as of .*, position 1:${head}$`)).waitFor();
    await past.getByText("Lamp · Out").waitFor();
    await past.getByText(/All out/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await past.getByRole("button", { name: "Back to now" }).click();
    await past.getByText(/The past, not now/).waitFor({ state: "detached" });

    await open("items?class=Lamp");
    await page.getByRole("button", { name: "Lamp in the past…" }).click();
    const lamp = region("Lamp in the past");
    await lamp.getByLabel("At this moment").fill(local);
    await lamp.getByRole("button", { name: "Show it as it was" }).click();
    await lamp.getByText(`position 1:${head}`).waitFor();
    const figure = (word: string) => lamp.locator("dl > div").filter({ hasText: word }).locator("dd");
    expect(await Promise.all(["Out", "Available"].map((word) => figure(word).innerText()))).toEqual([
      "1",
      "0",
    ]);
    await lamp.getByLabel("At this moment").fill("2000-01-01T00:00:00");
    await lamp.getByRole("button", { name: "Show it as it was" }).click();
    await lamp.getByText("There was nothing of this class.").waitFor();
  },
  slowTestTimeoutMs,
);

test(
  "a tablet names what it scans before the record has answered, by the set it holds, and tells what that was worth",
  async () => {
    await call("POST", "/items", { tag: "NAMED-1", class: "Lamp", name: "Lamp, brass" });
    await call("POST", "/items", { tag: "STRANGE-1", class: "Lamp" });
    const context = await place.browser.browser.newContext({ viewport: { width: 1_440, height: 900 } });
    const tablet = await context.newPage();
    await tablet.goto(place.stack.http);
    await tablet.getByLabel("API key").fill(await place.readKey());
    await tablet.getByRole("button", { name: "Sign in" }).click();
    await tablet.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
    await tablet.goto(`${place.stack.http}/#/yard/boards?board=names`);
    const own = tablet.getByRole("region", { name: "Names on this device" });
    const record = async (tag: string) => {
      await tablet.getByLabel("Scan, type or paste tags").fill(tag);
      await tablet.getByRole("button", { name: "Record" }).click();
    };
    const device = await eventually("the tablet has a name", () =>
      tablet.evaluate(() => localStorage.getItem("tagwire.device") ?? undefined),
    );
    const accountOf = async () =>
      (await call("GET", `/devices/${device}/prefetch?items=5000&bytes=4000000&limit=2000`)) as Held;
    await eventually("an account of it is kept", async () =>
      (await accountOf()).revision === undefined ? undefined : true,
    );
    await record("NAMED-1");
    await eventually("it is scanned", async () =>
      (await call("GET", "/items/NAMED-1")).lastScan !== null ? true : undefined,
    );
    expect((await call("GET", "/items/NAMED-1/timeline")).data).toMatchObject([
      { by: { person: expect.any(String), device } },
      {},
    ]);
    await eventually("what it scanned is expected there", async () =>
      (await accountOf()).data?.some(({ tag }) => tag === "NAMED-1") ? true : undefined,
    );

    await tablet.reload();
    const names = own.locator("dl > div").filter({ hasText: "Names held" }).locator("dd");
    await eventually("it holds names", async () =>
      Number(await names.innerText().catch(() => "0")) > 0 ? true : undefined,
    );
    await context.setOffline(true);
    await tablet.evaluate(() => {
      location.hash = "#/yard/scan";
    });
    await record("NAMED-1");
    const guess = tablet.getByText("Lamp, brass, last known", { exact: false }).first();
    await guess.waitFor();
    await record("STRANGE-1");
    await tablet.getByText("STRANGE-1").first().waitFor();
    expect(await tablet.getByText("STRANGE-1, last known").count()).toBe(0);
    await context.setOffline(false);
    // Once the record has answered, what it says stands there and no guess.
    await guess.waitFor({ state: "detached" });
    const figures = await eventually("the scan was counted as one that was named", async () => {
      const { arms } = (await call("GET", "/prefetch")) as { arms: { hits: number; lookups: number }[] };
      return arms.some(({ hits }) => hits > 0) ? arms : undefined;
    });
    const counted = figures.find(({ hits }) => hits > 0);
    expect(counted?.lookups).toBeGreaterThan(counted?.hits ?? 0);
    await tablet.goto(`${place.stack.http}/#/yard/boards?board=names`);
    const shown = own.locator("dl > div").filter({ hasText: "Scans with a name" }).locator("dd");
    await eventually("the tablet has counted it, too", async () =>
      Number(await shown.innerText().catch(() => "0")) > 0 ? true : undefined,
    );
    const site = tablet.getByRole("region", { name: "Names at the site" });
    await site.getByText("Precision").first().waitFor();
    expect(await accessibilityFaults(tablet)).toEqual([]);
    await context.close();
  },
  slowTestTimeoutMs,
);

test("nothing was wrong with the page meanwhile", () => {
  // A browser tells of each refused call itself.
  expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
});
