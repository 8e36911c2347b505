import { ensureStream, openBus, publishInOrder } from "@tagwire/bus";
import { newId, type Observation, Observations, observationSubject } from "@tagwire/messages";
import { accessibilityFaults, eventually, type Page, quietLog } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { themes, wear } from "./test-looks.ts";
import { type Desk, openYard, scan, smallTargets, tagMaker } from "./test-page.ts";
import { openTablet, scanInto, showStation, untilSession } from "./test-tablets.ts";

const setUpTimeoutMs = 120_000;
const slowTestTimeoutMs = 180_000;
/** The button may go away under the click, which then is in vain. */
const clickTimeoutMs = 1_000;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
const targetPx = 24;
const boards = [
  ["contracts", "Contracts"],
  ["sessions", "Sessions"],
  ["queues", "Service"],
  ["throughput", "Throughput today"],
  ["utilisation", /^Utilisation, 30 days to/],
  ["idle", "Idle"],
  ["stale", "Not seen for long"],
  ["odd", "Odd scans"],
  ["held", "Held scans"],
  ["lag", "Delay of scans, the last hour"],
  ["plan", "Floor plan"],
] as const;

let place: Desk;
let page: Page;
let faults: string[];
let tags: string[];

const region = (name: string | RegExp) => page.getByRole("region", { name });
const rows = (name: string | RegExp) => region(name).locator("tbody tr");
const open = async (board: string): Promise<void> => {
  await page.goto(`${place.stack.http}/#/yard/boards?board=${board}`);
};
const yardScan = (some: readonly string[], how: Record<string, unknown>) =>
  scan(place.call, "yard", some, how);

beforeAll(async () => {
  ({ place, page, faults, tags } = await openYard(desk));
}, setUpTimeoutMs);
afterAll(() => place[Symbol.asyncDispose]());

test(
  "whoever looks at a board sees it change by itself",
  async () => {
    const [first = "", second = "", third = ""] = tags;
    await open("queues");
    await region("Service").getByText("Nothing waits in service.").waitFor();
    await yardScan([first], { type: "service", status: "wash" });
    await rows("Service").getByText(first).waitFor();
    await yardScan([first], { type: "service", status: "ready" });
    await region("Service").getByText("Nothing waits in service.").waitFor();

    await open("contracts");
    const today = new Date().toISOString();
    await place.call("POST", "/sites/yard/contracts", {
      ...{ number: "4711", kind: "rental", client: "Ana", outAt: today, dueAt: today },
      lines: [{ class: "Chair", quantity: 2 }],
    });
    await rows("Contracts").getByText("4711").waitFor();
    await yardScan([second], { type: "rental", contract: "4711" });
    await rows("Contracts").getByText("1 of 2").waitFor();

    await open("utilisation");
    const used = rows(/^Utilisation/).filter({ hasText: "Chair" });
    await used.getByText("16.7 %").waitFor();
    await yardScan([third], { type: "rental", contract: "4711" });
    await used.getByText("33.3 %").waitFor();

    await open("throughput");
    await rows("Throughput today").first().waitFor();
    const scanned = rows("Throughput today").first().getByRole("cell").nth(3);
    const before = Number(await scanned.textContent());
    await yardScan([first], { type: "touch" });
    await region("Throughput today")
      .getByText(String(before + 1), { exact: true })
      .first()
      .waitFor();

    await open("odd");
    await yardScan([second], { type: "touch", scannedAt: new Date(Date.now() - 3_600_000).toISOString() });
    await rows("Odd scans").filter({ hasText: second }).getByText("late").first().waitFor();

    await open("lag");
    await region("Delay of scans, the last hour")
      .getByText(/[1-9]\d* scans? measured/)
      .first()
      .waitFor();
  },
  slowTestTimeoutMs,
);

test(
  "what a board counts is drawn, read point by point without a pointer, and told as a table",
  async () => {
    await open("throughput");
    const board = region("Throughput today");
    const chart = board.getByRole("slider", { name: /^Scans per hour/ });
    await chart.locator("canvas").waitFor();
    await board.getByLabel("Whose").selectOption("device");
    const hour = /^\d\d:00: [1-9]\d* accepted/;
    await eventually("the newest hour has the scans", async () =>
      hour.test((await chart.getAttribute("aria-valuetext")) ?? ""),
    );
    await chart.focus();
    await page.keyboard.press("Home");
    await board.getByText(/^\d\d:00: 0 accepted, 0 already applied, 0 refused or held$/).waitFor();
    expect(await chart.getAttribute("aria-valuenow")).toBe("0");
    for (const theme of themes) {
      await wear(page, theme);
      expect(await accessibilityFaults(page), theme).toEqual([]);
    }
    await board.getByRole("button", { name: /show as table$/ }).click();
    const table = board.getByRole("region", { name: /as a table$/ });
    expect(await table.locator("tbody tr").count()).toBe(24);
    const newest = await table.locator("tbody tr").last().getByRole("cell").first().textContent();
    expect(Number(newest)).toBeGreaterThan(0);

    // Where what draws is out of reach, the figures are not.
    await page.route(/\/assets\/plot-/, (route) => route.abort());
    await page.reload();
    await board.getByText("The chart could not be fetched; these are its figures.").waitFor();
    await table.locator("tbody tr").first().waitFor();
    await page.unroute(/\/assets\/plot-/);
    // The browser itself tells of what was kept from it.
    expect(faults.splice(0).filter((fault) => !fault.includes("/assets/plot-"))).toEqual([]);
  },
  slowTestTimeoutMs,
);

test(
  "a place stands on the floor plan with what was seen there, live, and is drawn with a pointer or in words",
  async () => {
    // What is out on rent stands at no place.
    const [first = "", , , second = ""] = tags;
    await yardScan([first], { type: "touch", place: "rack 7" });
    await open("plan");
    const plan = region("Floor plan");
    const zone = (name: RegExp) => plan.getByRole("link", { name });
    await zone(/^rack 7, 1 item, .*(ago|just now)/).waitFor();
    await yardScan([second], { type: "touch", place: "rack 7" });
    await zone(/^rack 7, 2 items/).waitFor();
    await plan.getByText("nobody has drawn them yet").waitFor();

    await plan.getByRole("button", { name: "Draw zones" }).click();
    const form = page.getByRole("form", { name: "Draw a place" });
    await form.getByLabel("Place").fill("rack 7");
    const corners = form.getByLabel("Corners, in metres");
    expect(await corners.inputValue()).toBe("0,0 10,0 10,6 0,6");
    const box = await page.getByRole("group", { name: "Floor plan", exact: true }).boundingBox();
    if (box === null) throw new Error("there is no plan");
    await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.25);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.75, { steps: 4 });
    await page.mouse.up();
    expect(await corners.inputValue()).toMatch(/^(\d+(\.5)?,\d+(\.5)? ?){4}$/);
    expect(await corners.inputValue()).not.toBe("0,0 10,0 10,6 0,6");
    await corners.fill("0,0 20,0");
    await form.getByRole("button", { name: "Save zone" }).click();
    await form.getByText("Three corners or more").waitFor();
    await corners.fill("0,0 20,0 20,5 8,9");
    await form.getByRole("button", { name: "Save zone" }).click();
    await plan.getByText("all of them are drawn.").waitFor();
    expect(await place.call("GET", "/sites/yard/zones")).toMatchObject({
      body: { data: [{ place: "rack 7", points: [{}, {}, { x: 20, y: 5 }, { x: 8, y: 9 }] }] },
    });
    for (const theme of themes) {
      await wear(page, theme);
      expect(await accessibilityFaults(page), theme).toEqual([]);
    }
    await form.getByLabel("Place").fill("rack 7");
    await region("What was set of rack 7").getByText("Corners: not set → 0,0 20,0 20,5 8,9 m").waitFor();
    await form.getByRole("button", { name: "Take off the plan" }).click();
    await form.getByRole("button", { name: "Take it off" }).click();
    await plan.getByText("nobody has drawn them yet").waitFor();
    await plan.getByRole("button", { name: "Done drawing" }).click();
    await plan.getByRole("button", { name: "Show as table" }).click();
    const row = plan.getByRole("row").filter({ hasText: "rack 7" });
    expect(await row.getByRole("cell").first().textContent()).toBe("2");
    await row.getByRole("link", { name: "rack 7" }).click();
    await page.getByRole("option").filter({ hasText: second }).waitFor();
  },
  slowTestTimeoutMs,
);

test(
  "a wall has figures and nothing around them, goes round, says when they are old, and comes back by itself",
  async () => {
    const wall = await place.browser.newPage({
      viewport: desk,
      storageState: await page.context().storageState(),
    });
    let isCut = false;
    await wall.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
      if (isCut) return void socket.close();
      const server = socket.connectToServer();
      cuts.push(() => socket.close());
      server.onMessage((frame) => socket.send(frame));
    });
    const cuts: (() => unknown)[] = [];
    await wall.goto(`${place.stack.http}/#/yard/wall`);
    await wall.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
    await wall.getByRole("status").getByText("Live", { exact: true }).waitFor();
    expect(await wall.getByRole("navigation").count()).toBe(0);
    const letters = () =>
      wall.evaluate(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
    expect(await letters()).toBeGreaterThan(18);
    const shown: string[] = [];
    for (const title of [
      "Stock",
      "Contracts that are not over",
      "Service",
      "Throughput today",
      "Floor plan",
      "Readers",
      /^Alerts/,
    ]) {
      await wall.getByRole("region", { name: title }).first().waitFor();
      for (const theme of themes) {
        await wear(wall, theme);
        shown.push(...(await accessibilityFaults(wall)).map((fault) => `${title}, ${theme}: ${fault}`));
      }
      await wall
        .getByRole("button", { name: "Stay here" })
        .or(wall.getByRole("button", { name: "Go round" }))
        .focus();
      if (title === "Stock") await wall.keyboard.press("Enter");
      await wall.getByRole("button", { name: "Next" }).press("Enter");
    }
    expect(shown).toEqual([]);

    await wall.goto(`${place.stack.http}/#/yard/wall?panels=stock`);
    await wall.getByRole("region", { name: "Stock" }).waitFor();
    expect(await wall.getByRole("button", { name: "Next" }).count()).toBe(0);
    isCut = true;
    for (const cut of cuts) cut();
    await wall.getByRole("status").getByText("these figures are old").waitFor();
    isCut = false;
    await wall.getByRole("status").getByText("Live", { exact: true }).waitFor();
    await wall.getByRole("link", { name: "Leave the wall" }).press("Enter");
    await wall.getByRole("navigation", { name: "Screens" }).first().waitFor();
    expect(await letters()).toBe(16);
    await wall.context().close();
  },
  slowTestTimeoutMs,
);

test("before the rows of a board have come, none of its figures is said to be nothing", async () => {
  const waiting = await place.browser.newPage({ storageState: await page.context().storageState() });
  await waiting.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((frame) => {
      if (!String(frame).includes('"id":"contracts.')) socket.send(frame);
    });
  });
  await waiting.goto(`${place.stack.http}/#/yard/boards?board=contracts`);
  const board = waiting.getByRole("region", { name: "Contracts" });
  await board.getByText("Waiting for figures…").waitFor();
  await board.getByText("Late to come back").waitFor();
  expect(new Set(await board.locator("dd").allTextContents())).toEqual(new Set(["–"]));
  await waiting.context().close();
});

test(
  "held scans are shown as they come, and go with a reason",
  async () => {
    await open("held");
    await region("Held scans").getByText("No scan waits").waitFor();
    await yardScan(["stranger", "stranger", "other"], { type: "touch", place: "dock-1" });
    const row = rows("Held scans").filter({ hasText: "stranger" });
    await row.getByText("2", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Show scans of stranger" }).click();
    const scans = page.getByRole("region", { name: "Scans of stranger" });
    await scans.getByRole("listitem").nth(1).waitFor();
    await scans.getByRole("button", { name: "Dismiss" }).click();
    await scans.getByText("Say why nobody will commission this tag.").waitFor();
    await scans.getByLabel("Dismiss them, because").fill("a neighbour's tag");
    await scans.getByRole("button", { name: "Dismiss" }).click();
    await row.waitFor({ state: "detached" });
    await rows("Held scans").filter({ hasText: "other" }).waitFor();
    const { body } = await place.call("GET", "/sites/yard/items/stranger/timeline");
    expect(body).toMatchObject({
      data: [
        { type: "scan.dismissed.v1", data: { reason: "a neighbour's tag" } },
        { type: "scan.quarantined.v1" },
        { type: "scan.quarantined.v1" },
      ],
    });
  },
  slowTestTimeoutMs,
);

test(
  "a contract leads to its lines, its items and what happens to it, live",
  async () => {
    const [first = "", second = ""] = await tagMaker(
      ...([place.call, "yard", 0x3034257bf7194e6000000000n] as const),
    )(2);
    const number = "Fest 7/8&";
    await place.call("POST", "/sites/yard/contracts", {
      ...{ number, kind: "rental", client: "Bea" },
      lines: [{ class: "Chair", quantity: 2 }],
    });
    await open("contracts");
    await rows("Contracts").getByRole("link", { name: number }).click();
    const contract = region(`Contract ${number}`);
    await contract.getByText("Rental · Open · Bea").waitFor();
    await region("Items").getByText("None.").waitFor();
    const line = contract.getByRole("row").filter({ hasText: "Chair" });
    const told = () => line.getByRole("cell").allTextContents();
    await line.waitFor();
    expect(await told()).toEqual(["2", "0", "0", "0", "0", "0", "0"]);

    await yardScan([first, second], { type: "rental", contract: number });
    await eventually("both are out", async () => (await told()).join() === "2,0,0,2,0,0,2");
    await region("Items").getByRole("listitem").filter({ hasText: second }).getByText("Out · out").waitFor();
    await region("Lately").getByRole("listitem").filter({ hasText: first }).getByText("Rented").waitFor();
    await yardScan([first], { type: "return" });
    await eventually("one is back", async () => (await told()).join() === "2,0,0,2,1,0,1");
    await region("Items")
      .getByRole("listitem")
      .filter({ hasText: first })
      .getByText(/^Back · out/)
      .waitFor();
    await region("Lately").getByRole("listitem").filter({ hasText: first }).getByText("Returned").waitFor();
    // More than the live view keeps of a whole site: the contract's own events are told all the same.
    await yardScan(Array(250).fill(tags[0]), { type: "touch" });
    await page.reload();
    await region("Lately").getByRole("listitem").filter({ hasText: first }).getByText("Rented").waitFor();
    await region("Items").getByLabel("Items that are").selectOption("out");
    await region("Items").getByRole("listitem").filter({ hasText: first }).waitFor({ state: "detached" });
    await region("Items").getByRole("listitem").filter({ hasText: second }).waitFor();

    const found: string[] = [];
    for (const viewport of [desk, phone]) {
      await page.setViewportSize(viewport);
      for (const theme of themes) {
        await wear(page, theme);
        const wrong = await accessibilityFaults(page);
        found.push(...wrong.map((each) => `${theme}, ${viewport.width} px: ${each}`));
      }
      found.push(...(await smallTargets(page, targetPx)), ...(await overflowing(viewport.width)));
    }
    expect(found).toEqual([]);
    await page.setViewportSize(desk);

    await region("Items").getByRole("link", { name: second }).click();
    await page.getByRole("dialog").getByRole("link", { name: number }).waitFor();
    await page.getByRole("button", { name: "Close item" }).click();
    await contract.waitFor();
    await page.getByRole("link", { name: "All contracts" }).click();
    await rows("Contracts").getByRole("link", { name: number }).waitFor();

    await page.goto(`${place.stack.http}/#/yard/boards?board=contracts&contract=none`);
    await region("Contract none").getByText("No contract has this number.").waitFor();
  },
  slowTestTimeoutMs,
);

/** What is wider than the place it has, the page itself or what may scroll in it: on a phone nobody scrolls sideways for a figure. */
const overflowing = (widthPx: number): Promise<string[]> =>
  page.evaluate(
    (width) =>
      [...document.querySelectorAll("html, main, main *")]
        .filter((element) => {
          const mayScroll =
            element === document.documentElement || /auto|scroll/.test(getComputedStyle(element).overflowX);
          // The names of the boards are meant to be drawn aside.
          return mayScroll && element.closest("nav") === null && element.scrollWidth > element.clientWidth;
        })
        .map(({ tagName, scrollWidth }) => `${tagName} is ${scrollWidth} px wide at ${width} px`),
    widthPx,
  );

/** What a reader at the gate heard, as its reader-gateway says it. */
const hearAtGate = async (some: readonly string[]): Promise<void> => {
  const now = new Date().toISOString();
  const observations = some.map(
    (tag): Observation => ({
      ...{ id: newId(), tag, place: "gate", antenna: 1, reads: 7, peakRssiDbm: -47, tid: "E2801105" },
      ...{ firstHeardAt: now, lastHeardAt: now, station: { id: "dock-gate", mode: "checkout" } },
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }),
  );
  const bus = await openBus({ url: place.stack.natsUrl, name: "test", log: quietLog() });
  await ensureStream(bus, Observations);
  const subject = observationSubject("yard", "dock-reader");
  await publishInOrder(bus, [
    { subject, id: newId(), payload: JSON.stringify({ observations }), headers: {} },
  ]);
  await bus.close();
};

test(
  "a session is begun at a station, people join it, and what its readers hear is seen as it comes in",
  async () => {
    const [heard = "", byHand = "", missing = ""] = await tagMaker(
      ...([place.call, "yard", 0x3034257bf7194e5000000000n] as const),
    )(3);
    const station = await place.call("PUT", "/sites/yard/stations/dock-gate", {
      mode: "checkout",
      place: "gate",
    });
    expect(station.status).toBeLessThan(300);
    await place.call("POST", "/sites/yard/contracts", {
      ...{ number: "900", kind: "rental", lines: [{ class: "Chair", quantity: 3 }] },
    });
    await open("sessions");
    await page.getByRole("button", { name: "Begin a session" }).click();
    const form = page.getByRole("form", { name: "Begin a session" });
    await form.getByLabel("Station").selectOption("dock-gate");
    expect(await form.getByLabel("What for").inputValue()).toBe("checkout");
    expect(await form.getByLabel("Place (optional)").inputValue()).toBe("gate");
    await form.getByLabel("Contract (optional)").fill("900");
    expect(await accessibilityFaults(page)).toEqual([]);
    await form.getByRole("button", { name: "Begin", exact: true }).click();
    // Nothing is bound to the station yet, and whoever waits for a reader there should know.
    await form.getByText("No reader that is switched on listens at dock-gate").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await form.getByRole("button", { name: "Show it" }).click();
    const session = page.getByRole("region", { name: "Checkout · 900 · readers of dock-gate" });
    await session.getByText("Nothing was scanned lately.").waitFor();

    await hearAtGate([heard]);
    const line = session.getByRole("listitem").filter({ hasText: heard });
    await line.getByText("reader dock-reader, antenna 1").waitFor();
    await line.getByText("Chair").waitFor();
    await session.getByText("1 of 3 found").waitFor();
    await session.getByText(/^At work: .*dock-reader/).waitFor();
    await rows("Sessions")
      .filter({ hasText: "900" })
      .getByRole("cell", { name: /^admin · dock-reader$/ })
      .waitFor();
    await session.getByRole("button", { name: "Scan into it" }).click();
    const box = page.getByLabel("Scan, type or paste tags");
    await box.fill(byHand);
    await page.getByRole("button", { name: "Record" }).click();
    await session.getByText("2 of 3 found").waitFor();
    await session.getByLabel("Tags that are").selectOption("unexpected");
    await session.getByText("None.").waitFor();
    expect(await place.call("GET", `/sites/yard/items/${byHand}`)).toMatchObject({
      body: { status: "on_rent", contract: "900" },
    });

    // Another one at the same station is not begun: the open one is shown.
    await page.getByRole("button", { name: "Begin a session" }).click();
    await form.getByLabel("Station").selectOption("dock-gate");
    await form.getByRole("button", { name: "Begin", exact: true }).click();
    await form.getByText("Another session is open at dock-gate.").waitFor();
    // The browser itself tells of each answer that is a refusal.
    expect(faults.splice(0)).toEqual([expect.stringContaining("409")]);
    await form.getByRole("button", { name: "Show it" }).click();
    await form.waitFor({ state: "detached" });
    for (const viewport of [desk, phone]) {
      await page.setViewportSize(viewport);
      expect([...(await accessibilityFaults(page)), ...(await smallTargets(page, targetPx))]).toEqual([]);
    }
    await page.setViewportSize(desk);

    // What was scanned here and has not arrived is a part of it: until it has, the session is not complete and stays open.
    await page.route("**/sites/yard/scans", (route) => route.abort());
    await box.fill("not-here-yet");
    await page.getByRole("button", { name: "Record" }).click();
    await session.getByRole("button", { name: "Close session" }).click();
    await session.getByRole("alert").getByText("1 scan of it still on this device.").waitFor();
    await page.unroute("**/sites/yard/scans");
    const closing = session.getByRole("button", { name: "Close session" });
    await eventually("it can be closed", async () => {
      if (await closing.isHidden()) return true;
      await closing.click({ timeout: clickTimeoutMs });
      return false;
    });
    const { body } = await place.call("GET", "/sites/yard/sessions?contract=900");
    // What was scanned here has come. What the reader heard, nobody declares.
    expect(body).toMatchObject({
      data: [{ state: "closed", complete: null, declared: { count: 2 }, waitingFor: [] }],
    });
    await session.getByText("What devices declared has arrived.").waitFor();
    expect(faults.splice(0).filter((fault) => !fault.includes("ERR_FAILED"))).toEqual([]);
    await hearAtGate([missing]);
    await eventually("it is only seen", async () => {
      const { body } = await place.call("GET", `/sites/yard/items/${missing}`);
      return (body as { place: string; status: string }).place === "gate";
    });
    await session.getByText("2 of 3 found").waitFor();
    await page.goto(`${place.stack.http}/#/yard/boards/${heard}?board=sessions`);
    await page.getByText("7 reads, −47 dBm at best · station dock-gate · chip E2801105").waitFor();
    await page.getByRole("button", { name: "Close item" }).click();
  },
  slowTestTimeoutMs,
);

test(
  "a session that somebody else closes waits for nobody who lies idle, forgets nobody who was away, and counts two tabs as one",
  async () => {
    const [idleTag = "", awayTag = "", one = "", other = ""] = await tagMaker(
      ...([place.call, "yard", 0x3034257bf7194e7000000000n] as const),
    )(4);
    const id = newId();
    await place.call("POST", "/sites/yard/sessions", { id, mode: "count", expected: [idleTag, awayTag] });
    const first = await openTablet(place, page);
    const second = await first.context().newPage();
    const idle = await openTablet(place, page);
    const away = await openTablet(place, page);
    for (const each of [first, second, idle, away]) await showStation(place, each, id);
    await away.context().setOffline(true);
    await scanInto(away, id, { tag: awayTag, word: "Saved here" });
    await scanInto(idle, id, { tag: idleTag, word: "Accepted" });
    await scanInto(first, id, { tag: one, word: "Accepted" });
    await scanInto(second, id, { tag: other, word: "Accepted" });
    // What an idle device looks at meanwhile is no matter.
    await idle.goto(`${place.stack.http}/#/yard/find`);

    expect((await place.call("POST", `/sites/yard/sessions/${id}:close`, {})).status).toBe(200);
    await untilSession(place, id, { complete: true, declared: [1, 2] });
    await away.route("**/sites/yard/scans", (route) => route.abort());
    await away.context().setOffline(false);
    const { waitingFor } = await untilSession(place, id, { complete: false, declared: [1, 1, 2] });
    expect(waitingFor).toHaveLength(1);
    await away.unroute("**/sites/yard/scans");
    await untilSession(place, id, { complete: true, declared: [1, 1, 2] });
    for (const each of [first, idle, away]) await each.context().close();
  },
  slowTestTimeoutMs,
);

test(
  "every board can be read by everybody, on a desk and on a phone",
  async () => {
    const found: string[] = [];
    for (const [board, title] of boards) {
      await open(board);
      await region(title).waitFor();
      for (const viewport of [desk, phone]) {
        await page.setViewportSize(viewport);
        const wrong = [...(await accessibilityFaults(page)), ...(await smallTargets(page, targetPx))];
        found.push(...wrong.map((each) => `${board}, ${viewport.width} px: ${each}`));
      }
      await page.setViewportSize(desk);
    }
    expect(found).toEqual([]);
    expect(faults).toEqual([]);
  },
  slowTestTimeoutMs,
);
