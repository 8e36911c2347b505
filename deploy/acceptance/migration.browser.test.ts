import { accessibilityFaults, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, openDesk, smallTargets, watchPage } from "./test-page.ts";

const setUpTimeoutMs = 120_000;
const testTimeoutMs = 180_000;
const stepTimeoutMs = 60_000;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
const targetPx = 24;

let place: Desk;
let page: Page;
let faults: string[];

const region = () => page.getByRole("region", { name: "From the old system to this one" });
const button = (name: string | RegExp) => page.getByRole("button", { name });
const stage = () => region().getByRole("list", { name: "Stages" }).locator("[aria-current=step]");

beforeAll(async () => {
  place = await openDesk({ services: ["operations", "manager", "rfidpro-backup", "api-gateway"] });
  page = await place.browser.newPage({ viewport: desk, reducedMotion: "reduce" });
  faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
}, setUpTimeoutMs);
afterAll(() => place?.[Symbol.asyncDispose]());

/** Nothing that axe finds, and nothing too small to press, on a desk and on a phone. */
const expectAccessible = async (): Promise<void> => {
  for (const viewport of [phone, desk]) {
    await page.setViewportSize(viewport);
    expect([...(await accessibilityFaults(page)), ...(await smallTargets(page, targetPx))]).toEqual([]);
  }
};

test(
  "a site that nobody compared yet is held by its gates, goes on by force with a reason, and comes back by one click",
  async () => {
    page.setDefaultTimeout(stepTimeoutMs);
    await page
      .getByRole("navigation", { name: "Screens" })
      .getByRole("link", { name: "RFIDpro" })
      .first()
      .click();
    await stage().filter({ hasText: "In parallel" }).waitFor();
    const gates = region().getByRole("list", { name: "Gates" }).getByRole("listitem");
    await gates.first().waitFor();
    const texts = await gates.allTextContents();
    expect(texts.map((text) => /^(Met|Not met|Not measured)/.exec(text)?.[0])).toEqual(
      Array(4).fill("Not measured"),
    );
    expect(texts[0]).toMatch(/no value, at least 99.5% wanted.*no whole pull was compared on/);
    await expectAccessible();

    await button(/^Go on all the same: Switched/).click();
    // Without a reason nothing can be pressed.
    await button("Go on now").and(page.locator(":disabled")).waitFor();
    await page.getByLabel("Why").fill("the old scanners are gone");
    await expectAccessible();
    await button("Go on now").click();
    await stage().filter({ hasText: "Switched" }).waitFor();
    const steps = region().getByRole("list", { name: "Steps so far" }).getByRole("listitem");
    expect(await steps.allTextContents()).toEqual([
      expect.stringMatching(
        /In parallel → Switched · though a gate was not met.*the old scanners are gone.*not measured/,
      ),
    ]);
    expect(await place.call("GET", "/sites/yard")).toMatchObject({ body: { stage: "switched" } });

    // One of them was in a drawer: one click, and who and when is kept.
    await button("Take it back now").click();
    await stage().filter({ hasText: "In parallel" }).waitFor();
    expect(await steps.count()).toBe(2);
    await expectAccessible();
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);
