import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import type { Dashboard, LoggedEvent, Receipt, TimelineRow } from "@tagwire/messages";
import { accessibilityFaults, eventually, GiveUp, type Page } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { themes, wear } from "./test-looks.ts";
import {
  type Desk,
  deadAddress,
  openDesk,
  openKeyboard,
  paste,
  populate,
  scan,
  smallTargets,
  tagMaker,
  watchEvents,
  watchPage,
} from "./test-page.ts";

const setUpTimeoutMs = 120_000;
const slowTestTimeoutMs = 180_000;
const slow = { timeout: slowTestTimeoutMs };
/** The gateway says so within five seconds; the rest is patience with a slow machine. */
const staleWithinMs = 25_000;
/** What the ticker shows at once. */
const eventsShown = 24;
const scannerGapMs = 8;
const handGapMs = 130;
const unknownTag = "30340BADC0FFEE0000000001";
const phone = { width: 390, height: 844 };
const desk = { width: 1_440, height: 900 };
/** What WCAG 1.4.10 asks for: a desk of 1,280 px at 400 %. */
const narrowPhone = { width: 320, height: 640 };

let place: Desk;
let page: Page;
let faults: string[];
let origin = "";
const onAntenna = new Set<string>();

const newPage = async (options: Parameters<Desk["browser"]["newPage"]>[0] = {}) => {
  const made = await place.browser.newPage({ viewport: desk, reducedMotion: "reduce", ...options });
  return { page: made, faults: await watchPage(made, origin) };
};
/** Goes to a place in the page and starts it anew there. */
const open = async (where: string, viewport = desk): Promise<void> => {
  await page.setViewportSize(viewport);
  await page.goto(`${origin}/#/${where}`);
  await page.reload();
  const isScan = where.endsWith("/scan");
  await (isScan ? page.getByLabel("Scan, type or paste tags") : page.getByText("as of").first()).waitFor();
};
const figure = (name: string) =>
  page.getByRole("region", { name: "Stock" }).getByRole("link", { name: new RegExp(`^${name}`) });
const dashboard = async () => (await place.call("GET", "/sites/yard/dashboard")).body as Dashboard;
/** How many are out once everything that was recorded is counted: on a busy machine earlier scans may still be on their way. */
const settledOut = () =>
  eventually("everything is counted", async () => {
    const { epoch, pos, totals } = await dashboard();
    const { body } = await place.call("GET", `/sites/yard/events?after=${epoch}:${pos}`);
    return (body as { events: LoggedEvent[] }).events.length === 0 ? totals.out : undefined;
  });
const timelineOf = async (tag: string) =>
  ((await place.call("GET", `/sites/yard/items/${tag}/timeline`)).body as { data: TimelineRow[] }).data;
/** What the person at this page scanned of a tag; others scan it as well. */
const ownScansOf = async (tag: string) =>
  (await timelineOf(tag)).filter(({ by }) => by.person === "admin" || by.device === "admin");
const enter = (tag: string): string[] => [...tag, "Enter"];

const figuresAgree = (onPage: Page) =>
  eventually("the page shows what the API says", async () => {
    const { totals } = await dashboard();
    const shown = await onPage
      .getByRole("region", { name: "Stock" })
      .getByRole("list")
      .getByRole("link")
      .evaluateAll((links) =>
        links.map((link) => Number(link.children[1]?.textContent?.replaceAll(",", ""))),
      );
    const told = [totals.total, totals.ready, totals.out, totals.inService, totals.missing, totals.ended];
    expect(shown).toEqual(told);
    return true;
  });

beforeAll(async () => {
  place = await openDesk();
  origin = place.stack.http;
  ({ page, faults } = await newPage());
}, setUpTimeoutMs);
afterAll(() => place[Symbol.asyncDispose]());

/** Axe and the sizes of all targets, in every theme, on a desk and on a phone. */
const inspect = async (inspected: Page, what: string, targetPx: number): Promise<string[]> => {
  const found: string[] = [];
  for (const viewport of [desk, phone]) {
    await inspected.setViewportSize(viewport);
    for (const theme of themes) {
      await wear(inspected, theme);
      const wrong = await accessibilityFaults(inspected);
      found.push(...wrong.map((each) => `${what}, ${theme}, ${viewport.width} px: ${each}`));
    }
    const small = await smallTargets(inspected, targetPx);
    found.push(...small.map((each) => `${what}, ${viewport.width} px: ${each}`));
  }
  await inspected.setViewportSize(desk);
  return found;
};

describe("the door", () => {
  test("nobody gets in without a key, and a wrong one is told", async () => {
    await page.goto(origin);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await inspect(page, "sign-in", 24)).toEqual([]);
    await page.getByLabel("API key").fill("not-a-key");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This key is not known, or was revoked.").waitFor();
    expect(await page.getByLabel("API key").getAttribute("aria-invalid")).toBe("true");
    // The browser itself reports that the server said 401; nothing else may be wrong.
    expect(faults.filter((fault) => !/status of 401/.test(fault))).toEqual([]);
    faults.length = 0;
  });

  test("the sign-in link works once and leaves no token behind", async () => {
    const link = await place.signInLink();
    const token = link.split("#sign-in=")[1] ?? "";
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByRole("heading", { name: "Create your first site" }).waitFor();
    expect(page.url()).not.toContain(token);
    expect(asked.filter((url) => url.slice(origin.length).includes(token) && !url.includes("#"))).toEqual([]);

    const late = await newPage();
    await late.page.goto(link);
    await late.page
      .getByText(
        "This sign-in link was used already or has expired. Each start of Tagwire prints another one.",
      )
      .waitFor();
    await late.page.context().close();
  });

  test("the first site is made at the door, and is empty", async () => {
    expect(await inspect(page, "first site", 24)).toEqual([]);
    await page.getByLabel("Name").fill("North depot");
    await page.getByRole("button", { name: "Create site" }).click();
    await page.getByRole("heading", { level: 1, name: "North depot" }).waitFor();
    await page.getByText("Nothing has happened yet").or(page.getByText("Site created")).first().waitFor();
    expect(await inspect(page, "empty live", 24)).toEqual([]);
    await page.getByRole("link", { name: "Items" }).first().click();
    await page.getByText("No items yet.").waitFor();
    expect(await inspect(page, "empty items", 24)).toEqual([]);
  });

  test("whoever is signed in can try the API out, changes too", slow, async () => {
    const docs = await newPage({ storageState: await page.context().storageState() });
    // The viewer reads and draws all there is to call before anything of it can be pressed.
    docs.page.setDefaultTimeout(slowTestTimeoutMs);
    await docs.page.goto(`${origin}/docs/#/Keys/createKey`);
    const call = docs.page.locator("#operations-Keys-createKey");
    await call.getByRole("button", { name: "Try it out" }).click();
    await call.locator("textarea").fill('{"name":"from the docs"}');
    await call.getByRole("button", { name: "Execute" }).click();
    await call.locator(".live-responses-table .response-col_status").getByText("201").waitFor();
    expect(docs.faults).toEqual([]);
    await docs.page.context().close();
  });

  test("a key opens it too, and a revoked key leads back to it", async () => {
    const { id, key } = (await place.call("POST", "/keys", { name: "tablet" })).body as Record<
      string,
      string
    >;
    const tablet = await newPage();
    await tablet.page.goto(origin);
    await tablet.page.getByLabel("API key").fill(key ?? "");
    await tablet.page.keyboard.press("Enter");
    await tablet.page.getByRole("heading", { level: 1, name: "North depot" }).waitFor();
    // Out of reach meanwhile: whatever the page asks for first with a key that is gone leads to the door, and what is scanned there is no scan.
    await tablet.page.context().setOffline(true);
    expect((await place.call("DELETE", `/keys/${id}`)).status).toBeLessThan(300);
    await tablet.page.keyboard.press("Tab");
    await openKeyboard(tablet.page).then((type) => type([..."30340BADC0FFEE", "Enter"], scannerGapMs));
    await tablet.page.getByText("30340BADC0FFEE").first().waitFor();
    await tablet.page.context().setOffline(false);
    await tablet.page.getByText("Your session has ended.").waitFor();
    await tablet.page.getByText(/^1 scan not confirmed yet/).waitFor();
    await tablet.page.getByLabel("API key").waitFor();
    await tablet.page.context().close();
  });
});

describe("a site that lives", () => {
  const world: TagSource = {
    sees: (antenna) => (antenna === 1 ? [...onAntenna].map((epc) => ({ epc, rssiDbm: -50 })) : []),
  };
  let reader: Awaited<ReturnType<typeof startLlrpReader>>;

  beforeAll(async () => {
    await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
    await populate(place.call, "yard", 200);
    freshTags = tagMaker(place.call, "yard", 0x3034257bf7194e4000000000n);
    reader = await startLlrpReader({ world, seed: 3 });
    const antennas = [{ port: 1, place: "dock" }];
    await place.call("POST", "/sites/yard/readers", {
      id: "dock",
      driver: "llrp",
      address: reader.address,
      antennas,
    });
    await place.call("POST", "/sites/yard/readers", {
      id: "lost",
      driver: "llrp",
      address: await deadAddress(),
      antennas,
    });
    await open("yard/live");
  }, setUpTimeoutMs);
  afterAll(() => reader?.stop());

  let freshTags: (count: number) => Promise<string[]>;
  const freshTag = async (): Promise<string> => (await freshTags(1))[0] ?? "";

  describe("looked at", () => {
    test("figures move by themselves and are those of the API", async () => {
      await figuresAgree(page);
      const chosen = await freshTags(3);
      const before = await settledOut();
      await scan(place.call, "yard", chosen, { type: "rental", contract: "4711" });
      await figure("Out")
        .getByText(String(before + 3), { exact: true })
        .waitFor();
      await figuresAgree(page);
      await scan(place.call, "yard", chosen, { type: "return" });
      await figure("Out").getByText(String(before), { exact: true }).waitFor();
      await figuresAgree(page);
    });

    test("readers show what they do, and a lost one what to do", async () => {
      const readers = page.getByRole("region", { name: "Readers" });
      await readers.getByRole("listitem").filter({ hasText: "dock" }).getByText("Reading").waitFor();
      await readers.getByRole("listitem").filter({ hasText: "lost" }).getByText("Lost, will retry").waitFor();
    });

    test("a row of the list changes and moves to the top without a reload", async () => {
      await open("yard/items");
      const tag = await freshTag();
      await scan(place.call, "yard", [tag], { type: "rental", contract: "4712" });
      const first = page.getByRole("listbox", { name: "Items" }).getByRole("option").first();
      await first.getByText(tag).waitFor();
      await first.getByText("On rent").waitFor();
      await scan(place.call, "yard", [tag], { type: "return", condition: { dirty: true } });
      await first.getByText("Wash").waitFor();
      expect(
        await page
          .getByRole("listbox", { name: "Items" })
          .getByRole("option")
          .filter({ hasText: tag })
          .count(),
      ).toBe(1);
    });

    test("an item tells its whole life, every outcome in words, while it goes on", async () => {
      const tag = await freshTag();
      const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000).toISOString();
      await scan(place.call, "yard", [tag], { type: "touch", place: "aisle 4" });
      await scan(place.call, "yard", [tag], { type: "rental", contract: "4713" });
      await scan(place.call, "yard", [tag], { type: "stage", contract: "4714" });
      await scan(place.call, "yard", [tag], { type: "touch", scannedAt: twoHoursAgo });
      await open(`yard/items/${tag}`);
      const drawer = page.getByRole("dialog");
      for (const words of [
        "Put into stock",
        "at aisle 4",
        "Rented",
        "Refused",
        "The item's status does not allow this.",
        "arrived 2 h late",
        "Something newer is known, so this is history only.",
      ])
        await drawer.getByText(words).first().waitFor();
      const rows = await timelineOf(tag);
      expect(await drawer.getByRole("list").getByRole("listitem").count()).toBe(rows.length);
      for (const { traceId } of rows)
        expect(await drawer.getByText(`trace ${traceId}`).count()).toBeGreaterThan(0);

      await scan(place.call, "yard", [tag], { type: "touch", place: "gate 9" });
      const newest = drawer.getByRole("list").getByRole("listitem").first();
      await newest.getByText("at gate 9").waitFor();
      await scan(place.call, "yard", [tag], { type: "return", condition: { dirty: true } });
      const worked = { status: "ready", technician: "Ines", done: ["washed"] };
      await scan(place.call, "yard", [tag], { type: "service", ...worked });
      const work = "Ines · washed · put right: dirty";
      await newest.getByText(work).waitFor();
      await page.reload();
      await newest.getByText(work).waitFor();
      await drawer.getByRole("definition").filter({ hasText: work }).waitFor();
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      expect(page.url()).toMatch(/#\/yard\/items$/);
    });

    describe("passes in every theme, on a desk and on a phone:", () => {
      // Whatever became of a test, the next one has a network.
      afterEach(() => page.context().setOffline(false));

      test.each(["live", "items", "item"])("%s", slow, async (screen) => {
        const where = screen === "item" ? `yard/items/${await freshTag()}` : `yard/${screen}`;
        await open(where);
        expect(await inspect(page, where, 24)).toEqual([]);
      });

      test("figures as a table", slow, async () => {
        await open("yard/live");
        await page.getByRole("button", { name: "Show as table" }).click();
        expect(await inspect(page, "figures as a table", 24)).toEqual([]);
      });

      test("scan", slow, async () => {
        const tag = await freshTag();
        await open("yard/scan");
        await page.getByLabel("Scan, type or paste tags").focus();
        await paste(page, `${tag}\n${unknownTag}\n${"X".repeat(64)}`);
        await page.getByText("3 scans, all answered").waitFor();
        expect(await inspect(page, "scan", 48)).toEqual([]);
      });

      test("scan without its contract", slow, async () => {
        await open("yard/scan");
        await page.getByRole("radio", { name: "Rental" }).check();
        const tag = await freshTag();
        await page.getByLabel("Scan, type or paste tags").fill(tag);
        await page.getByRole("button", { name: "Record" }).click();
        await page.getByText("Enter it, then scan again.").waitFor();
        // What the record refused has happened all the same.
        await page.getByRole("listitem").filter({ hasText: tag }).getByText("Refused").first().waitFor();
        expect(await ownScansOf(tag)).toMatchObject([{ outcome: "rejected", code: "contract_required" }]);
        const boxes = [page.getByRole("textbox", { name: "Contract" }), page.getByLabel("Place (optional)")];
        const [contract, place] = await Promise.all(boxes.map((box) => box.boundingBox()));
        expect([place?.y, place?.height]).toEqual([contract?.y, contract?.height]);
        expect(await inspect(page, "scan without its contract", 48)).toEqual([]);
        await page.getByRole("radio", { name: "Touch" }).check();
      });

      test("without a network, and right again with it", slow, async () => {
        await open("yard/scan");
        await page.context().setOffline(true);
        await page.getByRole("link", { name: "Live", exact: true }).first().click();
        await page
          .getByText(/^Reconnecting/)
          .first()
          .waitFor();
        expect(await inspect(page, "without a network", 24)).toEqual([]);
        await page.context().setOffline(false);
        await page.getByText("as of just now").first().waitFor();
        faults = faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED/.test(fault));
      });

      test("site chooser", slow, async () => {
        await open("yard/live");
        await page.getByRole("button", { name: "change site" }).click();
        await page.getByRole("menuitemradio", { name: "North depot" }).waitFor();
        expect(await inspect(page, "site chooser", 24)).toEqual([]);
      });

      test("preferences, which last", slow, async () => {
        await open("yard/live");
        await page.getByRole("button", { name: "Preferences and account" }).click();
        await page.getByRole("menuitemradio", { name: "Floor, high contrast" }).waitFor();
        expect(await inspect(page, "preferences", 24)).toEqual([]);
        await page.getByRole("menuitemradio", { name: "Floor, high contrast" }).click();
        await page.reload();
        expect(await page.locator("html").getAttribute("data-theme")).toBe("floor");
        await page.evaluate(() => localStorage.removeItem("tagwire.theme"));
      });
    });

    test("nothing hangs over the edge of a narrow phone", async () => {
      const tag = await freshTag();
      const over: string[] = [];
      for (const where of ["yard/live", "yard/items", `yard/items/${tag}`, "yard/scan"]) {
        await open(where, narrowPhone);
        if (where === "yard/scan") {
          await page.getByLabel("Scan, type or paste tags").fill("Y".repeat(64));
          await page.keyboard.press("Enter");
          await page.getByText("Held: unknown tag").first().waitFor();
        }
        const wide = await page.evaluate(() =>
          [...document.querySelectorAll("*")]
            .filter((element) => {
              const { overflowX } = getComputedStyle(element);
              const mayScroll = element === document.documentElement || /auto|scroll/.test(overflowX);
              return mayScroll && element.scrollWidth > element.clientWidth;
            })
            .map((element) => `${element.tagName} ${element.scrollWidth} > ${element.clientWidth}`),
        );
        over.push(...wide.map((each) => `${where}: ${each}`));
      }
      expect(over).toEqual([]);
    });

    test("nothing moves for those who asked for that", async () => {
      await open("yard/live");
      const tag = await freshTag();
      await scan(place.call, "yard", [tag], { type: "rental", contract: "4715" });
      await page.getByRole("region", { name: "Just now" }).getByText(tag).first().waitFor();
      const running = await page.evaluate(() =>
        document
          .getAnimations()
          .map((animation) => Number(animation.effect?.getTiming().duration ?? 0))
          .filter((durationMs) => durationMs > 1),
      );
      expect(running).toEqual([]);
      const lively = await newPage({
        reducedMotion: "no-preference",
        storageState: await page.context().storageState(),
      });
      await lively.page.goto(`${origin}/#/yard/live`);
      await lively.page.getByRole("region", { name: "Just now" }).getByText(tag).first().waitFor();
      await lively.page.evaluate(() => {
        (window as unknown as { moved: number }).moved = 0;
        addEventListener("animationstart", () => {
          (window as unknown as { moved: number }).moved += 1;
        });
      });
      await scan(place.call, "yard", [tag], { type: "return" });
      await eventually("something moved", () =>
        lively.page.evaluate(() => (window as unknown as { moved: number }).moved > 0),
      );
      await lively.page.context().close();
    });
  });

  describe("worked with", () => {
    const result = (tag: string) => page.getByRole("listitem").filter({ hasText: tag });

    test("by the keyboard alone: skip, reach the list, open, close, scan", async () => {
      await open("yard/items");
      const tag = await freshTag();
      await scan(place.call, "yard", [tag], { type: "touch" });
      await page.getByRole("listbox", { name: "Items" }).getByRole("option").first().getByText(tag).waitFor();
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
      await page.keyboard.press("Enter");
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
      const order: string[] = [];
      while (order.at(-1) !== "Items" && order.length < 14) {
        await page.keyboard.press("Tab");
        order.push(
          await page.evaluate(() => {
            const element = document.activeElement;
            const label = (element as HTMLInputElement | null)?.labels?.[0]?.textContent;
            return element?.getAttribute("aria-label") ?? label ?? "";
          }),
        );
      }
      expect(order).toEqual([
        "Saved views",
        "Choose several",
        "Import items",
        "Export as CSV",
        "Export as XLSX",
        "Export as NDJSON",
        "Search tag, class, name, place or contract",
        "Status",
        "Class",
        "Place",
        "Order",
        "Items",
      ]);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Home");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: tag }).waitFor();
      // At either end a guard takes the focus and hands it back inside a moment later; nothing else may have it.
      const isInside = () =>
        page.evaluate(() => {
          const element = document.activeElement;
          if (element?.closest('[role="dialog"]')) return true;
          return element?.hasAttribute("data-base-ui-focus-guard") ? undefined : false;
        });
      await eventually("the focus has come inside", isInside);
      for (let step = 0; step < 12; step += 1) {
        await page.keyboard.press("Tab");
        await eventually("the focus stays inside", async () => {
          const inside = await isInside();
          if (inside === false) throw new GiveUp("the focus left the open item");
          return inside;
        });
      }
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("listbox");
      await page.getByLabel("Scan, type or paste tags").focus();
      const type = await openKeyboard(page);
      await type([...tag], handGapMs);
      expect(await page.getByLabel("Scan, type or paste tags").inputValue()).toBe(tag);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await result(tag).getByText("Accepted").waitFor();
    });

    test("a scanner is heard wherever the focus is, once; hands are not", async () => {
      await open("yard/items");
      const type = await openKeyboard(page);
      const [free = "", onSelect = "", onButton = "", onField = ""] = await freshTags(4);
      await type(enter(free), scannerGapMs);
      await result(free).getByText("Accepted").waitFor();

      await page.getByLabel("Status").focus();
      await type(enter(onSelect), scannerGapMs);
      await result(onSelect).getByText("Accepted").waitFor();
      expect(await page.getByLabel("Status").inputValue()).toBe("");

      await page.getByRole("button", { name: "Preferences and account" }).focus();
      await type(enter(onButton), scannerGapMs);
      await result(onButton).getByText("Accepted").waitFor();
      expect(await page.getByRole("menu").count()).toBe(0);

      const search = page.getByRole("searchbox");
      await search.focus();
      await type([..."chair"], handGapMs);
      await type(enter(onField), scannerGapMs);
      await result(onField).getByText("Accepted").waitFor();
      expect(await search.inputValue()).toBe("chair");
      await search.fill("");
      const before = await page.getByText(/scans?, all answered/).textContent();
      await type([...enter("CHAIR")], handGapMs);
      expect(await search.inputValue()).toBe("CHAIR");
      expect(await page.getByText(/scans?, all answered/).textContent()).toBe(before);

      for (const tag of [free, onSelect, onButton, onField]) {
        const rows = await ownScansOf(tag);
        expect(rows).toMatchObject([{ type: "item.sighted.v1", outcome: "accepted" }]);
      }
    });

    test("thirty tags pasted into the box, and only there, are thirty scans; the same tag again in a burst is only counted", async () => {
      await open("yard/scan");
      const burst = await freshTags(30);
      await page.locator("body").click({ position: { x: 700, y: 850 } });
      await paste(page, "4bf92f3577b34da6a3ce929d0e0e4736");
      await paste(page, burst.join("\n"));
      expect(await page.getByText(/scans?, all answered/).count()).toBe(0);
      await page.getByLabel("Scan, type or paste tags").focus();
      await paste(page, burst.join("\n"));
      await page.getByText("30 scans, all answered").waitFor();
      for (const tag of burst) await result(tag).getByText("Accepted").waitFor();

      const type = await openKeyboard(page);
      const again = await freshTag();
      await type(enter(again), scannerGapMs);
      await type(enter(again), scannerGapMs);
      await type(enter(again), scannerGapMs);
      await result(again).getByText("× 3").waitFor();
      await page.getByText("31 scans, all answered").waitFor();
      expect(await ownScansOf(again)).toHaveLength(1);
    });

    test("an unknown tag is shown as held", async () => {
      await open("yard/live");
      const type = await openKeyboard(page);
      await type(enter(unknownTag), scannerGapMs);
      await result(unknownTag).getByText("Held: unknown tag").first().waitFor();
      await figuresAgree(page);
    });

    test("all that long no error was said, no policy broken, nothing asked elsewhere", () => {
      expect(faults).toEqual([]);
    });
  });

  describe("through the death of its parts", () => {
    test("without the manager the figures say stale, and with it they are right again", {
      timeout: slowTestTimeoutMs,
    }, async () => {
      await open("yard/live");
      await figuresAgree(page);
      await place.stack.service("manager").kill("SIGKILL");
      const tag = await freshTag();
      await scan(place.call, "yard", [tag], { type: "rental", contract: "4720" });
      const stock = page.getByRole("region", { name: "Stock" });
      await stock.getByText(/^Stale/).waitFor({ timeout: staleWithinMs });
      await page.getByText("The figures are stale.").waitFor({ state: "attached" });
      // The header is no better than its panels.
      await page
        .getByRole("banner")
        .getByText(/^Stale/)
        .waitFor();
      expect(await inspect(page, "stale figures", 24)).toEqual([]);
      await place.stack.start("manager");
      await stock.getByText("as of just now").waitFor();
      await figuresAgree(page);
      await page.getByRole("region", { name: "Just now" }).getByText(tag).first().waitFor();
    });

    test("without the api-gateway the page waits, and misses nothing that happened meanwhile", async () => {
      const watched = await newPage({ storageState: await page.context().storageState() });
      const reads = watchEvents(watched.page);
      await watched.page.goto(`${origin}/#/yard/live`);
      await watched.page.getByText("as of just now").first().waitFor();
      const { epoch, pos } = await dashboard();
      const feed = async () => {
        const from = `${epoch}:${pos - eventsShown}`;
        return (await place.call("GET", `/sites/yard/events?after=${from}&limit=1000`)).body as {
          events: LoggedEvent[];
        };
      };
      const passing = await freshTags(4);

      await place.stack.service("api-gateway").kill("SIGKILL");
      await watched.page
        .getByText(/^Reconnecting/)
        .first()
        .waitFor();
      await watched.page.getByText("Reconnecting. The figures are old.").waitFor({ state: "attached" });
      for (const tag of passing) onAntenna.add(tag);
      await eventually("the reader saw them", () => reader.stats().tags > passing.length);
      await place.stack.start("api-gateway");
      const last = await eventually("they are on record", async () => {
        const { events } = await feed();
        const seen = new Set(events.filter(({ by }) => by.reader === "dock").map(({ tag }) => tag));
        return passing.every((tag) => seen.has(tag)) ? events.at(-1) : undefined;
      });
      onAntenna.clear();
      await watched.page.getByText("as of just now").first().waitFor();

      const ticker = watched.page.getByRole("region", { name: "Just now" }).getByRole("listitem");
      await eventually("the ticker is the end of the log", async () => {
        const tail = (await feed()).events.slice(-eventsShown).reverse();
        const shown = await ticker.evaluateAll((lines) =>
          lines.map((line) => line.querySelector("button")?.title ?? ""),
        );
        return JSON.stringify(shown) === JSON.stringify(tail.map(({ traceId }) => traceId));
      });
      // Whatever was not told as a change was told by a snapshot: no frame follows on one that did not come.
      let at = -1;
      for (const read of reads) {
        if (!read.isSnapshot) expect(read.prev).toBe(at);
        at = read.pos;
      }
      expect(at).toBeGreaterThanOrEqual(last?.pos ?? Number.POSITIVE_INFINITY);
      await watched.page.context().close();
    });

    test("an api-gateway that dies in the middle of a burst costs no scan and doubles none", async () => {
      await open("yard/scan");
      const sent = new Map<string, string>();
      page.on("request", (request) => {
        if (request.method() !== "POST" || !request.url().endsWith("/scans")) return;
        const body = request.postDataJSON() as { scans: { id: string; tag: string }[] };
        for (const { id, tag } of body.scans) sent.set(id, tag);
      });
      const type = await openKeyboard(page);
      const burst = await freshTags(12);
      for (const tag of burst.slice(0, 5)) await type(enter(tag), scannerGapMs);
      const dying = place.stack.service("api-gateway").kill("SIGKILL");
      for (const tag of burst.slice(5)) await type(enter(tag), scannerGapMs);
      await dying;
      await page.getByText("not confirmed yet").first().waitFor();
      await place.stack.start("api-gateway");
      await page.getByText("12 scans, all answered").waitFor();

      expect([...sent.values()].sort()).toEqual(burst.toSorted());
      for (const [id, tag] of sent) {
        const { status, body } = await place.call("GET", `/sites/yard/scans/${id}`);
        expect({ status, outcome: (body as Receipt).outcome }).toEqual({ status: 200, outcome: "accepted" });
        const rows = await ownScansOf(tag);
        expect(rows.map(({ scanId }) => scanId)).toEqual([id]);
      }
      // A server that is gone is the one thing a browser may complain about here.
      expect(faults.filter((fault) => !/ERR_|WebSocket connection|status of 50\d/.test(fault))).toEqual([]);
    });
  });
});
