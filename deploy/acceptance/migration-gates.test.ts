import { createHash, createPublicKey, verify } from "node:crypto";
import { ask, type Bus, openBus } from "@tagwire/bus";
import { makeRfidproData } from "@tagwire/emulators";
import {
  AskImportRfidpro,
  AskPreviewRfidproImport,
  AskRfidproImport,
  AskRfidproRun,
  AskRunAudit,
  AskStartRfidproRun,
  type MigrationStage,
  newId,
  type RfidproImportPreview,
  type RfidproRun,
  rfidproDatasets,
} from "@tagwire/messages";
import { eventually, quietLog, type StackService, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openLive } from "./live-client.ts";
import { openOldHouse } from "./test-rfidpro.ts";

/* A house leaves the old system by its gates: eight days of the services' own clocks, with real pulls of a stand-in for RFIDpro. */

const site = "north";
const services = [
  ...(["operations", "manager", "health-check", "rfidpro-backup", "api-gateway"] as const),
] satisfies StackService[];
const dayMs = 86_400_000;
const scale = 0.03;
const timeoutMs = 60_000;
const withinMs = 240_000;
const testTimeoutMs = 600_000;

type Gate = {
  readonly name: string;
  readonly met: boolean | null;
  readonly value: number;
  readonly why: string;
};
type Migration = {
  readonly stage: string;
  readonly held: readonly string[];
  readonly gates: readonly Gate[];
  readonly history: readonly { readonly from: string; readonly to: string; readonly forced: boolean }[];
};

/** As RFIDpro's rows have a time: `2026-03-01 08:00:00`. */
const textAt = (atMs: number, timeZone: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(atMs);

const endedRun = (bus: Bus, id: string): Promise<RfidproRun> =>
  eventually(
    "the pull has ended",
    async () => {
      const { run } = await ask(bus, AskRfidproRun, { id });
      return run === null || run.state === "running" ? undefined : run;
    },
    withinMs,
  );

const pull = async (bus: Bus, how: "manual" | "scheduled", isImported = false): Promise<RfidproRun> => {
  const id = newId();
  const asked = { site, id, by: "ann", how, compare: true, import: isImported };
  await ask(bus, AskStartRfidproRun, { ...asked, datasets: [...rfidproDatasets] }, { timeoutMs });
  return endedRun(bus, id);
};

const fill = async (bus: Bus): Promise<RfidproImportPreview> => {
  const run = (await pull(bus, "manual", true)).id;
  const { preview } = await ask(bus, AskPreviewRfidproImport, { run }, { timeoutMs });
  await ask(bus, AskImportRfidpro, { run, digest: preview.digest, by: "ann" }, { timeoutMs });
  const done = await eventually(
    "the import has ended",
    async () => {
      const { import: now } = await ask(bus, AskRfidproImport, { run });
      return now === null || now.state === "running" ? undefined : now;
    },
    withinMs,
  );
  expect(done).toMatchObject({ state: "done", refused: 0 });
  return preview;
};

test(
  "a house goes from parallel to real time by what its pulls of eight days say, and back; a schedule pulls it while it is parallel alone",
  async () => {
    const data = makeRfidproData({ seed: 7, scale, endMs: Date.now() - 3_600_000 });
    let days = 0;
    await using house = await openOldHouse({ data, clock: () => Date.now() + days * dayMs });
    await using stack = await startStack({
      ...{ services, settableClocks: true },
      env: { ...house.env, RFIDPRO_RECHECK_MINUTES: "0", AUDIT_EVERY_SECONDS: "86400" },
    });
    const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
    const goTo = async (day: number): Promise<void> => {
      days = day;
      for (const name of services) await stack.setClock(name, day * dayMs);
    };
    const nowMs = () => Date.now() + days * dayMs;
    const migration = async (): Promise<Migration> =>
      (await stack.call("GET", `/sites/${site}/migration`)).body as Migration;
    const gate = async (name: string) => (await migration()).gates.find((one) => one.name === name);
    const tags = data.items.map((row) => String(row.tag_id)).filter((tag) => /^[0-9A-F]{24}$/.test(tag));
    const touch = async (some: readonly string[]) => {
      const scannedAt = new Date(nowMs()).toISOString();
      const scans = some.map((tag) => ({ id: newId(), tag, type: "touch", scannedAt }));
      expect((await stack.call("POST", `/sites/${site}/scans`, { scans })).status).toBe(200);
    };
    await stack.call("POST", "/sites", { id: site, name: "North", timeZone: "UTC" });

    // The first day: it is filled from the old system, whose scanners are in use.
    const preview = await fill(bus);
    // Every row that fell under a rule is in its report, and not some of them.
    const ruled = await stack.call("GET", `/rfidpro/runs/${preview.run}/import:export?format=csv`);
    const rules = String(ruled.body)
      .trim()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(",")[0] ?? "");
    const counted = [...Map.groupBy(rules, (rule) => rule)].map(([rule, of]) => [rule, of.length]);
    expect(Object.fromEntries(counted)).toEqual(
      Object.fromEntries(preview.rules.map(({ rule, count }) => [rule, count])),
    );
    expect(rules.length).toBeGreaterThan(100);

    await pull(bus, "scheduled");
    expect(await gate("agreement")).toMatchObject({ met: null });
    expect(await gate("devices")).toMatchObject({ met: null, why: "nobody scanned here in 7 days" });
    expect(await stack.call("POST", `/sites/${site}/migration:advance`, { from: "parallel" })).toMatchObject({
      ...{ status: 409, body: { code: "migration.gate_not_met" } },
    });

    // The second: somebody scans a thing with the old scanner as well as with ours. Both sides have it, and the old scanner is in use.
    await goTo(1);
    const [twice = "", ...others] = tags;
    const atMs = nowMs();
    await touch([twice]);
    const row = {
      ...data.uploads[0]?.row,
      ...{ tag_id: twice, scan_type: "Touch Scan", contract_number: "", scan_by: "scanner-7" },
      ...{ scan_date: textAt(atMs, house.rfidpro.timeZone), date_created: textAt(atMs, "UTC") },
    };
    house.rfidpro.control.upload([{ arrivesAtMs: atMs, row }]);

    for (let day = 1; day <= 8; day += 1) {
      await goTo(day);
      // From the fourth day on people scan here alone: the old scanners are in a drawer, and RFIDpro cannot know.
      if (day === 4) await touch(others.slice(0, 40));
      const run = await pull(bus, "scheduled");
      expect([day, run.verdict]).toEqual([day, "complete"]);
      expect(run.agreement, `${day}: ${run.why}`).toBeGreaterThanOrEqual(0.995);
      const devices = await gate("devices");
      if (day < 8) expect(devices?.met, devices?.why).toBe(false);
      if (day === 7) expect(devices?.why).toMatch(/scanner-7 \(1, the last at \d{4}-/);
    }
    expect((await gate("agreement"))?.value).toBeGreaterThanOrEqual(0.995);
    expect(await gate("agreement")).toMatchObject({ met: true });
    expect(await gate("devices")).toMatchObject({ met: true, value: 0 });

    // Screens keep up while people scan, and an audit finds nothing.
    await using screen = await openLive(stack.http, stack.key);
    screen.send({ op: "sub", id: "a", site, view: "items" });
    for (const tag of others.slice(40, 55)) {
      const before = await eventually("the screen stands", () => screen.position("a")?.pos);
      await touch([tag]);
      const pos = await eventually("the screen shows it", () => {
        const now = screen.position("a")?.pos ?? 0;
        return now > before ? now : undefined;
      });
      screen.send({ op: "ack", id: "a", pos, agoMs: 0 });
    }
    const { audit } = await ask(bus, AskRunAudit, { site, by: "ann" }, { timeoutMs });
    expect(audit.verdict).toBe("agree");
    const ready = await eventually(
      "every gate is met",
      async () => {
        const now = await migration();
        return now.held.length === 0 ? now : undefined;
      },
      timeoutMs,
    );
    expect(ready.gates.map(({ met }) => met)).toEqual([true, true, true, true]);

    const step = async (way: "advance" | "rollback", from: MigrationStage) =>
      (await stack.call("POST", `/sites/${site}/migration:${way}`, { from })).body as Migration;
    expect(await step("advance", "parallel")).toMatchObject({ stage: "switched" });
    await expect(pull(bus, "scheduled")).rejects.toMatchObject({ code: "rfidpro.polling_off" });
    expect(await pull(bus, "manual")).toMatchObject({ verdict: "complete", by: "ann" });
    expect(await step("advance", "switched")).toMatchObject({ stage: "realtime" });
    await expect(pull(bus, "scheduled")).rejects.toMatchObject({ code: "rfidpro.polling_off" });
    expect(await step("rollback", "realtime")).toMatchObject({ stage: "switched" });
    const back = await step("rollback", "switched");
    expect(back.history.toReversed().map(({ from, to, forced }) => [from, to, forced])).toEqual([
      ["parallel", "switched", false],
      ["switched", "realtime", false],
      ["realtime", "switched", false],
      ["switched", "parallel", false],
    ]);
    expect(await pull(bus, "scheduled")).toMatchObject({ verdict: "complete", how: "scheduled" });
    const { id } = await pull(bus, "manual");
    const report = await fetch(`${stack.http}/api/v1/rfidpro/runs/${id}/report?format=csv`, {
      headers: { authorization: `Bearer ${stack.key}` },
    });
    const file = Buffer.from(await report.arrayBuffer());
    const { headers } = report;
    expect(Number(headers.get("content-length"))).toBe(file.length);
    const key = createPublicKey({
      ...{ key: Buffer.from(headers.get("tagwire-public-key") ?? "", "base64"), format: "der", type: "spki" },
    });
    const digest = createHash("sha256").update(file).digest();
    expect(verify(null, digest, key, Buffer.from(headers.get("tagwire-signature") ?? "", "base64url"))).toBe(
      true,
    );
    expect(house.rfidpro.writes()).toEqual([]);
    await bus.close();
  },
  testTimeoutMs,
);
