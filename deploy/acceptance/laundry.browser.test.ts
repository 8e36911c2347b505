import { newId } from "@tagwire/messages";
import { eventually, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultsInThemes } from "./test-looks.ts";
import { type Desk, openDesk, scan, smallTargets, tagMaker, watchPage } from "./test-page.ts";

const setUpTimeoutMs = 120_000;
const testTimeoutMs = 120_000;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
const targetPx = 24;

let place: Desk;
let page: Page;
let faults: string[];
let tags: string[];

const done = async (path: string, body?: unknown) => {
  const answer = await place.call("POST", `/sites/yard${path}`, body);
  expect(answer.status).toBe(200);
};
const lot = (quantity: number, action: "added" | "removed") =>
  done("/contracts/L7/lots", { id: newId(), name: "Napkins", quantity, action });
const round = (number: number) => page.getByRole("region", { name: new RegExp(`^Round ${number}\\b`) });
const cells = async (number: number, name: string) =>
  round(number)
    .getByRole("row", { name: new RegExp(`^${name}`) })
    .getByRole("cell")
    .allTextContents();

beforeAll(async () => {
  place = await openDesk();
  page = await place.browser.newPage({ viewport: desk, reducedMotion: "reduce", acceptDownloads: true });
  faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  tags = await tagMaker(place.call, "yard", 0x3034257bf7194e4000000000n)(3);
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
}, setUpTimeoutMs);
afterAll(() => place[Symbol.asyncDispose]());

test(
  "whoever looks at the laundry sees what came back while it comes back, round by round",
  async () => {
    await page
      .getByRole("navigation", { name: "Screens" })
      .getByRole("link", { name: "Laundry" })
      .first()
      .click();
    await page.getByText("Nothing has gone to a cleaner yet.").waitFor();
    await lot(50, "added");
    await scan(place.call, "yard", tags, { type: "rental", contract: "L7" });
    await page.getByRole("link", { name: /^L7/ }).waitFor();
    await page.goto(`${place.stack.http}/#/yard/boards?board=contracts`);
    await page.getByRole("region", { name: "Contracts" }).getByRole("link", { name: "L7" }).click();
    await round(1).getByText("Counted so far: 3 items and 50 pieces counted by hand.").waitFor();
    await done("/contracts/L7:finalize");
    await round(1).getByText("Still there: 3 items and 50 pieces counted by hand.").waitFor();
    await round(1).getByRole("columnheader", { name: "Not back yet" }).waitFor();
    await scan(place.call, "yard", tags.slice(0, 2), { type: "pickup", contract: "L7" });
    await lot(48, "removed");
    await done("/contracts/L7:returned");
    await round(1).getByText("Missing: 1 item and 2 pieces counted by hand.").waitFor();
    await round(1).getByRole("columnheader", { name: "Missing" }).waitFor();
    expect(await cells(1, "Chair")).toEqual(["3", "2", "1", "0"]);
    expect(await cells(1, "Napkins")).toEqual(["50", "48", "2", "0"]);
    await round(1)
      .getByRole("link", { name: tags[2] ?? "" })
      .waitFor();

    await done("/contracts/L7:reactivate");
    await lot(10, "added");
    await round(2).getByText("Counted so far: 10 pieces counted by hand.").waitFor();
    await scan(place.call, "yard", tags.slice(2), { type: "pickup", contract: "L7" });
    await round(1).getByText("came back in round 2").waitFor();
    expect(await cells(1, "Napkins")).toEqual(["50", "48", "2", "0"]);
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "the report can be used by everybody, on a desk and on a phone",
  async () => {
    for (const viewport of [desk, phone]) {
      await page.setViewportSize(viewport);
      expect(await faultsInThemes(page), `${viewport.width} px`).toEqual([]);
      expect(await smallTargets(page, targetPx), `${viewport.width} px`).toEqual([]);
    }
    await page.setViewportSize(desk);
  },
  testTimeoutMs,
);

test(
  "on a phone the report takes the place of the list, begins at its top, and leads back",
  async () => {
    await page.setViewportSize({ width: phone.width, height: 500 });
    const list = page.getByLabel("Find a contract");
    const top = () => page.locator("#main").evaluate((main) => main.scrollTop);
    expect(await list.isVisible()).toBe(false);
    await page.locator("#main").evaluate((main) => main.scrollTo(0, 200));
    await eventually("it was scrolled", async () => (await top()) === 200);
    // Where it is: a click of the browser's driver would scroll up to it before.
    await page.getByRole("link", { name: "All laundry" }).dispatchEvent("click");
    await list.waitFor();
    expect(await top()).toBe(0);
    await page.goBack();
    await round(1).waitFor();
    expect(await list.isVisible()).toBe(false);
    await page.setViewportSize(desk);
    await list.waitFor();
  },
  testTimeoutMs,
);

test(
  "it comes out as a file, and on paper alone, black on white, in its whole length",
  async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^yard-contracts-differences-.*\.csv$/);

    await page.setViewportSize({ width: 900, height: 300 });
    await page.emulateMedia({ media: "print", reducedMotion: "reduce" });
    for (const hidden of [
      page.getByRole("navigation", { name: "Screens" }).first(),
      page.getByRole("button", { name: "Print" }),
      page.getByRole("heading", { level: 1, name: "Yard" }),
      page.getByLabel("Find a contract"),
    ])
      expect(await hidden.isVisible()).toBe(false);
    for (const number of [1, 2]) expect(await round(number).isVisible()).toBe(true);
    const paper = await page.evaluate(() => {
      const main = document.querySelector("#main") as HTMLElement;
      const { color } = getComputedStyle(document.body);
      const { backgroundColor } = getComputedStyle(document.documentElement);
      return { isWhole: main.scrollHeight <= main.clientHeight, color, backgroundColor };
    });
    expect(paper.isWhole).toBe(true);
    // The page wears the theme of the floor, white on black; paper does not.
    expect(paper.color).toBe("rgb(20, 24, 26)");
    await page.emulateMedia({ media: "screen", reducedMotion: "reduce" });
    await page.setViewportSize(desk);
  },
  testTimeoutMs,
);
