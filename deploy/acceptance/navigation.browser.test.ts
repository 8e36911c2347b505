import { accessibilityFaults, eventually, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, openDesk, openKeyboard, smallTargets, watchPage } from "./test-page.ts";

const setUpTimeoutMs = 120_000;
const slowTestTimeoutMs = 180_000;
const desk = { width: 1_440, height: 900 };
const smallPhone = { width: 360, height: 740 };
const thumbPx = 48;
const scannerGapMs = 8;
const tag = "3074257BF7194E4000001A85";
const number = "Fest 7/8&";

let place: Desk;
let page: Page;
let faults: string[];

const screens = () => page.getByRole("navigation", { name: "Screens" });
const home = async (viewport = desk): Promise<void> => {
  await page.setViewportSize(viewport);
  await page.goto(`${place.stack.http}/#/yard/live`);
  await page.getByRole("region", { name: "Stock" }).waitFor();
};
const dialog = () => page.getByRole("dialog", { name: "Look up or go to" });
const lookUp = async (text: string): Promise<void> => {
  await home();
  await page.keyboard.press("Control+k");
  await dialog().getByRole("combobox").fill(text);
};
/** Words that have less room than they need, or are cut with an ellipsis. */
const cutWords = (): Promise<string[]> =>
  page
    .locator('nav[aria-label="Screens"] :is(a, button), [role="dialog"] :is(a, button)')
    .evaluateAll((links) =>
      links.flatMap((link) => {
        const word = link.querySelector("span") ?? link;
        const isCut = word.scrollWidth > word.clientWidth && getComputedStyle(word).overflow !== "visible";
        const isBeyond = word.getBoundingClientRect().width > link.getBoundingClientRect().width;
        return isCut || isBeyond ? [link.textContent ?? ""] : [];
      }),
    );

beforeAll(async () => {
  place = await openDesk();
  page = await place.browser.newPage({ viewport: desk, reducedMotion: "reduce" });
  faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  await place.call("POST", "/sites/yard/items", { tag, class: "Chair", status: "ready" });
  await place.call("POST", "/sites/yard/contracts", { number, kind: "rental", client: "Ana" });
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
}, setUpTimeoutMs);
afterAll(() => place[Symbol.asyncDispose]());

test(
  "every screen is one press away on a desk, and the one that is open is marked",
  async () => {
    await home();
    for (const group of ["Floor", "Office", "House"])
      await screens().getByRole("region", { name: group }).waitFor();
    const words = await screens().getByRole("link").allTextContents();
    expect(words.length).toBeGreaterThanOrEqual(10);
    for (const word of words) {
      await screens().getByRole("link", { name: word, exact: true }).click();
      await screens().locator('[aria-current="page"]').filter({ hasText: word }).waitFor();
      expect(await screens().locator('[aria-current="page"]').allTextContents()).toEqual([word]);
    }
    await eventually("a word of a screen is whole", async () => {
      expect(await cutWords()).toEqual([]);
      return true;
    });
  },
  slowTestTimeoutMs,
);

test(
  "a small phone shows four places and leads to all others, with no word cut and room for a thumb",
  async () => {
    await home(smallPhone);
    expect(await screens().getByRole("link").allTextContents()).toEqual([
      "Scan",
      "Items",
      "Contracts",
      "Live",
    ]);
    expect(await cutWords()).toEqual([]);
    await screens().getByRole("button", { name: "More" }).press("Enter");
    const sheet = page.getByRole("dialog", { name: "Screens" });
    await sheet.getByRole("link", { name: "Readers" }).waitFor();
    expect(await cutWords()).toEqual([]);
    const small = await smallTargets(page, thumbPx);
    expect(small).toEqual([]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await sheet.getByRole("link", { name: "Readers" }).press("Enter");
    await sheet.waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Readers" }).first().waitFor();
    expect(await screens().getByRole("button", { name: "More" }).getAttribute("aria-current")).toBe("true");
  },
  slowTestTimeoutMs,
);

test.each([
  { typed: tag.toLowerCase(), reaches: `#/yard/items/${tag}` },
  { typed: "urn:epc:id:sgtin:0614141.812345.6789", reaches: `#/yard/items/${tag}` },
  { typed: "urn:epc:tag:sgtin-96:3.0614141.812345.6789", reaches: `#/yard/items/${tag}` },
  { typed: "https://id.gs1.org/01/80614141123458/21/6789", reaches: `#/yard/items/${tag}` },
  { typed: number, reaches: "#/yard/boards?board=contracts&contract=Fest+7%2F8%26" },
  { typed: "chai", reaches: "#/yard/items?class=Chair" },
  { typed: "wash", reaches: "#/yard/boards?board=queues" },
  { typed: "Nobody-carries-it", reaches: "#/yard/items/Nobody-carries-it" },
])(
  "whoever looks up $typed and presses Enter is at $reaches",
  async ({ typed, reaches }) => {
    await lookUp(typed);
    await page.keyboard.press("Enter");
    await eventually("the page is there", () =>
      page.evaluate(([hash]) => location.hash === hash || undefined, [reaches]),
    );
    await dialog().waitFor({ state: "detached" });
  },
  slowTestTimeoutMs,
);

test(
  "what is scanned into the look-up is looked up, and nothing becomes of it",
  async () => {
    await home();
    await page.getByRole("button", { name: /Look up/ }).click();
    await dialog().getByRole("option", { name: /Items/ }).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    const type = await openKeyboard(page);
    await type([...tag, "Enter"], scannerGapMs);
    await page.getByRole("dialog", { name: tag }).waitFor();
    const { body } = await place.call("GET", `/sites/yard/items/${tag}/timeline`);
    expect((body as { data: unknown[] }).data).toHaveLength(1);
  },
  slowTestTimeoutMs,
);

test(
  "a name that no tag can have says so",
  async () => {
    await lookUp("urn:epc:id:sgtin:nonsense");
    await dialog().getByText("This names no thing that a tag can.").waitFor();
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
  },
  slowTestTimeoutMs,
);

test("nothing was wrong with the page meanwhile", () => {
  // A browser tells of each 404 itself, and a tag that nobody carries is one.
  expect(faults.filter((fault) => !fault.includes("Nobody-carries-it"))).toEqual([]);
});
