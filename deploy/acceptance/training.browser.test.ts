import type { Contract, Item, LoggedEvent, Reader, Site } from "@tagwire/messages";
import { eventually, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultsInThemes } from "./test-looks.ts";
import { type Desk, openDesk, smallTargets, watchPage } from "./test-page.ts";

/* A lead trains new hands: a site for practice, its reader, and every workflow through the real services. */

const setUpTimeoutMs = 120_000;
const testTimeoutMs = 240_000;
const stepTimeoutMs = 60_000;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
const targetPx = 24;
/** More than a page of a list holds. */
const dirtyItems = 130;
const school = "/sites/training-yard";

let place: Desk;
let page: Page;
let faults: string[];

beforeAll(async () => {
  place = await openDesk();
  page = await place.browser.newPage({ viewport: desk, reducedMotion: "reduce" });
  faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
}, setUpTimeoutMs);
afterAll(() => place[Symbol.asyncDispose]());

const exercises = () => page.getByRole("region", { name: "Exercises" });
/** What opens an exercise: its name begins with the title, and has Done in it when it is. */
const opener = (title: string) => exercises().getByRole("button", { name: new RegExp(`^${title}\\b`) });
const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
const stepNow = () => page.locator('li[aria-current="step"]');
const itemsOf = async (query: string) =>
  ((await place.call("GET", `${school}/items?limit=100&${query}`)).body as { data: Item[] }).data;
const contractsOf = async () =>
  ((await place.call("GET", `${school}/contracts?limit=100`)).body as { data: Contract[] }).data;
const heardSoFar = async () => ((await place.call("GET", `${school}/readers/trainer`)).body as Reader).counts;
const eventsOf = async () =>
  ((await place.call("GET", `${school}/events?limit=500`)).body as { events: LoggedEvent[] }).events;

/** Follows an exercise to its end: does what each step says, and waits until the page has seen it. */
const follow = async (title: string, buttons: readonly string[]) => {
  await opener(title).click();
  for (const [index, button] of buttons.entries()) {
    await stepNow().getByRole("button", { name: button, exact: true }).click();
    const next = buttons[index + 1];
    const isOver = page.getByText("Done: everything was seen in the record.");
    const seen = next === undefined ? isOver : stepNow().getByRole("button", { name: next, exact: true });
    await seen.waitFor({ timeout: stepTimeoutMs });
  }
  await opener(title).getByText("Done", { exact: true }).waitFor();
  await opener(title).click();
};

test(
  "a lead opens a training site from a real one, and starts its reader",
  async () => {
    await press("Preferences and account");
    await page.getByRole("menuitem", { name: "Training" }).click();
    await press("Open the training site");
    await page.getByText("Training site: nothing here is real.").waitFor();
    await press("Start the training reader");
    await page.getByText("0 of 10 done").waitFor({ timeout: stepTimeoutMs });
    expect(await itemsOf("status=ready")).toHaveLength(36);
    const { data: sites } = (await place.call("GET", "/sites")).body as { data: Site[] };
    expect(sites.map(({ id }) => id)).toEqual(["training-yard", "yard"]);
  },
  testTimeoutMs,
);

test(
  "things go out through the gate and come back, one of them dirty, and the record says so",
  async () => {
    await follow("Checkout at the gate", [
      "Begin the checkout",
      "Put them on the table",
      "Walk out",
      "Close the session",
    ]);
    const out = await itemsOf("status=on_rent");
    expect(out.map((item) => item.class).toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => "Practice chair"),
      ...Array.from({ length: 2 }, () => "Practice table"),
    ]);
    expect(new Set(out.map((item) => item.place))).toEqual(new Set(["yard"]));

    await follow("Return with condition", [
      "Begin the return",
      "Put three on the table",
      "Scan it as dirty",
      "Close the session",
    ]);
    expect(await itemsOf("status=wash")).toMatchObject([{ class: "Practice chair", contract: null }]);
    const returned = (await eventsOf()).filter(({ type }) => type === "item.returned.v1");
    expect(returned.filter(({ by }) => by.reader === "trainer")).toHaveLength(3);
    expect(returned).toHaveLength(4);
  },
  testTimeoutMs,
);

test(
  "every other workflow can be practised to its end",
  async () => {
    await follow("Staging, delivery and pickup", [
      "Stage them",
      "Load them",
      "Deliver them",
      "Pick them up",
      "Bring them in",
    ]);
    await follow("Count", ["Begin the count", "Put five before the reader", "Close the session"]);
    await follow("Laundry", ["Put four on the table", "Send them", "Put three on the table", "All is back"]);
    await follow("Service and repair", [
      "Scan into repair",
      "Put it on the bench",
      "Scan it ready",
      "Close the session",
    ]);
    await follow("Commissioning a new tag", ["Put a new tag there", "Commission it", "Take it away"]);
    await follow("Find a thing", ["Look for it"]);
    await follow("Unexpected and unknown tags", [
      "Begin the checkout",
      "Put it with them",
      "Put it there",
      "Scan it back",
      "Close the session",
    ]);
    await follow("Undo a mistake", ["Make the mistake", "Undo it"]);
    await page.getByText("10 of 10 done").waitFor();
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "a step is done by what the record says, and not by the press of a button",
  async () => {
    await opener("Count").click();
    await press("Begin the count");
    const put = stepNow().getByRole("button", { name: "Put five before the reader" });
    await put.waitFor();
    await place.call("POST", `${school}/readers/trainer:stop`);
    await put.click();
    await exercises().getByRole("alert").waitFor();
    // No tag is as loud as this reader wants it: it hears them all, and none means anything.
    await place.call("PATCH", `${school}/readers/trainer`, { rules: { minRssiDbm: 0 } });
    await place.call("POST", `${school}/readers/trainer:start`);
    await put.click();
    await stepNow().getByText("Seen 0 of 5").waitFor();
    const { reads } = await heardSoFar();
    await eventually("it hears them", async () => (await heardSoFar()).reads > reads + 20);
    expect(await stepNow().getByText("Seen 0 of 5").isVisible()).toBe(true);
    await place.call("PATCH", `${school}/readers/trainer`, { rules: {} });
    await stepNow().getByRole("button", { name: "Close the session" }).click();
    await page.getByText("Done: everything was seen in the record.").waitFor({ timeout: stepTimeoutMs });
  },
  testTimeoutMs,
);

test(
  "everything is put back, and nothing of it ever was at the real site",
  async () => {
    for (let index = 0; index < dirtyItems; index += 1) {
      const tag = `7EA1C0DF${String(index).padStart(16, "0")}`;
      const item = { tag, class: "Practice linen", status: "wash", place: "hall" };
      expect((await place.call("POST", `${school}/items`, item)).status).toBe(201);
    }
    await press("Put everything back");
    await page.getByRole("button", { name: "Put everything back", disabled: false }).waitFor();
    expect(await itemsOf("status=on_rent,wash,repair")).toEqual([]);
    const contracts = await contractsOf();
    expect(contracts.length).toBeGreaterThan(0);
    expect(contracts.filter(({ state }) => state !== "closed")).toEqual([]);
    const { body } = await place.call("GET", "/sites/yard/events?limit=100");
    expect((body as { events: LoggedEvent[] }).events.map(({ type }) => type)).toEqual(["site.created.v1"]);
    for (const screen of ["live", "items", "boards", "laundry", "scan"]) {
      await page.goto(`${place.stack.http}/#/training-yard/${screen}`);
      expect(await page.getByText("Training site: nothing here is real.").isVisible(), screen).toBe(true);
    }
    await page.goto(`${place.stack.http}/#/yard/live`);
    await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
    expect(await page.getByText("Training site: nothing here is real.").count()).toBe(0);
  },
  testTimeoutMs,
);

test(
  "it can be used by everybody, on a desk and on a phone",
  async () => {
    await page.goto(`${place.stack.http}/#/training-yard/training`);
    await opener("Count").click();
    await stepNow().waitFor();
    for (const viewport of [desk, phone]) {
      await page.setViewportSize(viewport);
      expect(await faultsInThemes(page), `${viewport.width} px`).toEqual([]);
      expect(await smallTargets(page, targetPx), `${viewport.width} px`).toEqual([]);
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(isWide, `${viewport.width} px`).toBe(false);
    }
  },
  testTimeoutMs,
);
