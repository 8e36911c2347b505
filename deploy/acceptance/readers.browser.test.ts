import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { accessibilityFaults, eventually, type Page } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultsInThemes } from "./test-looks.ts";
import { type Desk, deadAddress, openDesk, smallTargets, watchPage } from "./test-page.ts";

const setUpTimeoutMs = 120_000;
const testTimeoutMs = 120_000;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
const targetPx = 24;
const held = "3034257BF7194E4000001A85";

let place: Desk;
let page: Page;
let faults: string[];
let tapes: string;
let reader: Awaited<ReturnType<typeof startLlrpReader>>;

const region = (name: string | RegExp) => page.getByRole("region", { name });
const button = (name: string | RegExp) => page.getByRole("button", { name });
const openReader = async (id: string): Promise<void> => {
  await page.goto(`${place.stack.http}/#/yard/readers?reader=${id}`);
  await region(`Reader ${id}`).waitFor();
};
const readerOf = async (id: string) =>
  (await place.call("GET", `/sites/yard/readers/${id}`)).body as {
    counts: { filteredBy: Record<string, number>; observations: number };
    rules?: Record<string, unknown>;
    station?: string;
  };

beforeAll(async () => {
  const world: TagSource = { sees: (antenna) => (antenna === 1 ? [{ epc: held, rssiDbm: -48 }] : []) };
  tapes = await mkdtemp(join(tmpdir(), "tagwire-tapes-"));
  const env = { RECORDINGS_DIR: tapes };
  [place, reader] = await Promise.all([openDesk({ env }), startLlrpReader({ world, seed: 7 })]);
  page = await place.browser.newPage({ viewport: desk, reducedMotion: "reduce", acceptDownloads: true });
  faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
}, setUpTimeoutMs);
afterAll(async () => {
  await reader?.stop();
  await place[Symbol.asyncDispose]();
  await rm(tapes, { recursive: true, force: true });
});

test(
  "a reader comes into sight, reads, stops, starts, and tells what went wrong and what helps",
  async () => {
    await page
      .getByRole("navigation", { name: "Screens" })
      .getByRole("link", { name: "Readers" })
      .first()
      .click();
    await page.getByText("No readers here.").waitFor();
    await button("Add a reader").click();
    const form = page.getByRole("form", { name: "Add a reader" });
    await form.getByLabel("Name").fill("dock-1");
    await form.getByLabel("Address").fill("nowhere at all");
    await form.getByLabel("What its antennas look at").fill("dock, shelf");
    for (const viewport of [phone, desk]) {
      await page.setViewportSize(viewport);
      expect([...(await accessibilityFaults(page)), ...(await smallTargets(page, targetPx))]).toEqual([]);
    }
    await form.getByRole("button", { name: "Add", exact: true }).click();
    await form.getByRole("alert").waitFor();
    // The browser itself tells of each answer that is a refusal.
    expect(faults.splice(0)).toEqual([expect.stringContaining("400")]);
    await form.getByLabel("Address").fill(reader.address);
    await form.getByRole("button", { name: "Add", exact: true }).click();
    await region("Reader dock-1").waitFor();
    await page.getByRole("link", { name: "All readers" }).click();
    await place.call("POST", "/sites/yard/readers", {
      ...{ id: "gone", driver: "llrp", address: await deadAddress() },
    });
    const row = (id: string) => region("Readers").getByRole("row").filter({ hasText: id });
    await row("dock-1").getByText("Reading").waitFor();
    await row("gone").getByText("Lost, will retry").waitFor();
    await row("gone").getByRole("link", { name: "gone" }).click();
    await region("Last faults")
      .getByText(/^Cannot be reached: 127/)
      .waitFor();
    await region("Last faults").getByText("Check power, network cable and address of the reader.").waitFor();
    await button("Try now").waitFor();

    await page.getByRole("link", { name: "All readers" }).click();
    await row("dock-1").getByRole("link", { name: "dock-1" }).click();
    const antenna = region("Antennas").getByRole("listitem").filter({ hasText: "dock" });
    await antenna.getByText(/[1-9]\d* observations/).waitFor();
    await button("Stop").click();
    await region("Reader dock-1").getByText("Stopped", { exact: true }).waitFor();
    expect(await button(/^Listen/).isDisabled()).toBe(true);
    await button("Start").click();
    await region("Reader dock-1").getByText("Reading", { exact: true }).waitFor();
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "a test shows the tag before the antenna and makes nothing of it",
  async () => {
    await openReader("dock-1");
    const before = await readerOf("dock-1");
    await button(/^Listen/).click();
    await page.getByText(/^1 tag heard, [\d,]+ reads?\.$/).waitFor();
    const row = page.getByRole("region", { name: "Tags that were heard" }).getByRole("row").last();
    expect(await row.getByRole("rowheader").textContent()).toBe(held);
    expect((await row.getByRole("cell").allTextContents()).slice(0, 2)).toEqual(["1", "-48 dBm"]);
    await eventually("the ledger has it", async () => {
      const { counts } = await readerOf("dock-1");
      return (counts.filteredBy.test ?? 0) > (before.counts.filteredBy.test ?? 0);
    });
  },
  testTimeoutMs,
);

test(
  "what is recorded is listed, taken out as a file, and deleted by whoever says so twice",
  async () => {
    await openReader("dock-1");
    const kept = region("Recordings");
    await kept.getByText("Nothing is kept of this reader.").waitFor();
    await region("Reader dock-1").getByRole("button", { name: "Record" }).click();
    await kept.getByText(/^goes on · /).waitFor();
    expect(await kept.getByRole("button", { name: /^Delete/ }).count()).toBe(0);
    await button("End recording").click();
    const line = kept.getByRole("listitem").filter({ hasText: /\d frames?/ });
    await line.getByText(/ · [\d.]+ [KM]?i?B · [\d,]+ frames?$/).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      line.getByRole("link", { name: /^Download/ }).click(),
    ]);
    const [header = "", ...rest] = (await readFile(await download.path(), "utf8")).trimEnd().split("\n");
    expect(JSON.parse(header)).toMatchObject({ recording: "tagwire", site: "yard", reader: "dock-1" });
    expect(JSON.parse(rest.at(-1) ?? "")).toMatchObject({ end: "stopped" });
    for (const viewport of [phone, desk]) {
      await page.setViewportSize(viewport);
      expect([...(await accessibilityFaults(page)), ...(await smallTargets(page, targetPx))]).toEqual([]);
    }
    await line.getByRole("button", { name: /^Delete/ }).click();
    await kept.getByRole("button", { name: "Keep" }).click();
    await line.getByRole("button", { name: /^Delete/ }).click();
    await kept.getByRole("button", { name: "Delete for good" }).click();
    await kept.getByText("Nothing is kept of this reader.").waitFor();
    expect((await place.call("GET", "/sites/yard/readers/dock-1/recordings")).body).toMatchObject({
      data: [],
    });
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "rules are set in the units of people, and go out and in as a file, row by row",
  async () => {
    await openReader("dock-1");
    await page.getByLabel("Least strength (dBm)").fill("-62,5");
    await page.getByLabel("Say again after (s)").fill("90");
    await page.getByLabel("Wanted tags begin with").fill("30, chair");
    await button("Save rules").click();
    await page.getByText(/chair does not\.$/).waitFor();
    await page.getByLabel("Wanted tags begin with").fill("30, e2");
    await page.getByLabel("A tag is known by").selectOption("both");
    await button("Save rules").click();
    await page.getByText(/^Saved\./).waitFor();
    expect((await readerOf("dock-1")).rules).toEqual({
      ...{ minRssiDbm: -62.5, reReportMs: 90_000 },
      ...{ tags: ["30", "e2"], identity: "both" },
    });

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export" }).click(),
    ]);
    const exported = JSON.parse(await readFile(await download.path(), "utf8"));
    expect(exported).toMatchObject({ id: "dock-1", rules: { minRssiDbm: -62.5 } });

    await page.getByRole("link", { name: "All readers" }).click();
    const rows = [
      { ...exported, station: "gate" },
      { id: "dock-2", driver: "magic" },
      { id: "dock-3", driver: "llrp", address: await deadAddress() },
    ];
    const buffer = Buffer.from(rows.map((one) => JSON.stringify(one)).join("\n"));
    await page
      .getByLabel("Import a file of settings")
      .setInputFiles({ name: "readers.ndjson", mimeType: "application/x-ndjson", buffer });
    const outcomes = region("What becomes of each row");
    await outcomes.getByText("There would be 1 created, 1 changed, 0 unchanged, 1 rejected.").waitFor();
    expect(await outcomes.getByRole("listitem").nth(1).textContent()).toMatch(
      /^Row 2dock-2Would be rejected.*driver/,
    );
    expect((await readerOf("dock-1")).station).toBeUndefined();
    await button("Import 2 readers").click();
    await outcomes.getByText("Done: 1 created, 1 changed, 0 unchanged, 1 rejected.").waitFor();
    await region("Readers").getByRole("link", { name: "dock-3" }).waitFor();
    expect((await readerOf("dock-1")).station).toBe("gate");
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "a station is made, and a reader is set and bound to it on the page, with only what its family takes, and who did so is told",
  async () => {
    await page.goto(`${place.stack.http}/#/yard/readers`);
    await button("Add a station").click();
    const made = page.getByRole("form", { name: "Add a station" });
    await made.getByLabel("Name").fill("bench");
    await made.getByLabel("What it is for").selectOption("count");
    await made.getByRole("button", { name: "Save station" }).click();
    await made.getByText(/^A station has a place/).waitFor();
    await made.getByLabel("Place", { exact: true }).fill("bench 1");
    await made.getByRole("button", { name: "Save station" }).click();
    await region("Stations").getByText("no reader listens there").waitFor();
    await button("Change station bench").click();
    const changed = page.getByRole("form", { name: "Station bench" });
    await changed.getByText("Rules for what is read there").click();
    await changed.getByLabel("Least reads (in the window)").fill("3");
    await changed.getByLabel("Wanted tags begin with").fill("urn:epc:id:sgtin:0614141.");
    for (const viewport of [phone, desk]) {
      await page.setViewportSize(viewport);
      expect([...(await accessibilityFaults(page)), ...(await smallTargets(page, targetPx))]).toEqual([]);
    }
    await changed.getByRole("button", { name: "Save station" }).click();
    await changed.waitFor({ state: "detached" });
    expect((await place.call("GET", "/sites/yard/stations")).body).toMatchObject({
      data: expect.arrayContaining([
        expect.objectContaining({
          ...{ id: "bench", mode: "count", place: "bench 1" },
          rules: { minReads: 3, tags: ["urn:epc:id:sgtin:0614141."] },
        }),
      ]),
    });

    await openReader("dock-1");
    const form = page.getByRole("form", { name: "Settings of the reader" });
    expect(await form.getByLabel("Region").count()).toBe(0);
    await form.getByLabel("Gen2 session").selectOption("2");
    const first = form.getByRole("group", { name: "Antenna 1" });
    await first.getByLabel("Power (dBm)").fill("24");
    await first.getByLabel("Station").selectOption("bench");
    await form.getByRole("button", { name: "Save settings" }).click();
    await form.getByText(/^Saved\./).waitFor();
    expect(await readerOf("dock-1")).toMatchObject({
      session: 2,
      antennas: [{ port: 1, place: "dock", powerDbm: 24, station: "bench" }, { port: 2 }],
    });
    const history = region("What was set");
    await history.getByText("Antenna 1, power: not set → 24 dBm").waitFor();
    await history.getByText("Gen2 session: not set → 2").waitFor();
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "readers can be looked after by everybody, on a desk and on a phone, and nothing is cut off",
  async () => {
    for (const at of ["", "?reader=dock-1", "?reader=gone"]) {
      await page.goto(`${place.stack.http}/#/yard/readers${at}`);
      await region(at === "" ? "Readers" : /^Reader /).waitFor();
      for (const viewport of [desk, phone]) {
        await page.setViewportSize(viewport);
        expect(await faultsInThemes(page), `${at}, ${viewport.width} px`).toEqual([]);
        expect(await smallTargets(page, targetPx), `${at}, ${viewport.width} px`).toEqual([]);
        const excess = await page.evaluate(() => {
          const main = document.querySelector("#main") as HTMLElement;
          return Math.max(0, main.scrollWidth - main.clientWidth, document.body.scrollWidth - innerWidth);
        });
        expect(excess, `${at}, ${viewport.width} px`).toBe(0);
      }
    }
    await page.setViewportSize(desk);
  },
  testTimeoutMs,
);

test("an address of a site that there is not says so, and leads to those that there are", async () => {
  await page.goto(`${place.stack.http}/#/mine/live`);
  await page.getByRole("heading", { level: 1, name: "There is no site mine" }).waitFor();
  await page.getByRole("link", { name: "Yard" }).click();
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
});
