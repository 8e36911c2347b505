import { execFile } from "node:child_process";
import { join } from "node:path";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { newId, type Reader } from "@tagwire/messages";
import { accessibilityFaults, eventually, type Page } from "@tagwire/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, openDesk, smallTargets, watchPage } from "./test-page.ts";

const setUpTimeoutMs = 120_000;
const testTimeoutMs = 180_000;
const stepTimeoutMs = 60_000;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
const targetPx = 24;
const tags = Array.from({ length: 12 }, (_, index) => `CHAIR-${index}`);

let place: Desk;
let page: Page;
/** A page has 500 devices. */
const devicesMany = 1_600;
let faults: string[];
let sql: postgres.Sql;

const region = (name: string) => page.getByRole("region", { name });
const button = (name: string | RegExp) => page.getByRole("button", { name });

beforeAll(async () => {
  place = await openDesk({
    services: ["operations", "manager", "health-check", "reader-gateway", "api-gateway"],
    env: { AUDIT_EVERY_SECONDS: "86400" },
  });
  sql = postgres(place.stack.databaseUrl, { max: 1, onnotice: () => {} });
  page = await place.browser.newPage({ viewport: desk, reducedMotion: "reduce" });
  faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  for (const tag of tags)
    await place.call("POST", "/sites/yard/items", { tag, class: "Chair", quality: "A" });
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
}, setUpTimeoutMs);
afterAll(async () => {
  await sql?.end();
  await place?.[Symbol.asyncDispose]();
});

/** Nothing that axe finds, and nothing too small to press, on a desk and on a phone, by day and by night. */
const expectAccessible = async (): Promise<void> => {
  for (const viewport of [phone, desk])
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      expect([...(await accessibilityFaults(page)), ...(await smallTargets(page, targetPx))]).toEqual([]);
    }
};

test(
  "an audit says that both sides agree; what was changed behind their backs is found, shown side by side, taken up and healed",
  async () => {
    page.setDefaultTimeout(stepTimeoutMs);
    await page
      .getByRole("navigation", { name: "Screens" })
      .getByRole("link", { name: "Audits" })
      .first()
      .click();
    await region("Findings").getByText("Nothing waits to be settled.").waitFor();
    await button("Audit now").click();
    await region("Audits").getByText("Both sides agree").first().waitFor();
    await expectAccessible();

    await sql`update manager.item set quality = 'C-' where tag = ${tags[3] ?? ""}`;
    await button("Audit now").click();
    const line = region("Findings")
      .getByRole("link")
      .filter({ hasText: tags[3] ?? "" });
    await line.waitFor();
    await region("Audits").getByText("Something does not agree").first().waitFor();
    await line.click();
    const row = region("Side by side").getByRole("row").filter({ hasText: "quality" }).first();
    await row.waitFor();
    expect(await row.getByRole("cell").allTextContents()).toEqual(["A", "C-", "A"]);
    expect(await row.getByRole("rowheader").textContent()).toBe("Quality differs");
    await expectAccessible();

    await page.getByLabel("Why").fill("somebody was in the database");
    await button("Take it up").click();
    await region("What happened")
      .getByText(/somebody was in the database/)
      .waitFor();
    await button("Heal…").click();
    await region("Heal")
      .getByText(/events of the log are applied anew/)
      .waitFor();
    await expectAccessible();
    // The first press has only asked what it would do.
    expect(await region("What happened").getByText("Being healed").count()).toBe(0);
    await button("Heal now").click();
    await region("What happened").getByText("Being healed").waitFor();

    await page.getByRole("link", { name: "All findings" }).click();
    for (let audits = 0; audits < 2; audits += 1) {
      await button("Audit now").click();
      await button("Audit now").and(page.locator(":enabled")).waitFor();
    }
    await region("Audits").getByText("Both sides agree").first().waitFor();
    await region("Findings").getByText("Nothing waits to be settled.").waitFor();
    await region("Findings").getByLabel("Which findings").selectOption("over");
    await region("Findings").getByText("Healed").waitFor();
    expect(await sql`select quality from manager.item where tag = ${tags[3] ?? ""}`).toEqual([
      { quality: "A" },
    ]);
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "what an edit sets back is shown field by field, proposed by one person and healed by another",
  async () => {
    const tag = tags[5] ?? "";
    await sql`update operations.item set quality = 'C-', notes = 'somebody was here' where tag = ${tag}`;
    await region("Findings").getByLabel("Which findings").selectOption("open");
    await button("Audit now").click();
    await region("Findings").getByRole("link").filter({ hasText: tag }).click();
    await button("Heal…").click();
    const rows = region("Heal").getByRole("row");
    await rows.first().waitFor();
    const text = (row: number, role: "rowheader" | "cell") => rows.nth(row).getByRole(role).allTextContents();
    expect([await text(1, "rowheader"), await text(1, "cell")]).toEqual([["quality"], ["C-", "A"]]);
    expect([await text(2, "rowheader"), await text(2, "cell")]).toEqual([
      ["notes"],
      ["somebody was here", "none"],
    ]);
    await expectAccessible();
    await button("Propose to heal").click();
    await page.getByText(/proposes to heal it\. Somebody else has to say so, too\./).waitFor();
    await button("Heal…").click();
    await region("Heal")
      .getByText(/You have proposed this/)
      .waitFor();
    expect(await button(/Propose to heal|Heal now/).count()).toBe(0);
    await expectAccessible();

    const id = new URLSearchParams(new URL(page.url()).hash.split("?")[1]).get("finding") ?? "";
    const { body } = await place.call("POST", `/sites/yard/findings/${id}:heal`, {});
    expect(body).toMatchObject({ healing: { outcome: "healing" } });
    await region("What happened").getByText("Being healed").waitFor();
    expect(await sql`select quality, notes from operations.item where tag = ${tag}`).toEqual([
      { quality: "A", notes: null },
    ]);
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

test(
  "what became of every read and scan is shown and adds up; where it does not, the page says of whom, and an audit finds it",
  async () => {
    const tag = "E2801191A50300000000000B";
    await place.call("POST", "/sites/yard/items", { tag, class: "Crate" });
    const world: TagSource = { sees: (antenna) => (antenna === 1 ? [{ epc: tag, rssiDbm: -55 }] : []) };
    const metal = await startLlrpReader({ world, seed: 7 });
    const reader = async () => (await place.call("GET", "/sites/yard/readers/dock")).body as Reader;
    try {
      const antennas = [{ port: 1, place: "dock" }];
      const rules = { reReportMs: 1_000 };
      await place.call("POST", "/sites/yard/readers", {
        ...{ id: "dock", driver: "llrp", address: metal.address, antennas, rules },
      });
      await eventually("it reads", async () => (await reader()).counts.accepted > 1);
      await place.call("POST", "/sites/yard/readers/dock:stop");
      await eventually("all is taken", async () => {
        const { counts, status } = await reader();
        return status === "stopped" && counts.pending === 0 && counts.held === 0;
      });
    } finally {
      await metal.stop();
    }
    const scannedAt = new Date().toISOString();
    const scans = tags.slice(0, 3).map((one) => ({ id: newId(), tag: one, type: "touch", scannedAt }));
    expect((await place.call("POST", "/sites/yard/scans", { scans })).status).toBe(200);
    // Whoever hands in without a device goes by the name of the key.
    const [ledger] = await sql<{ device: string }[]>`select device from operations.device_ledger`;
    const device = ledger?.device ?? "";

    await page.getByRole("link", { name: "All findings" }).click();
    const cellsOf = (panel: string, name: string) =>
      region(panel).getByRole("row").filter({ hasText: name }).getByRole("cell");
    const { counts } = await reader();
    await eventually("the ledger of the reader is shown", async () => {
      const cells = await cellsOf("What became of every read", "dock").allTextContents();
      return [counts.reads, counts.observed, counts.observations].every((count) =>
        cells.includes(count.toLocaleString("en")),
      );
    });
    await cellsOf("What became of every scan", device).filter({ hasText: "3" }).first().waitFor();
    expect(await page.getByRole("alert").filter({ hasText: "does not add up" }).count()).toBe(0);
    await expectAccessible();

    await sql`update operations.device_ledger set received = received + 2 where device = ${device}`;
    // Nothing is recorded meanwhile: the ledgers are looked at again all the same.
    await region("What became of every scan")
      .getByRole("alert")
      .filter({ hasText: `It does not add up for ${device}.` })
      .waitFor();
    await expectAccessible();
    await button("Audit now").click();
    await region("Findings").getByRole("link").filter({ hasText: device }).waitFor();
    await sql`update operations.device_ledger set received = received - 2 where device = ${device}`;

    // The last of more devices than are in a page.
    const last = `zz-${devicesMany}`;
    await sql`
      insert into operations.device_ledger (site, device, received, accepted, last_at)
      select 'yard', 'zz-' || at, 1, case when at = ${devicesMany} then 0 else 1 end, now()
      from generate_series(1000, ${devicesMany}) as given (at)`;
    await region("What became of every scan")
      .getByRole("alert")
      .filter({ hasText: `It does not add up for ${last}.` })
      .waitFor();
    await sql`delete from operations.device_ledger where device like 'zz-%'`;

    // More audits than are in a page: whoever wants to see earlier ones is shown them.
    await sql`
      insert into health_check.audit (site, id, started_at, audit)
      select site, gen_random_uuid(), at, audit || jsonb_build_object('id', gen_random_uuid(), 'startedAt', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      from (select site, audit from health_check.audit limit 1) one,
        lateral (select now() - number * interval '1 hour' as at from generate_series(1, 60) as given (number)) earlier`;
    await button("Audit now").click();
    const earlier = region("Audits").getByRole("group");
    await earlier.getByText("The last 49 audits before, of more").click();
    await button("Earlier audits").click();
    await earlier.getByText(/^[67]\d audits before$/).waitFor();
    await expectAccessible();

    await sql`update manager.item set notes = 'somebody was here' where tag = ${tag}`;
    await button("Audit now").click();
    await region("Findings").getByRole("link").filter({ hasText: tag }).click();
    const heard = region("What readers heard of it last").getByRole("listitem");
    await heard.first().waitFor();
    expect(await heard.first().textContent()).toContain("dock, antenna 1");
    expect(await heard.first().textContent()).toContain("−55 dBm");
    await expectAccessible();
    await sql`update manager.item set notes = null where tag = ${tag}`;
    expect(faults).toEqual([]);
  },
  testTimeoutMs,
);

/** Runs one of the commands about a site, as whoever holds the key, and gives how it ended and what it said. */
const command = (name: "audit" | "verify-log", ...more: string[]) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const file = join(import.meta.dirname, "../local", `${name}.ts`);
    const args = [file, "yard", "--url", place.stack.http, "--key-file", place.keyFile, ...more];
    const child = execFile(process.execPath, args, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, said: out + err }),
    );
  });

test(
  "the commands say what agrees and what does not, and whether the log is whole to its end",
  async () => {
    expect(await command("verify-log")).toMatchObject({ code: 0, said: expect.stringContaining("whole") });
    await sql`update manager.item set notes = 'flipped' where tag = ${tags[5] ?? ""}`;
    const audited = await command("audit");
    expect(audited.code).toBe(3);
    expect(audited.said).toContain(`open field_diff ${tags[5]}: notes`);
    await sql`update manager.item set notes = null where tag = ${tags[5] ?? ""}`;
    const { code, said } = await command("audit", "--json");
    expect([code, JSON.parse(said)]).toMatchObject([0, { verdict: "agree", unproven: [] }]);

    // What is changed is named where it is; what is gone at the end is missed by how far the site had come.
    const [{ pos } = { pos: 0 }] = await sql<{ pos: number }[]>`
      select pos::int as pos from operations.event where site = 'yard' and tag = ${tags[5] ?? ""} order by pos limit 1`;
    await sql`update operations.event set data = data || '{"mallory": true}' where site = 'yard' and pos = ${pos}`;
    expect(await command("verify-log")).toMatchObject({
      ...{ code: 3, said: `yard: broken at 1:${pos}: it does not come to its own hash\n` },
    });
    await sql`update operations.event set data = data - 'mallory' where site = 'yard' and pos = ${pos}`;
    await sql`delete from operations.event where site = 'yard' and pos = (select pos from operations.site where site = 'yard')`;
    const cut = await command("verify-log", "--json");
    expect([cut.code, JSON.parse(cut.said)]).toMatchObject([3, { whole: false }]);
  },
  testTimeoutMs,
);
