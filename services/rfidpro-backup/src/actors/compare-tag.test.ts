import fc from "fast-check";
import { expect, test } from "vitest";
import { compareTag, type TagSides } from "./compare-tag.ts";
import type { PullWindow } from "./pull-window.ts";
import { item, itemRow, scan, scannedAtMs, tag, transactionRow } from "./test-rows.ts";

const hourMs = 3_600_000;
const window: PullWindow = {
  itemsComplete: true,
  transactionsComplete: true,
  ...{ itemsOnce: true, transactionsOnce: true, quietSinceMs: null },
  ...{
    sinceMs: Date.UTC(2025, 5, 3),
    untilMs: Date.UTC(2025, 5, 3, 1),
    rfidproSinceMs: Date.UTC(2025, 5, 3),
  },
};
const newScansAlone: PullWindow = { ...window, transactionsComplete: false };
const partial: PullWindow = {
  ...{ ...window, itemsComplete: false, transactionsComplete: false },
  ...{ itemsOnce: false, transactionsOnce: false },
};
const sides = (change: Partial<TagSides> = {}): TagSides => ({
  ...{ tag, items: [itemRow()], transactions: [transactionRow()], item: item(), scans: [scan()], ...change },
});
const told = (change: Partial<TagSides>, of = window) =>
  compareTag(sides(change), of).found.map(
    ({ class: name, kind, key }) => `${name} ${kind} ${key.split(" ")[0]}`,
  );

test("who scanned a tag twice in a second did so on both sides: nothing differs", () => {
  const twice = {
    transactions: [transactionRow(), transactionRow({ identity: "t2" })],
    scans: [scan(), scan({ id: "s2", pos: 3 })],
  };
  expect(compareTag(sides(twice), window)).toMatchObject({ found: [], scans: { compared: 2, agreed: 2 } });
});

test("sides that say the same have no differences, and agree", () => {
  const compared = compareTag(sides(), window);
  expect(compared).toMatchObject({
    found: [],
    item: "agreed",
    scans: { compared: 1, agreed: 1 },
    isTouched: false,
  });
  expect(compared.pending.size).toBe(0);
});

const odd = (field: string, code: string) => ({ field, code, given: "?" });
const ofItem = (name: string) => [`${name} item ${tag}`];
const ofScan = (name: string) => [`${name} scan ${tag}`];

test.each<{ what: string; change: Partial<TagSides>; found: string[] }>([
  { what: "an item that operations has not", change: { item: undefined }, found: ofItem("only_in_rfidpro") },
  { what: "an item that RFIDpro has not", change: { items: [] }, found: ofItem("missing_from_rfid") },
  { what: "another status", change: { item: item({ status: "repair" }) }, found: ofItem("status_mismatch") },
  { what: "another quality", change: { item: item({ quality: "C" }) }, found: ofItem("status_mismatch") },
  { what: "another rental class", change: { item: item({ class: "x" }) }, found: ofItem("status_mismatch") },
  { what: "another place", change: { item: item({ place: "NR5x2" }) }, found: ofItem("location_mismatch") },
  {
    what: "another role",
    change: { items: [itemRow({ role: "resale" })] },
    found: ofItem("location_mismatch"),
  },
  {
    what: "a role that operations has as another place",
    change: { items: [itemRow({ place: null, role: "resale" })], item: item({ place: "pack" }) },
    found: ofItem("location_mismatch"),
  },
  {
    what: "a role that operations has as a place beside another role",
    change: {
      items: [itemRow({ place: null, role: "resale" })],
      item: item({ place: "resale", role: "pack" }),
    },
    found: ofItem("location_mismatch"),
  },
  {
    what: "out there and back here",
    change: { items: [itemRow({ status: "on_rent", contract: "77" })] },
    found: ofItem("return_not_recorded"),
  },
  {
    what: "back there and out here",
    change: { item: item({ status: "delivered", contract: "77" }) },
    found: ofItem("return_not_recorded"),
  },
  {
    what: "out on two contracts",
    change: {
      items: [itemRow({ status: "on_rent", contract: "77" })],
      item: item({ status: "on_rent", contract: "78" }),
    },
    found: ofItem("double_booked"),
  },
  {
    what: "a state that no scan of either side explains",
    change: { items: [itemRow({ lastScannedAtMs: scannedAtMs + 5 * hourMs })] },
    found: ofItem("state_without_event"),
  },
  {
    what: "a tag that RFIDpro's master has twice",
    change: { items: [itemRow(), itemRow({ identity: "i2", lastScannedAtMs: 0, status: "sold" })] },
    found: ofItem("duplicate"),
  },
  { what: "a scan that operations has not", change: { scans: [] }, found: ofScan("only_in_rfidpro") },
  { what: "a scan that RFIDpro has not", change: { transactions: [] }, found: ofScan("only_in_ops") },
  {
    what: "a scan that was uploaded late and that operations has not",
    change: { scans: [], transactions: [transactionRow({ createdAtMs: scannedAtMs + 4 * hourMs })] },
    found: ofScan("late_upload"),
  },
  {
    what: "the same scan an hour apart",
    change: { scans: [scan({ atMs: scannedAtMs + hourMs })] },
    found: ofScan("clock_skew"),
  },
  {
    what: "the same scan on two contracts",
    change: {
      transactions: [transactionRow({ type: "rental", contract: "77" })],
      scans: [scan({ type: "rental", contract: "78" })],
    },
    found: [...ofScan("only_in_rfidpro"), ...ofScan("only_in_ops")],
  },
  {
    what: "a scan that RFIDpro has twice",
    change: { transactions: [transactionRow(), transactionRow({ identity: "t2" })] },
    found: ofScan("duplicate"),
  },
  {
    what: "two scans of one second, of which RFIDpro has three rows",
    change: {
      transactions: ["t1", "t2", "t3"].map((identity) => transactionRow({ identity })),
      scans: [scan(), scan({ id: "s2", pos: 3 })],
    },
    found: ofScan("duplicate"),
  },
  {
    what: "a scan without a time",
    change: { transactions: [transactionRow(), transactionRow({ identity: "t2", scannedAtMs: null })] },
    found: ["malformed scan t2"],
  },
  {
    what: "an item with a status that is none",
    change: { items: [itemRow({ status: null })] },
    found: ["malformed item i1"],
  },
  {
    what: "an item with a quality that is none",
    change: { items: [itemRow({ quality: null, oddities: [odd("quality", "quality_unknown")] })] },
    found: ["malformed item i1"],
  },
  {
    what: "a scan with a tag where its status should be, which is a scan all the same",
    change: { transactions: [transactionRow({ status: null, oddities: [odd("status", "epc_in_status")] })] },
    found: ["malformed scan t1"],
  },
  {
    what: "a scan with a contract that cannot be read, which is none of ours",
    change: { transactions: [transactionRow({ oddities: [odd("contract_number", "not_text")] })] },
    found: ["malformed scan t1", ...ofScan("only_in_ops")],
  },
])("$what is told", ({ change, found }) => {
  expect(told(change)).toEqual(found);
});

test.each([
  ["status", "status_unknown"],
  ["status", "epc_in_status"],
  ["quality", "quality_unknown"],
  ["bin_location", "not_text"],
  ["bin_location", "place_too_long"],
  ["rental_class_num", "class_too_long"],
  ["last_contract_num", "contract_too_long"],
  ["date_last_scanned", "date_is_hex"],
])("an item of which %s cannot be read (%s) agrees with nothing, and is told", (field, code) => {
  const nothing = { status: null, quality: null, place: null, rentalClass: null, contract: null };
  const items = [
    itemRow({ ...nothing, status: field === "status" ? null : "ready", oddities: [odd(field, code)] }),
  ];
  expect(compareTag(sides({ items }), window)).toMatchObject({
    item: "differing",
    found: [{ class: "malformed", fields: [field] }],
  });
});

test.each([
  ["bin_location", "null_as_text"],
  ["date_last_scanned", "no_date"],
  ["rental_class_id", "class_decimal"],
  ["notes", "not_text"],
])("an item of which %s is odd (%s), and nothing that is compared is unreadable, agrees", (field, code) => {
  const items = [itemRow({ oddities: [odd(field, code)] })];
  expect(compareTag(sides({ items }), window)).toMatchObject({ item: "agreed", found: [] });
});

test.each<{ what: string; change: Partial<TagSides> }>([
  {
    what: "the number of the last contract of a thing that is back",
    change: { items: [itemRow({ contract: "77" })] },
  },
  {
    what: "what RFIDpro does not say",
    change: { items: [itemRow({ quality: null, place: null, rentalClass: null })] },
  },
  { what: "a time that was rounded", change: { scans: [scan({ atMs: scannedAtMs + 900 })] } },
  {
    what: "the contract that a return ended",
    change: {
      transactions: [transactionRow({ type: "return" })],
      scans: [scan({ type: "return", contract: "77" })],
    },
  },
  {
    what: "a role that operations still has as a place",
    change: { items: [itemRow({ place: null, role: "resale" })], item: item({ place: "Resale" }) },
  },
  { what: "a touch that is our service scan", change: { scans: [scan({ type: "service" })] } },
  {
    what: "a tag that is not on a thing yet",
    change: { items: [], transactions: [], scans: [], item: item({ status: "provisioned" }) },
  },
  {
    what: "a tag that was taken off its thing",
    change: { items: [], transactions: [], scans: [], item: item({ replacedBy: "E2" }) },
  },
])("$what is no difference", ({ change }) => {
  expect(told(change)).toEqual([]);
});

test("a date of the master that RFIDpro's own newer scans do not explain is told, and is no disagreement", () => {
  const older = compareTag(
    sides({ items: [itemRow({ lastScannedAtMs: scannedAtMs - 9 * hourMs })] }),
    window,
  );
  expect(older).toMatchObject({ item: "agreed", found: [{ class: "state_without_event" }] });
  const newer = compareTag(
    sides({ items: [itemRow({ lastScannedAtMs: scannedAtMs + 9 * hourMs })] }),
    window,
  );
  expect(newer).toMatchObject({ item: "differing", found: [{ class: "state_without_event" }] });
});

test("what is not whole tells nothing missing, whatever is not there", () => {
  const missing: Partial<TagSides> = { items: [], transactions: [] };
  expect(told(missing)).toEqual([...ofItem("missing_from_rfid"), ...ofScan("only_in_ops")]);
  expect(told(missing, partial)).toEqual([]);
  expect(told({ transactions: [], items: [itemRow({ lastScannedAtMs: 0 })] }, partial)).toEqual([]);
  expect(compareTag(sides(missing), partial)).toMatchObject({
    item: "none",
    scans: { compared: 0, agreed: 0 },
  });
  // What is there is compared all the same.
  expect(told({ item: item({ status: "repair" }) }, partial)).toEqual(ofItem("status_mismatch"));
});

const insideMs = Date.UTC(2025, 5, 3, 0, 0, 1);
const repaired = item({ status: "repair" });
test.each<{ what: string; change: Partial<TagSides>; pending: string[] }>([
  {
    what: "an event of operations",
    change: { item: item({ status: "repair" }, "2025-06-03T00:00:01Z") },
    pending: ofItem("status_mismatch"),
  },
  {
    what: "a scan of operations that RFIDpro has not",
    change: {
      item: repaired,
      scans: [scan(), scan({ id: "s2", pos: 3, atMs: insideMs, happenedAtMs: insideMs })],
    },
    pending: [...ofItem("status_mismatch"), ...ofScan("only_in_ops")],
  },
  {
    what: "a scan of operations that was made long ago",
    change: { transactions: [], scans: [scan({ happenedAtMs: insideMs })] },
    pending: ofScan("only_in_ops"),
  },
  {
    what: "an upload to RFIDpro",
    change: { item: repaired, transactions: [transactionRow({ createdAtMs: insideMs })] },
    pending: ofItem("status_mismatch"),
  },
  {
    what: "an upload to RFIDpro of a scan that operations has not, beside an older one that it has not either",
    change: {
      transactions: [
        transactionRow({ scannedAtMs: scannedAtMs - 9 * hourMs, createdAtMs: scannedAtMs - 9 * hourMs }),
        transactionRow({ identity: "t2", createdAtMs: insideMs }),
      ],
      scans: [],
    },
    pending: ofScan("late_upload"),
  },
  {
    what: "a date of RFIDpro's master",
    change: { item: repaired, items: [itemRow({ lastScannedAtMs: insideMs })] },
    pending: [...ofItem("status_mismatch"), ...ofItem("state_without_event")],
  },
  {
    what: "a date of a clock that is years ahead",
    change: { item: repaired, items: [itemRow({ lastScannedAtMs: Date.UTC(2031, 1, 1) })] },
    pending: [],
  },
  { what: "nothing", change: { item: repaired, scans: [] }, pending: [] },
])("with $what inside of the window, what touches it is pending", ({ change, pending }) => {
  const compared = compareTag(sides(change), window);
  const names = [...compared.pending].map(
    ({ class: name, kind, key }) => `${name} ${kind} ${key.split(" ")[0]}`,
  );
  expect(names).toEqual(pending);
  expect(compared.scans.pending).toBe(pending.filter((one) => one.includes(" scan ")).length);
});

test("a clock of RFIDpro that is behind ours moves no upload out of the window", () => {
  const behind = { ...window, rfidproSinceMs: window.sinceMs - 3 * hourMs };
  const upload = transactionRow({ createdAtMs: window.sinceMs - 2 * hourMs });
  expect(compareTag(sides({ transactions: [upload] }), behind).isTouched).toBe(true);
  expect(compareTag(sides({ transactions: [upload] }), window).isTouched).toBe(false);
});

test("rows that may have moved are no duplicates, and without all scans nobody can tell which scan has another clock", () => {
  const twice: Partial<TagSides> = {
    items: [itemRow(), itemRow({ identity: "i2" })],
    transactions: [transactionRow(), transactionRow({ identity: "t2" })],
  };
  expect(told(twice)).toEqual([...ofItem("duplicate"), ...ofScan("duplicate")]);
  expect(told(twice, newScansAlone)).toEqual([...ofItem("duplicate"), ...ofScan("duplicate")]);
  expect(told(twice, partial)).toEqual([]);
  const hourApart: Partial<TagSides> = { scans: [scan({ atMs: scannedAtMs + hourMs })] };
  expect(told(hourApart)).toEqual(ofScan("clock_skew"));
  expect(told(hourApart, newScansAlone)).toEqual([]);
  expect(compareTag(sides(hourApart), newScansAlone).scans.compared).toBe(0);
});

test("what was done here after RFIDpro took its last scan from anybody is told, and counts for neither side", () => {
  const quiet = { ...window, quietSinceMs: scannedAtMs + hourMs };
  const newer = scan({
    id: "s2",
    pos: 3,
    atMs: scannedAtMs + 2 * hourMs,
    happenedAtMs: scannedAtMs + 2 * hourMs,
  });
  const changed: Partial<TagSides> = {
    item: item({ status: "repair" }, new Date(scannedAtMs + 2 * hourMs).toISOString()),
    scans: [scan(), newer],
  };
  const compared = compareTag(sides(changed), quiet);
  expect(compared).toMatchObject({ item: "ahead", scans: { compared: 1, agreed: 1, pending: 0, ahead: 1 } });
  expect(told(changed, quiet)).toEqual([...ofItem("status_mismatch"), ...ofScan("only_in_ops")]);
  // Where RFIDpro has taken another scan since, whoever scanned here alone has left a gap there.
  expect(compareTag(sides(changed), { ...quiet, quietSinceMs: scannedAtMs + 3 * hourMs })).toMatchObject({
    ...{ item: "differing", scans: { compared: 2, agreed: 1, ahead: 0 } },
  });
  // What an import states is RFIDpro's own word, whenever it is stated.
  const lastScan = {
    ...{ id: "s0", type: "service" as const, scannedAt: new Date(scannedAtMs).toISOString(), place: null },
    by: { device: "rfidpro" },
  };
  const imported = item({ status: "repair", lastScan }, new Date(scannedAtMs + 2 * hourMs).toISOString());
  expect(compareTag(sides({ item: imported }), quiet).item).toBe("differing");
  const since = new Date(scannedAtMs + 2 * hourMs).toISOString();
  const edited = { ...imported, item: { ...imported.item, lastFactAt: since } };
  expect(compareTag(sides({ item: edited }), quiet).item).toBe("ahead");
});

const type = fc.constantFrom("rental", "return", "delivery", "pickup", "touch");
const instants = fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { maxLength: 30 });

test("equal scans in any order are equal, and one that is taken away is the one that is told", () => {
  fc.assert(
    fc.property(instants, type, fc.nat(), (seconds, of, pick) => {
      const transactions = seconds.map((second, index) =>
        transactionRow({ identity: `t${index}`, type: of, scannedAtMs: scannedAtMs + second * 10_000 }),
      );
      const scans = seconds
        .map((second, index) => scan({ id: `s${index}`, type: of, atMs: scannedAtMs + second * 10_000 }))
        .toReversed();
      const whole = sides({ items: [], item: undefined, transactions, scans });
      expect(compareTag(whole, window).found).toEqual([]);
      const left = scans.filter((_, index) => index !== pick % Math.max(1, scans.length));
      const { found, scans: counts } = compareTag({ ...whole, scans: left }, window);
      expect(found.length).toBe(Math.min(1, scans.length));
      expect(counts.compared).toBe(scans.length);
      expect(counts.agreed).toBe(left.length);
    }),
  );
});
