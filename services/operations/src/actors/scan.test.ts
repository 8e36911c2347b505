import { type Item, type ItemStatus, itemStatuses, type Scan, scanTypes } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { decideScan, type HeardScan, quarantine } from "./scan.ts";
import { type ModelScan, SiteModel } from "./test-model.ts";

const receivedAtMs = Date.parse("2026-05-04T10:00:00Z");
const instant = (agoMs: number) => new Date(receivedAtMs - agoMs).toISOString();
const out: readonly string[] = ["staged", "on_rent", "delivered"];

const itemIn = (status: ItemStatus, over: Partial<Item> = {}): Item => ({
  tag: "CHAIR-1",
  class: "chair",
  name: null,
  status,
  quality: null,
  place: null,
  contract: out.includes(status) ? "C-1" : null,
  notes: null,
  version: 7,
  pos: 3,
  lastFactAt: instant(60_000),
  lastScan: null,
  ...over,
});

const scanOf = (scan: Partial<Scan> & Pick<Scan, "type">): Scan => ({
  id: "0198a000-0000-7000-8000-000000000001",
  tag: "CHAIR-1",
  scannedAt: instant(0),
  ...scan,
});

const heardAs = (scan: Scan): HeardScan => ({
  scan,
  origin: { by: { device: "d" }, receivedAt: instant(0), traceparent: "" },
});

/** What the model says of one scan of one item. */
const modelOf = (item: Item, scan: Scan) => {
  const model = new SiteModel();
  const factAtMs = item.lastFactAt === null ? Number.NEGATIVE_INFINITY : Date.parse(item.lastFactAt);
  const { status, contract, place, quality, notes, version } = item;
  model.items.set(item.tag, {
    ...{ status, contract, place, quality, notes, version, factAtMs },
    seenAtMs: item.lastScan === null ? Number.NEGATIVE_INFINITY : Date.parse(item.lastScan.scannedAt),
  });
  const answer = model.act({ kind: "scan", id: scan.id, receivedAtMs, scan: scan as ModelScan });
  return { answer, after: model.items.get(item.tag) };
};

describe("every status meets every scan as the public table says", () => {
  const ways = [
    { what: "without anything", with: {} },
    { what: "on the same contract", with: { contract: "C-1" } },
    { what: "on another contract", with: { contract: "C-2" } },
    { what: "forced", with: { contract: "C-1", force: true } },
    { what: "forced with a reason", with: { contract: "C-2", force: true, reason: "needed tonight" } },
    { what: "to wash", with: { status: "wash" as const } },
    { what: "to ready, dirty", with: { status: "ready" as const, condition: { dirty: true } } },
    { what: "late", with: { contract: "C-1", status: "wash" as const, scannedAt: instant(60_001) } },
    { what: "at the instant of the last fact", with: { contract: "C-2", scannedAt: instant(60_000) } },
    {
      what: "from the future",
      with: { contract: "C-1", status: "wet" as const, scannedAt: instant(-5_001) },
    },
  ];
  const cases = itemStatuses.flatMap((status) => ways.map((way) => ({ status, ...way })));

  test.each(cases)("$status, $what", ({ status, with: more }) => {
    for (const type of scanTypes) {
      const item = itemIn(status);
      const scan = scanOf({ type, ...more });
      const { outcome, code, flags, said, item: after } = decideScan(item, heardAs(scan));
      const { answer, after: expected } = modelOf(item, scan);
      expect({ type, outcome, code, flags: flags.toSorted() }).toEqual({
        type,
        outcome: "outcome" in answer ? answer.outcome : answer.fault,
        code: "code" in answer ? answer.code : undefined,
        flags: "flags" in answer ? answer.flags.toSorted() : [],
      });
      expect(said === undefined).toBe(outcome === "already_applied");
      expect(after).toMatchObject({
        status: expected?.status,
        contract: expected?.contract,
        version: expected?.version,
      });
    }
  });
});

test("a refusal names what is wrong in words", () => {
  const refused = decideScan(itemIn("retired"), heardAs(scanOf({ type: "rental", contract: "C-9" })));
  expect(refused).toMatchObject({ outcome: "rejected", message: "rental of an item that is retired" });
  expect(refused.said).toMatchObject({
    type: "item.sighted.v1",
    data: { outcome: "rejected", set: {}, version: 7 },
  });
});

test("a return belongs to the rental it ends, whatever the scan named", () => {
  const { said } = decideScan(itemIn("on_rent"), heardAs(scanOf({ type: "return", contract: "C-9" })));
  expect(said).toMatchObject({
    type: "item.returned.v1",
    contract: "C-1",
    data: { was: { contract: "C-1" } },
  });
});

test("a sighting is no fact: a rental that happened before it and arrives after it still counts", () => {
  const touched = decideScan(itemIn("ready"), heardAs(scanOf({ type: "touch", place: "gate" })));
  const rental = scanOf({ type: "rental", contract: "C-1", place: "shelf", scannedAt: instant(1_000) });
  const rented = decideScan(touched.item as Item, heardAs(rental));
  expect(rented).toMatchObject({ outcome: "accepted", item: { status: "on_rent", place: "gate" } });
  expect(rented.item?.lastScan).toMatchObject({ type: "touch" });
});

test.each([
  { what: "72 h old", agoMs: 72 * 3_600_000, flags: [] },
  { what: "a moment older than 72 h", agoMs: 72 * 3_600_000 + 1, flags: ["backdated"] },
  { what: "5 s ahead", agoMs: -5_000, flags: [] },
  { what: "a moment more than 5 s ahead", agoMs: -5_001, flags: ["future_scan"] },
])("a scan $what is flagged $flags", ({ agoMs, flags }) => {
  const { said, ...decision } = decideScan(
    itemIn("ready", { lastFactAt: null }),
    heardAs(scanOf({ type: "rental", contract: "C-1", scannedAt: instant(agoMs) })),
  );
  expect(decision).toMatchObject({ outcome: "accepted", flags });
  expect(decision.code).toBe(flags[0]);
  const counted = flags.includes("future_scan") ? instant(0) : instant(agoMs);
  expect(said?.scannedAt).toBe(counted);
  expect(decision.item?.lastFactAt).toBe(counted);
});

test("the device's own spelling of an instant is kept beside the one that counts", () => {
  const scannedAt = "2026-05-04T11:59:59+02:00";
  const { said } = decideScan(itemIn("ready"), heardAs(scanOf({ type: "touch", scannedAt })));
  expect(said).toMatchObject({
    scannedAt: "2026-05-04T09:59:59.000Z",
    data: { scan: { deviceTime: scannedAt } },
  });
});

test("an unknown tag's scan is kept whole", () => {
  const scan = scanOf({ type: "rental", contract: "C-1", notes: "left side" });
  const kept = quarantine("CHAIR-1", heardAs(scan));
  expect(kept).toMatchObject({ outcome: "quarantined", code: "tag_unknown" });
  expect(kept.said?.data).toEqual({ scan, code: "tag_unknown" });
});
