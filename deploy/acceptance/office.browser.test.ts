import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type AlertRule, alertKinds, type LoggedEvent, type Webhook } from "@tagwire/messages";
import { accessibilityFaults, eventually, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, openDesk, scan, smallTargets, tagMaker, watchPage } from "./test-page.ts";

const setUpTimeoutMs = 120_000;
const slowTestTimeoutMs = 180_000;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
const targetPx = 24;

let place: Desk;
let page: Page;
let faults: string[];
let tags: string[];
/** What was posted to an endpoint of this test. */
const posted: string[] = [];
const receiver = createServer((request, response) => {
  request.resume();
  posted.push(String(request.headers["webhook-signature"]));
  response.end();
});

const region = (name: string | RegExp) => page.getByRole("region", { name });
const open = (where: string) => page.goto(`${place.stack.http}/#/yard/${where}`);
const listOf = async <Row>(path: string): Promise<readonly Row[]> =>
  ((await place.call("GET", path)).body as { data: readonly Row[] }).data;

beforeAll(async () => {
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  place = await openDesk({ env: { WEBHOOK_PRIVATE_NETWORKS: "127.0.0.1/32" } });
  page = await place.browser.newPage({ viewport: desk, reducedMotion: "reduce" });
  faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  tags = await tagMaker(place.call, "yard", 0x3034257bf7194e4000000000n)(2);
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
}, setUpTimeoutMs);
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  receiver.close();
});

test(
  "a rule is made, tried and changed; what it finds comes by itself, is taken up, put off and closed",
  async () => {
    await open("alerts");
    await page.getByRole("button", { name: "New rule" }).click();
    const form = page.getByRole("form", { name: "New rule" });
    await form.getByLabel("What to watch for").selectOption("threshold");
    await form.getByRole("button", { name: "Watch for it" }).click();
    await form.getByText("Say what it is called.").waitFor();
    await form.getByLabel("Name").fill("Strangers");
    await form.getByLabel("Value").fill("many");
    await form.getByRole("button", { name: "Watch for it" }).click();
    await form.getByText("Say a number.").waitFor();
    await form.getByLabel("Value").fill("0");
    await form.getByLabel("Quiet from").fill("20:00");
    await form.getByRole("button", { name: "Watch for it" }).click();
    await form.getByText("Quiet hours need both: from and to.").waitFor();
    await form.getByLabel("Quiet to").fill("06:00");
    await form.getByLabel("Sat").check();
    await form.getByRole("button", { name: "Watch for it" }).click();
    const rule = region("Rules").getByRole("listitem", { name: "Strangers" });
    await rule.getByText("quiet from 20:00 to 06:00").waitFor();
    await rule.getByRole("button", { name: "Try it" }).click();
    await rule.getByText("It finds nothing now.").waitFor();

    await scan(place.call, "yard", ["stranger"], { type: "touch" });
    const alert = region("Alerts").getByRole("listitem", { name: "Strangers" });
    await alert.getByText("Raised").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await alert.getByRole("button", { name: "Take it up" }).click();
    await alert.getByText(/Taken up by admin/).waitFor();
    await alert.getByRole("button", { name: "Snooze 8 h" }).click();
    await alert.getByText(/Nobody is told until/).waitFor();
    await alert.getByRole("button", { name: "History" }).click();
    await alert.getByRole("region", { name: "History" }).getByText("Snoozed").waitFor();
    await alert.getByRole("button", { name: "Close", exact: true }).click();
    await alert.waitFor({ state: "detached" });
    await region("Alerts").getByLabel("Which alerts").selectOption("resolved");
    await alert.getByText("Closed by a person").waitFor();

    await rule.getByRole("button", { name: "Change" }).click();
    const change = page.getByRole("form", { name: "Change Strangers" });
    await change.getByLabel("Value").fill("5");
    await change.getByRole("button", { name: "Save" }).click();
    await change.waitFor({ state: "detached" });
    const mine = (await listOf<AlertRule>("/sites/yard/alert-rules")).find(
      ({ name }) => name === "Strangers",
    );
    expect(mine).toMatchObject({
      params: { figure: "/totals/quarantined", comparator: ">", value: 5, forSeconds: 0 },
      quietHours: { from: "20:00", to: "06:00", days: [6] },
      channels: [{ kind: "in_app" }],
    });
    await rule.getByRole("button", { name: "Take away…" }).click();
    await rule.getByRole("button", { name: "Yes, take it away" }).click();
    await rule.waitFor({ state: "detached" });
  },
  slowTestTimeoutMs,
);

test(
  "what is pushed is shown also where no page is, and a browser that gets no address to be told at says so",
  async () => {
    const { http } = place.stack;
    const context = await place.browser.browser.newContext({ viewport: desk, serviceWorkers: "allow" });
    const browser = await context.newPage();
    await browser.goto(http);
    await browser.getByLabel("API key").fill(await place.readKey());
    await browser.getByRole("button", { name: "Sign in" }).click();
    await browser.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
    await browser.evaluate(async () => void (await navigator.serviceWorker.ready));
    await context.grantPermissions(["notifications"], { origin: http });
    await browser.goto(`${http}/#/yard/alerts`);
    const panel = browser.getByRole("region", { name: "This browser" });
    await panel.getByText("reach every browser that asks for it").waitFor();
    // A browser without a screen has no push service: whoever asks for it is told so, and nothing is said to be on.
    await panel.getByRole("button", { name: "Tell this browser" }).click();
    await panel.getByText("The push service of this browser gave no address").waitFor();
    expect(await accessibilityFaults(browser)).toEqual([]);

    const worker = await eventually("the worker runs", () => context.serviceWorkers()[0]);
    // It has nothing to show notifications on either: what the worker asks it to show is noted down.
    await worker.evaluate(() => {
      const scope = self as unknown as { registration: ServiceWorkerRegistration; shown: unknown[] };
      scope.shown = [];
      scope.registration.showNotification = async (title, more) => void scope.shown.push({ title, ...more });
    });
    const session = await context.newCDPSession(browser);
    const found = new Promise<string>((resolve) => {
      session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
        const own = registrations.find(({ scopeURL }) => scopeURL === `${http}/`);
        if (own !== undefined) resolve(own.registrationId);
      });
    });
    await session.send("ServiceWorker.enable");
    const data = { id: "line", site: "yard", alert: "late", title: "Warning: Late (Yard)", text: "2 items" };
    await session.send("ServiceWorker.deliverPushMessage", {
      ...{ origin: http, registrationId: await found, data: JSON.stringify(data) },
    });
    const shown = await eventually("it is shown", async () => {
      const all = await worker.evaluate(() => (self as unknown as { shown: unknown[] }).shown);
      return all.length > 0 ? all : undefined;
    });
    expect(shown).toMatchObject([
      { title: "Warning: Late (Yard)", body: "2 items", tag: "late", data: "/#/yard/alerts" },
    ]);
    await context.close();
  },
  slowTestTimeoutMs,
);

test(
  "a rule of every kind is made from what its form begins with",
  async () => {
    await open("alerts");
    for (const kind of alertKinds) {
      await page.getByRole("button", { name: "New rule" }).click();
      const form = page.getByRole("form", { name: "New rule" });
      await form.getByLabel("What to watch for").selectOption(kind);
      await form.getByLabel("Name").fill(`Every ${kind}`);
      await form.getByRole("button", { name: "Watch for it" }).click();
      await form.waitFor({ state: "detached" });
      await region("Rules")
        .getByRole("listitem", { name: `Every ${kind}` })
        .waitFor();
    }
    const made = (await listOf<AlertRule>("/sites/yard/alert-rules")).filter(({ name }) =>
      name.startsWith("Every "),
    );
    expect(made.map(({ kind }) => kind).sort()).toEqual([...alertKinds].sort());
  },
  slowTestTimeoutMs,
);

test(
  "an endpoint shows its secret once, is posted to, and its ledger is there to be sent again",
  async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/tagwire`;
    await open("admin");
    const webhooks = region("Webhooks");
    await webhooks.getByRole("textbox", { name: "New endpoint" }).fill("ftp://nowhere");
    await webhooks.getByRole("button", { name: "Add it" }).click();
    await webhooks
      .getByRole("textbox", { name: "New endpoint" })
      .and(page.locator("[aria-invalid]"))
      .waitFor();
    await webhooks.getByRole("textbox", { name: "New endpoint" }).fill(url);
    await webhooks.getByLabel("Only types").fill("item.*");
    await webhooks.getByRole("button", { name: "Add it" }).click();
    const secret = region(`Signing secret of ${url}`);
    await secret.getByText(/^whsec_/).waitFor();
    await secret.getByRole("button", { name: "I have kept it" }).click();
    await secret.waitFor({ state: "detached" });

    const line = webhooks.getByRole("listitem", { name: url });
    await line.getByRole("button", { name: "Test it" }).click();
    await line.getByText("The test arrived: answered 200.").waitFor();
    await scan(place.call, "yard", tags.slice(0, 1), { type: "service", status: "wash" });
    await line.getByRole("button", { name: "Deliveries" }).click();
    const ledger = region(`Deliveries to ${url}`);
    const delivered = ledger.getByRole("listitem").filter({ hasText: tags[0] ?? "" });
    await delivered.getByText("Delivered").first().waitFor();
    const before = posted.length;
    await delivered.getByRole("button", { name: "Send again" }).first().click();
    await eventually("it was posted again", async () => posted.length > before || undefined);
    expect(await accessibilityFaults(page)).toEqual([]);

    await line.getByRole("button", { name: "New secret…" }).click();
    await line.getByRole("button", { name: "Yes, a new secret" }).click();
    await secret.getByText(/^whsec_/).waitFor();
    await line.getByRole("button", { name: "Switch off" }).click();
    await line.getByText("Off: somebody switched it off").waitFor();
    const [kept] = await listOf<Webhook>("/webhooks?site=yard");
    expect(kept).toMatchObject({
      state: "disabled",
      types: ["item.*"],
      oldSecretsUntil: [expect.any(String)],
    });
    await line.getByRole("button", { name: "Remove…" }).click();
    await line.getByRole("button", { name: "Yes, remove it and its deliveries" }).click();
    await line.waitFor({ state: "detached" });
  },
  slowTestTimeoutMs,
);

test(
  "a key is shown once and works until it is revoked; another site is opened and gone to",
  async () => {
    await open("admin");
    const keys = region("API keys");
    await keys.getByLabel("New key for").fill("Dock tablet");
    await keys.getByRole("button", { name: "Make a key" }).click();
    const shown = region("Key for Dock tablet");
    const text = (await shown.getByText(/^twk_/).textContent()) ?? "";
    const ask = async () =>
      (await place.stack.call("GET", "/sites", undefined, { authorization: `Bearer ${text}` })).status;
    expect(await ask()).toBe(200);
    await shown.getByRole("button", { name: "I have kept it" }).click();
    const row = keys.getByRole("listitem").filter({ hasText: "Dock tablet" });
    await row.getByRole("button", { name: "Revoke…" }).click();
    await row.getByRole("button", { name: "Yes, revoke Dock tablet" }).click();
    await row.getByText(/^revoked/).waitFor();
    expect(await ask()).toBe(401);

    await page.setViewportSize(phone);
    expect(await smallTargets(page, targetPx)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    await page.setViewportSize(desk);
    await region("Sites").getByRole("button", { name: "New site" }).click();
    await region("Sites").getByLabel("Name").fill("South Depot");
    await region("Sites").getByRole("button", { name: "Create site" }).click();
    await page.getByRole("heading", { level: 1, name: "South Depot" }).waitFor();
  },
  slowTestTimeoutMs,
);

test(
  "a contract is stated, closed and opened again; one that was written by hand becomes the real one",
  async () => {
    await open("boards?board=contracts");
    await page.getByRole("button", { name: "New contract" }).click();
    const form = page.getByRole("form", { name: "New contract" });
    await form.getByLabel("Number").fill("4711");
    await form.getByLabel("Client").fill("Ana");
    const line = form.getByLabel("Class of line 1");
    const warning = form.getByText("No thing of this site is of the class “Chiar”.");
    await line.fill("Chiar");
    await form.getByLabel("How many").first().focus();
    await warning.waitFor();
    await line.fill("Chair");
    await form.getByLabel("How many").first().focus();
    await warning.waitFor({ state: "detached" });
    expect(await form.locator("datalist").first().locator('option[value="Chair"]').count()).toBe(1);
    await form.getByRole("button", { name: "Open the contract" }).click();
    await form.getByText("Each line needs a class and how many of it.").waitFor();
    await form.getByLabel("How many").first().fill("2");
    await form.getByRole("button", { name: "Open the contract" }).click();
    const contract = region("Contract 4711");
    await contract.getByText("Rental · Open · Ana").waitFor();
    await contract.getByRole("button", { name: "Close the contract" }).click();
    await contract.getByText("Rental · Closed · Ana").waitFor();
    await contract.getByRole("button", { name: "Open it again" }).click();
    await contract.getByText("Rental · Open · Ana").waitFor();

    const named = "STATED-1";
    await place.call("POST", "/sites/yard/items", { tag: named, class: "Chair" });
    await scan(place.call, "yard", [named], { type: "rental", contract: "4799" });
    await open("boards?board=contracts&contract=4799");
    await region("Contract 4799").getByRole("button", { name: "State what was ordered" }).click();
    const stating = page.getByRole("form", { name: "What contract 4799 is" });
    await stating.getByLabel("Client").fill("Cleo");
    await stating.getByLabel("Class of line 1").fill("Chair");
    await stating.getByLabel("How many").first().fill("3");
    await stating.getByRole("button", { name: "State it" }).click();
    await region("Contract 4799").getByText("Rental · Open · Cleo").waitFor();
    await region("Contract 4799").getByText("nobody has stated").waitFor({ state: "detached" });
    await scan(place.call, "yard", [named], { type: "return" });

    await place.call("POST", "/sites/yard/contracts", { number: "M-1", kind: "manual" });
    await open("boards?board=contracts&contract=M-1");
    const byHand = region("Contract M-1");
    await byHand.getByLabel("Its real number").fill("4711");
    await byHand.getByRole("button", { name: "Merge…" }).click();
    await byHand.getByRole("button", { name: "Yes, merge it into 4711 for good" }).click();
    await byHand.getByText(/Merged into/).waitFor();
  },
  slowTestTimeoutMs,
);

test(
  "a scan is taken back from the life of a thing after a look at what that does, and what stands in the way is said",
  async () => {
    const tag = tags[1] ?? "";
    await scan(place.call, "yard", [tag], { type: "service", status: "wash" });
    await scan(place.call, "yard", [tag], { type: "service", status: "ready" });
    const { body } = await place.call("GET", `/sites/yard/items/${tag}/timeline`);
    const [ready, wash] = (body as { data: LoggedEvent[] }).data;
    await open(`items/${tag}`);
    const life = page.getByRole("dialog", { name: tag });
    await life.getByRole("button", { name: new RegExp(`^Take back .* at position ${wash?.pos}$`) }).click();
    await life.getByText(`at ${ready?.pos} came after it: take that back first.`).waitFor();
    expect(await life.getByRole("button", { name: "Take it back" }).count()).toBe(0);
    await life.getByRole("region", { name: "Take back" }).getByRole("button", { name: "Close" }).click();

    await life.getByRole("button", { name: new RegExp(`^Take back .* at position ${ready?.pos}$`) }).click();
    const panel = life.getByRole("region", { name: "Take back" });
    await panel.getByText(/is taken back: .*wash/i).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await panel.getByLabel("Why").fill("the wrong cart");
    await panel.getByRole("button", { name: "Take it back" }).click();
    await life.getByText("“the wrong cart”").waitFor();
    await life.getByText(`This takes back what is recorded at position ${ready?.pos}.`).waitFor();
    expect((await place.call("GET", `/sites/yard/items/${tag}`)).body).toMatchObject({ status: "wash" });
  },
  slowTestTimeoutMs,
);

test(
  "a file of items is looked through row by row, and taken in once somebody has seen what would be; the list comes out as files",
  async () => {
    await open("items");
    await page.getByRole("button", { name: "Import items" }).click();
    const file = "tag,class,status\nCRATE-1,Crate,ready\nCRATE-2,Crate,flying\n";
    await page
      .getByLabel("A file, CSV or NDJSON")
      .setInputFiles({ name: "crates.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
    const rows = region("What becomes of each row");
    await rows.getByText("There would be 1 created, 0 changed, 0 unchanged, 1 rejected.").waitFor();
    await rows.getByRole("listitem").filter({ hasText: "CRATE-2" }).getByText("Would be rejected").waitFor();
    expect((await place.call("GET", "/sites/yard/items/CRATE-1")).status).toBe(404);
    expect(await accessibilityFaults(page)).toEqual([]);
    await region("Import items").getByRole("button", { name: "Import 1 item" }).click();
    await rows.getByText("Done: 1 created, 0 changed, 0 unchanged, 1 rejected.").waitFor();
    await page.getByRole("listbox", { name: "Items" }).getByText("CRATE-1").waitFor();

    await open("items?class=Crate");
    for (const format of ["CSV", "XLSX", "NDJSON"]) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: `Export as ${format}` }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(new RegExp(`^yard-items-.*\\.${format.toLowerCase()}$`));
      if (format !== "CSV") continue;
      const text = await readFile(await download.path(), "utf8");
      expect(text.split("\n").filter((line) => line.includes("Crate"))).toHaveLength(1);
      expect(text).toContain("CRATE-1");
    }
    await open("items?q=crate");
    await page.getByText("Clear the search to export.").waitFor();
  },
  slowTestTimeoutMs,
);

test("nothing was wrong with the page meanwhile", () => {
  // A browser tells of each refused call itself.
  expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
});
