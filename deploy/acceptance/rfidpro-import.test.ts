import { createHash, verify as isSignedBy } from "node:crypto";
import { ask, type Bus, openBus } from "@tagwire/bus";
import { makeRfidproData } from "@tagwire/emulators";
import {
  AskActOnRfidproDifference,
  AskEvents,
  AskImportRfidpro,
  AskItem,
  AskPreviewRfidproImport,
  AskQuarantine,
  AskRfidproComparison,
  AskRfidproDifference,
  AskRfidproDifferences,
  AskRfidproImport,
  AskRfidproReport,
  AskSignRfidproReport,
  AskTimeline,
  itemStatuses,
  normaliseTag,
  type RfidproDifference,
  type RfidproImport,
  rfidproReportFormats,
  statusAliases,
} from "@tagwire/messages";
import { eventually, quietLog, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openDesk, site } from "./test-day.ts";
import { expectOnlyRead, recordConnections, verify } from "./test-only-read.ts";
import { openOldHouse, pullAll } from "./test-rfidpro.ts";

const testTimeoutMs = 420_000;
const timeoutMs = 60_000;
const importWithinMs = 240_000;
/** Against the real house: some 370 items and 800 scans. */
const scale = 0.03;
const device = "rfidpro";

type Row = Readonly<Record<string, unknown>>;
const text = (row: Row, field: string): string => String(row[field] ?? "").trim();
/** Tags as they are keyed: some with an l at their end that was meant to be the Enter key. */
const tagOf = (row: Row): string => {
  const tag = text(row, "tag_id");
  return normaliseTag(/^[0-9A-Fa-f]{24}l$/i.test(tag) ? tag.slice(0, -1) : tag) ?? "";
};

/** What stands in a bin where there is none; a blank one says nothing at all. */
const junk: ReadonlySet<string> = new Set(["null", "na", "n/a"]);

/** The house of the seed, with faults planted that are too rare at its size. */
const houseWithFaults = () => {
  const data = makeRfidproData({ seed: 7, scale, endMs: Date.now() });
  const plain = data.items.filter((row) => text(row, "status") === "Ready to Rent").map(tagOf);
  const [epc, blank, odd, classless] = plain;
  const items = data.items.map((row) => {
    if (tagOf(row) === epc) return { ...row, status: "E280116060000209A1B2C3D4" };
    if (tagOf(row) === blank) return { ...row, status: "" };
    if (tagOf(row) === odd) return { ...row, status: "Somewhere" };
    return tagOf(row) === classless ? { ...row, rental_class_num: "" } : row;
  });
  return { ...data, items, planted: { epc, blank, odd, classless } };
};

/** How often each rule is to be told, reckoned from RFIDpro's rows alone. */
const expectedRules = (house: ReturnType<typeof houseWithFaults>): Record<string, number> => {
  const scans = house.uploads.map(({ row }) => row);
  const tags = new Set(house.items.map(tagOf));
  const keyOf = (row: Row) =>
    [tagOf(row), ...["scan_type", "scan_date", "contract_number"].map((field) => text(row, field))].join("|");
  const different = new Map(scans.map((row) => [keyOf(row), row]));
  const scanned = new Set(scans.map(tagOf));
  const count = (rows: Iterable<Row>, has: (row: Row) => boolean) => [...rows].filter(has).length;
  const isBack = (row: Row) => ["Return", "Pickup"].includes(text(row, "scan_type"));
  // A scan without a time that can be read is left out, whatever else it says.
  const planned = [...different.values()].filter((row) =>
    /^2\d{3}-\d\d-\d\d \d/.test(text(row, "scan_date")),
  );
  const isJunk = (row: Row) => junk.has(text(row, "bin_location").toLowerCase());
  const isTag = (row: Row) => /^[0-9A-F]{12,}$/i.test(text(row, "status"));
  const ofBoth = (has: (row: Row) => boolean) => count(house.items, has) + count(planned, has);
  return {
    junk_bin: ofBoth(isJunk),
    epc_in_status: ofBoth(isTag),
    status_unknown: 2,
    no_class: 1,
    without_history: count(house.items, (row) => !scanned.has(tagOf(row))),
    scan_duplicate: scans.length - different.size,
    orphan: count(different.values(), (row) => !tags.has(tagOf(row))),
    return_without_contract: count(
      different.values(),
      (row) => isBack(row) && text(row, "contract_number") === "",
    ),
  };
};

const importOf = async (bus: Bus, run: string, digest: string): Promise<RfidproImport> => {
  await ask(bus, AskImportRfidpro, { run, digest, by: "ann" }, { timeoutMs });
  return eventually(
    "the import has ended",
    async () => {
      const { import: now } = await ask(bus, AskRfidproImport, { run });
      return now === null || now.state === "running" ? undefined : now;
    },
    importWithinMs,
  );
};

const differencesOf = async (bus: Bus, run: string): Promise<RfidproDifference[]> => {
  const found: RfidproDifference[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: { differences: RfidproDifference[]; next: string | null } = await ask(
      bus,
      AskRfidproDifferences,
      { site: null, run, limit: 200, cursor },
    );
    found.push(...page.differences);
    if (page.next === null) return found;
    cursor = page.next;
  }
};
/** A report as a file, of all its parts. */
const reportOf = async (bus: Bus, run: string, format: (typeof rfidproReportFormats)[number]) => {
  const first = await ask(bus, AskRfidproReport, { run, format });
  let text = first.body;
  let parts = 1;
  for (let { next } = first; next !== null; parts += 1) {
    const part = await ask(bus, AskRfidproReport, { run, format, from: next });
    text += part.body;
    next = part.next;
  }
  return { ...first, text, parts };
};

const headOf = async (bus: Bus): Promise<number> =>
  (await ask(bus, AskEvents, { site, epoch: 0, after: 0, limit: 1 })).head;
const itemOf = async (bus: Bus, tag: string) => (await ask(bus, AskItem, { site, tag })).item;
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (error: { code?: string }) => error.code ?? String(error),
  );

test(
  "the old house is imported once, agrees afterwards, and what differs then is told for review",
  async () => {
    const data = houseWithFaults();
    await using house = await openOldHouse({ data });
    await using recorded = await recordConnections();
    await using stack = await startStack({
      services: ["operations", "rfidpro-backup"],
      env: { ...house.env, ...recorded.env },
    });
    const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
    const { hand } = openDesk(bus);
    await hand("site.create", { id: site, name: "North", timeZone: "America/Chicago" });

    // Before: nothing agrees, and the preview says of each rule what RFIDpro's rows come to.
    const first = await pullAll(bus, site);
    expect(first).toMatchObject({ state: "done", verdict: "complete", agreement: 0 });
    const asked = { run: first.id };
    const { preview } = await ask(bus, AskPreviewRfidproImport, asked, { timeoutMs });
    expect(preview).toMatchObject({ alreadyThere: 0, needs: [], items: data.items.length });
    const told = Object.fromEntries(preview.rules.map(({ rule, count }) => [rule, count]));
    expect(told).toMatchObject(expectedRules(data));
    expect((await ask(bus, AskPreviewRfidproImport, asked, { timeoutMs })).preview.digest).toBe(
      preview.digest,
    );
    expect(await codeOf(importOf(bus, first.id, "0".repeat(64)))).toBe("rfidpro.preview_stale");

    // Imported: each thing is as RFIDpro says now, and its history has the times and the name of where it comes from.
    const imported = await importOf(bus, first.id, preview.digest);
    expect(imported).toMatchObject({
      state: "done",
      sent: imported.total,
      refused: 0,
      recorded: imported.total,
    });
    for (const tag of [data.planted.epc, data.planted.blank, data.planted.odd])
      expect(await itemOf(bus, tag ?? "")).toMatchObject({ status: "inspect" });
    expect(await itemOf(bus, data.planted.classless ?? "")).toMatchObject({ class: "unclassified" });
    for (const [word, status] of Object.entries(statusAliases)) {
      const row = data.items.find((one) => text(one, "status").toLowerCase() === word);
      if (row === undefined) continue;
      expect(itemStatuses).toContain(status);
      expect(await itemOf(bus, tagOf(row)), word).toMatchObject({ status });
    }
    const rented = data.uploads.find(
      ({ row }) => text(row, "scan_type") === "Rental" && data.items.some((one) => tagOf(one) === tagOf(row)),
    );
    const { rows: life } = await ask(bus, AskTimeline, {
      ...{ site, tag: tagOf(rented?.row ?? {}), limit: 500, cursor: null },
    });
    expect(life.every(({ by }) => by.device === device)).toBe(true);
    const history = life.filter(({ contract }) => contract === text(rented?.row ?? {}, "contract_number"));
    expect(history.length).toBeGreaterThan(0);
    expect(history[0]?.flags).toContain("backdated");
    expect(JSON.stringify(history)).toContain("RFIDpro: scanned by");
    // RFIDpro has no scan for it: what came into service by a touch did so here, too.
    const inspected = data.uploads.find(
      ({ row }) =>
        text(row, "scan_type") === "Touch Scan" &&
        text(row, "status") === "Needs to be Inspected" &&
        data.items.some((one) => tagOf(one) === tagOf(row)),
    );
    const { rows: served } = await ask(bus, AskTimeline, {
      ...{ site, tag: tagOf(inspected?.row ?? {}), limit: 500, cursor: null },
    });
    const inspections = served.filter(({ flags }) => flags.includes("backdated"));
    expect(inspections.map(({ data: { scan } }) => scan)).toContainEqual(
      expect.objectContaining({ type: "service", notes: expect.stringContaining("; it was inspect then") }),
    );
    expect((await ask(bus, AskQuarantine, { site, limit: 1, cursor: null })).scans.length).toBe(1);

    // The same again changes nothing.
    const head = await headOf(bus);
    expect(await importOf(bus, first.id, preview.digest)).toEqual(imported);
    expect(await headOf(bus)).toBe(head);

    // After: it agrees.
    const second = await pullAll(bus, site);
    const { comparison } = await ask(bus, AskRfidproComparison, { run: second.id });
    // What RFIDpro says so that nobody can read it agrees with nothing.
    expect(comparison?.agreement).toMatchObject({
      items: { pending: 0, differing: 3 },
      scans: { pending: 0 },
    });
    const { items: ofItems, scans: ofScans } = comparison?.agreement ?? {};
    expect((ofItems?.differing ?? 9) - 3 + (ofScans?.differing ?? 9)).toBeLessThanOrEqual(1);
    expect(second).toMatchObject({
      agreement: comparison?.agreement.score,
      differences: comparison?.differences,
    });
    // A site that is not empty takes nothing that was not named.
    const another = await ask(bus, AskPreviewRfidproImport, { run: second.id }, { timeoutMs });
    expect(another.preview).toMatchObject({ alreadyThere: data.items.length, items: 0 });

    // What differs from now on is told: pending while it has just happened, and to be acted on.
    // Both stand on a shelf: of what stands nowhere there is no other place.
    const shelved = data.items.filter(
      (row) => text(row, "status") === "Ready to Rent" && /^[NM]R/.test(text(row, "bin_location")),
    );
    const [gone, moved] = shelved.slice(5).map(tagOf);
    house.rfidpro.control.change("items", (row) => (tagOf(row) === gone ? { ...row, status: "Sold" } : row));
    const patch = { tag: moved ?? "", version: null, patch: { place: "elsewhere" } };
    await hand("item.patch", patch);
    const third = await pullAll(bus, site);
    const news = (await differencesOf(bus, third.id)).filter(({ key }) => key === gone || key === moved);
    expect(news.map(({ key, class: name, state }) => [key, name, state]).sort()).toEqual(
      [
        [gone, "status_mismatch", "open"],
        [moved, "location_mismatch", "pending"],
      ].sort(),
    );
    const id = news.find(({ key }) => key === gone)?.id ?? "";
    await ask(bus, AskActOnRfidproDifference, { site, id, act: "acknowledge", by: "ann", why: "I look" });
    const { difference, history: lines } = await ask(bus, AskRfidproDifference, { site, id });
    expect(difference).toMatchObject({ state: "acknowledged", owner: "ann", rfidpro: { status: "sold" } });
    expect(lines.map(({ what, by }) => `${what} by ${by}`)).toEqual([
      "acknowledged by ann",
      "opened by tagwire",
    ]);

    // The report is signed, and RFIDpro was only ever read.
    await ask(bus, AskSignRfidproReport, { run: first.id, by: "ann", name: "Ann Example" });
    for (const format of rfidproReportFormats) {
      const { text, parts, signature, publicKey, bytes, sha256 } = await reportOf(bus, first.id, format);
      for (const said of ["Ann Example", first.manifest ?? "", first.id]) expect(text).toContain(said);
      // It has every difference, in more parts than one, and the signature is of all of them.
      expect(parts).toBeGreaterThan(1);
      const rows =
        format === "csv"
          ? text.split("\r\n\r\n")[1]?.trim().split("\r\n").slice(1)
          : text.match(/^<tr><td>[a-z_]+<\/td><td>.*(open|pending)<\/td>/gm);
      expect(rows?.length).toBe(first.differences);
      const whole = Buffer.from(text);
      expect(whole.length).toBe(bytes);
      const digestOf = (content: Buffer) => createHash("sha256").update(content).digest();
      expect(digestOf(whole).toString("hex")).toBe(sha256);
      const isSigned = (content: Buffer) =>
        isSignedBy(null, digestOf(content), publicKey ?? "", Buffer.from(signature ?? "", "base64url"));
      expect([isSigned(whole), isSigned(whole.subarray(0, -1))]).toEqual([true, false]);
    }
    expect(house.rfidpro.writes()).toEqual([]);
    await expectOnlyRead(recorded, house.rfidpro, stack);
    // Whoever verifies the archive asks nobody at all.
    const verified = await verify(house.env.RFIDPRO_ARCHIVE_DIR ?? "", recorded.env);
    expect(verified).toContain("all is as it was archived, 3 runs");
    await expectOnlyRead(recorded, house.rfidpro, stack);
  },
  testTimeoutMs,
);
