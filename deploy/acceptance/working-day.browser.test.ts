import { readFile } from "node:fs/promises";
import { newId } from "@tagwire/messages";
import { accessibilityFaults, eventually, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, openDesk, watchPage } from "./test-page.ts";

/* The working day beyond scanning, through the page of the whole product. */

const setUpTimeoutMs = 120_000;
const slowTestTimeoutMs = 180_000;
const dayMs = 24 * 60 * 60_000;

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
    await form.getByLabel("Numbers of").selectOption({ index: 2 });
    await form.getByLabel(/prefix/i).fill("BADE");
    await form.getByLabel("Use tags of sold things first").check();
    await form.getByRole("button", { name: "Make 3 tags" }).click();
    const made = region("3 new tags");
    await made.getByText("SOLD-1").waitFor();
    const listed = await call("GET", "/items?class=Bench&status=provisioned");
    const waiting = (listed.data as { tag: string }[]).map(({ tag }) => tag);
    expect(waiting).toContain("SOLD-1");
    const misprint = waiting.find((tag) => tag !== "SOLD-1") ?? "";
    const confirm = made.getByRole("region", { name: "Confirm after print" });
    await confirm.getByLabel("Misprints").fill("STRANGER");
    await confirm.getByText("Not among these tags: STRANGER.").waitFor();
    await confirm.getByLabel("Misprints").fill(misprint);
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

test("nothing was wrong with the page meanwhile", () => {
  // A browser tells of each refused call itself.
  expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
});
