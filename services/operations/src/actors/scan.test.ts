import { type Item, type ItemStatus, itemStatuses, type Scan, scanTypes } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import type { HeardScan } from "./heard-scan.ts";
import { decidePatch } from "./item.ts";
import { decideScan } from "./scan.ts";
import { createStrays } from "./stray.ts";
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
  placeAt: null,
  qualityAt: null,
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
  const msOf = (at: string | null | undefined) => (at == null ? Number.NEGATIVE_INFINITY : Date.parse(at));
  const { status, contract, place, quality, notes, version } = item;
  model.items.set(item.tag, {
    ...{ status, contract, place, quality, notes, version, factAtMs: msOf(item.lastFactAt), seen: null },
    ...{
      placeAtMs: msOf(item.placeAt),
      qualityAtMs: msOf(item.qualityAt),
      found: new Set(),
      work: null,
      stands: new Map(),
      trail: [],
    },
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
    { what: "of another condition", with: { contract: "C-1", condition: { rip: true } } },
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
      expect(said?.type).toBe("event" in answer ? answer.event : undefined);
      expect(after).toMatchObject({
        status: expected?.status,
        contract: expected?.contract,
        version: expected?.version,
      });
    }
  });
});

test.each(itemStatuses)("what a reader only overheard leaves an item that is %s as it is", (status) => {
  const item = itemIn(status);
  const evidence = { reads: 1, peakRssiDbm: -80, stray: "elsewhere" } as const;
  const heard = { ...heardAs(scanOf({ type: "touch", place: "wash" })), evidence };
  const { outcome, flags, said, item: after } = decideScan(item, heard);
  expect({ outcome, flags, after }).toEqual({ outcome: "accepted", flags: ["stray"], after: item });
  expect(said).toMatchObject({
    type: "item.sighted.v1",
    data: { set: {}, scan: { place: "wash", stray: "elsewhere" } },
  });
});

test("a tag that was once read as one of ISO stays one, whoever scans it later, and also when that was read earlier", () => {
  const evidence = { reads: 1, peakRssiDbm: -60 };
  const touch = heardAs(scanOf({ type: "touch", place: "wash" }));
  const seenAgain = (item: Item, more: object) =>
    decideScan(item, { ...touch, evidence: { ...evidence, ...more } }).item;
  const first = seenAgain(itemIn("ready"), { isIso: true });
  expect(first?.lastScan).toMatchObject({ type: "touch", isIso: true });
  if (first === undefined) throw new Error("no item");
  expect(seenAgain(first, {})?.lastScan?.isIso).toBe(true);
  const seen = seenAgain(itemIn("ready"), {});
  if (seen === undefined) throw new Error("no item");
  expect(seen.lastScan).not.toHaveProperty("isIso");
  const newer = { ...seen, lastScan: { ...seen.lastScan, scannedAt: "2099-01-01T00:00:00.000Z" } } as Item;
  expect(seenAgain(newer, { isIso: true })?.lastScan).toEqual({ ...newer.lastScan, isIso: true });
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

test("forcing without a reason is refused as any transition is, and told why", () => {
  const forced = (more: Partial<Scan>) =>
    decideScan(itemIn("repair"), heardAs(scanOf({ type: "rental", contract: "C-1", force: true, ...more })));
  expect(forced({ reason: " " })).toMatchObject({
    outcome: "rejected",
    code: "transition_refused",
    message: "rental of an item that is repair: who forces it says why",
  });
  expect(forced({ reason: "needed" })).toMatchObject({ outcome: "accepted", flags: ["forced"] });
});

test("a scan that is late and backdated says first that it is history only", () => {
  const scannedAt = instant(73 * 3_600_000);
  const late = decideScan(itemIn("ready"), heardAs(scanOf({ type: "touch", scannedAt })));
  expect(late).toMatchObject({ code: "late_history_only", flags: ["backdated", "late_history_only"] });
});

describe("what is already so", () => {
  test.each<[string, ItemStatus, Partial<Scan> & Pick<Scan, "type">]>([
    ["a return that looked at the item", "ready", { type: "return", condition: { rip: true } }],
    ["one that found nothing, but looked", "wash", { type: "return", condition: { rip: false } }],
    ["another grade", "ready", { type: "pickup", quality: "C" }],
    ["notes", "ready", { type: "return", notes: "left side" }],
    ["a delivery on another contract", "delivered", { type: "delivery", contract: "C-2" }],
  ])("changes no status, but keeps %s in the timeline", (_, status, scan) => {
    const item = itemIn(status);
    const { outcome, item: after, said } = decideScan(item, heardAs(scanOf(scan)));
    expect(outcome).toBe("already_applied");
    expect(after).toMatchObject({
      status: item.status,
      contract: item.contract,
      lastFactAt: scan.type === "delivery" ? item.lastFactAt : instant(0),
    });
    const { type: _type, ...told } = scan;
    const { contract, ...facts } = told;
    expect(said).toMatchObject({
      type: "item.sighted.v1",
      ...(contract === undefined ? {} : { contract }),
      data: { outcome: "already_applied", scan: facts },
    });
  });

  test("keeps with the item what it found and how it looks, also on one that is ready", () => {
    const found = { type: "return", condition: { rip: true, oil: null }, quality: "C" } as const;
    expect(decideScan(itemIn("ready"), heardAs(scanOf(found))).item).toMatchObject({
      ...{ status: "ready", condition: { rip: true }, quality: "C" },
    });
    // What is out is looked at when it comes back.
    const out = { type: "delivery", contract: "C-1", condition: { rip: true } } as const;
    expect(decideScan(itemIn("delivered"), heardAs(scanOf(out))).item?.condition ?? null).toBeNull();
  });

  test("a touch or a count that says how the thing looks is kept with it likewise, and changes no status", () => {
    const count = { type: "count", condition: { oil: true, rip: null }, quality: "B-" } as const;
    expect(decideScan(itemIn("ready"), heardAs(scanOf(count)))).toMatchObject({
      ...{ outcome: "accepted", said: { type: "item.sighted.v1" } },
      item: {
        status: "ready",
        condition: { oil: true },
        quality: "B-",
        lastFactAt: itemIn("ready").lastFactAt,
      },
    });
    const out = decideScan(itemIn("on_rent"), heardAs(scanOf({ ...count, type: "touch" }))).item;
    expect(out).toMatchObject({ status: "on_rent", quality: "B-" });
    expect(out?.condition ?? null).toBeNull();
  });

  test.each<[string, ItemStatus, Partial<Scan> & Pick<Scan, "type">]>([
    ["what was only set aside", "staged", { type: "return", condition: { rip: true, wet: false } }],
    ["what was missing", "missing", { type: "return", condition: { rip: true, wet: false } }],
    ["what was missing and is counted", "missing", { type: "count", condition: { rip: true, wet: false } }],
  ])("%s is ready as the table has it, and the damage on it is not forgotten", (_, status, scan) => {
    const before = { ...itemIn(status), condition: { oil: true } };
    const { item } = decideScan(before, heardAs(scanOf(scan)));
    expect(item).toMatchObject({ status: "ready" });
    expect(item?.condition).toEqual({ rip: true });
  });

  test.each<[string, ItemStatus, Partial<Scan> & Pick<Scan, "type">]>([
    ["the same return again", "ready", { type: "return", contract: "C-1", place: "dock" }],
    ["a condition nobody looked at", "ready", { type: "return", condition: { rip: null }, place: "dock" }],
    ["the same delivery again", "delivered", { type: "delivery", contract: "C-1", place: "dock" }],
  ])("is seen all the same: %s says when and where, and nothing else of the thing", (_, status, scan) => {
    const item = itemIn(status);
    const { outcome, said, item: after } = decideScan(item, heardAs(scanOf(scan)));
    expect(outcome).toBe("already_applied");
    expect(said).toMatchObject({ type: "item.sighted.v1", data: { outcome } });
    expect(said?.data).not.toHaveProperty("moves");
    const seen = { type: scan.type, scannedAt: instant(0), place: "dock" };
    expect(after).toEqual({
      ...item,
      version: item.version + 1,
      lastFactAt: instant(0),
      place: "dock",
      placeAt: instant(0),
      lastScan: expect.objectContaining(seen),
    });
  });
});

describe("an older scan does not overwrite what a person stated since", () => {
  const stated = (patch: { place?: string; quality?: "C" }) => {
    const origin = { by: { person: "p" }, receivedAt: instant(0), traceparent: "" };
    const { item } = decidePatch(itemIn("ready"), { tag: "CHAIR-1", version: null, patch }, origin);
    return item as Item;
  };

  test("the place", () => {
    const touch = scanOf({ type: "touch", place: "dock", scannedAt: instant(5_000) });
    const touched = decideScan(stated({ place: "yard" }), heardAs(touch));
    expect(touched).toMatchObject({
      outcome: "accepted",
      item: { place: "yard", lastScan: { place: "dock" } },
    });
    const later = decideScan(touched.item as Item, heardAs(scanOf({ type: "touch", place: "dock" })));
    expect(later.item).toMatchObject({ place: "dock", placeAt: instant(0) });
  });

  test("the grade", () => {
    const rental = { type: "rental", contract: "C-1", quality: "A" } as const;
    const rented = decideScan(
      stated({ quality: "C" }),
      heardAs(scanOf({ ...rental, scannedAt: instant(5_000) })),
    );
    expect(rented).toMatchObject({ outcome: "accepted", item: { status: "on_rent", quality: "C" } });
    const now = decideScan(stated({ quality: "C" }), heardAs(scanOf(rental)));
    expect(now.item).toMatchObject({ quality: "A", qualityAt: instant(0) });
  });
});

test("a late return tells the contract that it names beside the one whose rental it ends", () => {
  const stands = {
    contract: "C-9",
    tag: "CHAIR-1",
    class: "chair",
    state: "not_recorded",
    outAt: instant(90_000),
    pos: 1,
  };
  const contracts = { contract: () => undefined, standings: () => [stands as never], past: () => [] };
  const late = scanOf({ type: "return", contract: "L-7", scannedAt: instant(80_000) });
  const { said } = decideScan(itemIn("ready"), heardAs(late), contracts);
  expect(said).toMatchObject({ contract: "C-9", data: { scan: { type: "return", contract: "L-7" } } });
});

test("a scan that names a place is newer than the place, also where a later one named none", () => {
  const touch = (agoMs: number, place?: string) =>
    scanOf({ type: "touch", scannedAt: instant(agoMs), ...(place === undefined ? {} : { place }) });
  const seen = decideScan(itemIn("ready", { place: "yard", placeAt: instant(50_000) }), heardAs(touch(0)));
  const placed = decideScan(seen.item as Item, heardAs(touch(1_000, "dock")));
  expect(placed.item).toMatchObject({ place: "dock", lastScan: { scannedAt: instant(0) } });
  expect(decideScan(placed.item as Item, heardAs(touch(2_000, "gate"))).item).toBe(placed.item);
});

test("a sighting is no fact: a rental that happened before it and arrives after it still counts", () => {
  const touched = decideScan(itemIn("ready"), heardAs(scanOf({ type: "touch", place: "gate" })));
  const rental = scanOf({ type: "rental", contract: "C-1", place: "shelf", scannedAt: instant(1_000) });
  const rented = decideScan(touched.item as Item, heardAs(rental));
  expect(rented).toMatchObject({ outcome: "accepted", item: { status: "on_rent", place: "gate" } });
  expect(rented.item?.lastScan).toMatchObject({ type: "touch" });
});

describe("what is already so is so at the instant of the scan that says it", () => {
  test.each<[string, ItemStatus, Partial<Scan> & Pick<Scan, "type">, Partial<Scan> & Pick<Scan, "type">]>([
    ["a rental from before a return", "ready", { type: "return" }, { type: "rental", contract: "C-1" }],
    ["a service from before a pickup", "wash", { type: "pickup" }, { type: "service", status: "ready" }],
    [
      "one from before the same service",
      "wet",
      { type: "service", status: "wet" },
      { type: "service", status: "wash" },
    ],
    [
      "a return from before the same rental",
      "on_rent",
      { type: "rental", contract: "C-1" },
      { type: "return" },
    ],
    [
      "one from before the same setting aside",
      "staged",
      { type: "stage", contract: "C-1" },
      { type: "return" },
    ],
    [
      "one from before the same delivery",
      "delivered",
      { type: "delivery", contract: "C-1" },
      { type: "return" },
    ],
  ])("%s that arrives after it is history only", (_, status, again, late) => {
    const confirmed = decideScan(itemIn(status), heardAs(scanOf(again)));
    expect(confirmed).toMatchObject({ outcome: "already_applied", said: { type: "item.sighted.v1" } });
    expect(confirmed.said?.data).toMatchObject({ set: { lastFactAt: instant(0) } });
    const item = confirmed.item as Item;
    expect(decideScan(item, heardAs(scanOf({ ...late, scannedAt: instant(1) })))).toMatchObject({
      ...{ outcome: "accepted", code: "late_history_only", item },
    });
    expect(decideScan(item, heardAs(scanOf(late)))).not.toHaveProperty("code");
  });

  test("but a delivery on another contract says something else of the thing, and turns nothing into history", () => {
    const other = scanOf({ type: "delivery", contract: "C-2" });
    const delivered = decideScan(itemIn("delivered"), heardAs(other));
    expect(delivered).toMatchObject({ outcome: "already_applied", item: { lastFactAt: instant(60_000) } });
    const back = scanOf({ type: "return", scannedAt: instant(2_000) });
    const returned = decideScan(delivered.item as Item, heardAs(back));
    expect(returned).toMatchObject({ outcome: "accepted", item: { status: "ready", contract: null } });
    const rental = scanOf({ type: "rental", contract: "C-2", scannedAt: instant(1_000) });
    expect(decideScan(returned.item as Item, heardAs(rental)).item).toMatchObject({
      ...{ status: "on_rent", contract: "C-2" },
    });
  });
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
  const strays = createStrays({ strays: new Map(), waiting: new Map() });
  const kept = strays.hold("CHAIR-1", heardAs(scan));
  expect(kept).toMatchObject({ outcome: "quarantined", code: "tag_unknown" });
  expect(kept.said?.data).toEqual({ scan, code: "tag_unknown" });
});
