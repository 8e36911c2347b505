import { expect, test } from "vitest";
import { baselineIdOf } from "./deterministic-id.ts";
import { countRules } from "./import-rules.ts";
import { planClass } from "./plan-class.ts";
import { planTag } from "./plan-import.ts";
import type { TagRows } from "./plan-scan.ts";
import type { TransactionRow } from "./rows.ts";
import { classRow, itemRow, scannedAtMs, tag, transactionRow } from "./test-rows.ts";

const dayMs = 86_400_000;
const window = { fromMs: scannedAtMs + 10 * dayMs, toMs: scannedAtMs + 10 * dayMs + 60_000 };
const plan = (change: Partial<TagRows> = {}) =>
  planTag({
    ...{
      site: "north",
      tag,
      items: [itemRow()],
      transactions: [transactionRow()],
      isThere: false,
      imported: null,
      twin: undefined,
    },
    ...{ window, ...change },
  });
const odd = (field: string, code: string) => [{ field, code, given: "E2801160" }];
const rules = (change: Partial<TagRows>) => plan(change).notes.map(({ rule }) => rule);
const at = (ms: number) => new Date(ms).toISOString();

test.each(["inspect", "repair", "wash", "wet"] as const)(
  "a touch that says %s is how a thing came into service, and states that",
  (status) => {
    const touch = transactionRow({ status });
    expect(plan({ transactions: [touch] }).history).toMatchObject([
      { type: "service", status, notes: expect.stringContaining(`; it was ${status} then.`) },
    ]);
    // The last word is the master's: one that says the same stands beside it, and one that does not is older by a breath.
    expect(plan({ items: [itemRow({ status })], transactions: [touch] }).baseline).toMatchObject({
      ...{ status, scannedAt: at(scannedAtMs) },
    });
    const items = [itemRow({ status: status === "repair" ? "wet" : "repair" })];
    expect(plan({ items, transactions: [touch] }).baseline?.scannedAt).toBe(at(scannedAtMs + 1));
  },
);

test.each<{ what: string; change: Partial<TransactionRow>; said: string | undefined }>([
  { what: "a status that follows", change: { type: "rental", status: "on_rent" }, said: undefined },
  {
    what: "a status that does not",
    change: { type: "rental", status: "repair" },
    said: "it was repair then",
  },
  { what: "a touch of what is out", change: { status: "delivered" }, said: "it was delivered then" },
  { what: "a touch of what is ready", change: { status: "ready" }, said: "it was ready then" },
  { what: "nothing at all", change: { status: null }, said: undefined },
  {
    what: "a tag in the status",
    change: { status: null, oddities: odd("status", "epc_in_status") },
    said: 'its status was "E2801160"',
  },
  {
    what: "a grade that is none",
    change: { status: null, oddities: odd("quality", "quality_unknown") },
    said: 'its quality was "E2801160"',
  },
  { what: "a role", change: { status: null, role: "resale" }, said: "its bin was resale" },
  {
    what: "where it was mended",
    change: { status: null, repairPlace: "Shop 2" },
    said: "repaired at Shop 2",
  },
  {
    what: "another serial number",
    change: { status: null, serial: "SN2" },
    said: "its serial number was SN2",
  },
  { what: "the item's serial number", change: { status: null, serial: "SN1" }, said: undefined },
])("$what of a scan is not lost: its notes say it", ({ change, said }) => {
  const { history, item } = plan({
    items: [itemRow({ serial: "SN1" })],
    transactions: [transactionRow(change)],
  });
  const taken = `RFIDpro: scanned by ann, taken ${at(scannedAtMs + 60_000)}`;
  expect(history[0]?.notes).toBe(`${taken}${said === undefined ? "" : `; ${said}`}.`);
  expect(item?.notes).toBe("Serial number in RFIDpro: SN1.");
});

test("an item is made, then what it is now, then its history with the times and words of RFIDpro", () => {
  const planned = plan({ transactions: [transactionRow({ notes: "torn" })] });
  expect(planned.item).toMatchObject({ tag, class: "61708", name: "Chair", quality: "A", place: "NR4x1" });
  expect(planned.item).not.toHaveProperty("status");
  expect(planned.baseline).toMatchObject({ type: "service", status: "ready", scannedAt: at(scannedAtMs) });
  expect(planned.baseline?.id).toBe(baselineIdOf("north", tag));
  expect(planned.history).toMatchObject([
    {
      tag,
      type: "touch",
      scannedAt: at(scannedAtMs),
      notes: `torn\nRFIDpro: scanned by ann, taken ${at(scannedAtMs + 60_000)}; it was ready then.`,
    },
  ]);
  expect(planned).toMatchObject({ end: null, notes: [] });
});

test("what is planned again has the same ids, and at another site others", () => {
  expect(plan()).toEqual(plan());
  expect(plan({ site: "south" }).history[0]?.id).not.toBe(plan().history[0]?.id);
  expect(plan({ site: "south" }).item?.id).not.toBe(plan().item?.id);
});

test.each([
  ["on_rent", "rental"],
  ["delivered", "delivery"],
  ["staged", "stage"],
] as const)("what is %s is so by a %s on its contract", (status, type) => {
  const { baseline, end } = plan({ items: [itemRow({ status, contract: "77" })] });
  expect(baseline).toMatchObject({ type, contract: "77" });
  expect(end).toBeNull();
});

test.each(["sold", "retired", "missing"] as const)("what is %s is so once its history is told", (status) => {
  const { baseline, end } = plan({ items: [itemRow({ status })] });
  expect(baseline).toMatchObject({ type: "service", status: "ready" });
  // As of then: what somebody here does meanwhile is newer than all three.
  expect(end).toMatchObject({ tag, status, asOf: baseline?.scannedAt });
  expect(plan({ items: [itemRow({ status })] }).item?.asOf).toBe(baseline?.scannedAt);
});

test.each([
  ["place", { place: "elsewhere" }],
  ["grade", { quality: "C" }],
] as const)("a last scan with another %s than the master's is older by a breath", (_what, change) => {
  const last = transactionRow({ ...change });
  const { baseline } = plan({ items: [itemRow({ place: "NR4x1", quality: "A" })], transactions: [last] });
  expect(baseline?.scannedAt).toBe(at(scannedAtMs + 1));
});

test("a last scan that says otherwise than the master is older by a breath, so that the state is the master's", () => {
  const rental = transactionRow({ type: "rental", contract: "77" });
  expect(plan({ transactions: [rental] }).baseline?.scannedAt).toBe(at(scannedAtMs + 1));
  const out = [itemRow({ status: "on_rent", contract: "77" })];
  expect(plan({ items: out, transactions: [rental] }).baseline?.scannedAt).toBe(at(scannedAtMs));
  expect(plan({ items: out, transactions: [transactionRow({ type: "return" })] }).baseline?.scannedAt).toBe(
    at(scannedAtMs + 1),
  );
});

test("history is told oldest first, whatever the order in which it came", () => {
  const transactions = [3, 1, 2].map((hours) =>
    transactionRow({ identity: `t${hours}`, scannedAtMs: scannedAtMs - hours * 3_600_000 }),
  );
  expect(plan({ transactions }).history.map(({ scannedAt }) => Date.parse(scannedAt))).toEqual(
    [3, 2, 1].map((hours) => scannedAtMs - hours * 3_600_000),
  );
});

test.each<{ what: string; change: Partial<TagRows>; found: string[] }>([
  { what: "an unknown status", change: { items: [itemRow({ status: null })] }, found: ["status_unknown"] },
  {
    what: "a tag in the status",
    change: { items: [itemRow({ status: null, oddities: odd("status", "epc_in_status") })] },
    found: ["epc_in_status"],
  },
  {
    what: "a bin that is none",
    change: { items: [itemRow({ place: null, oddities: odd("bin_location", "null_as_text") })] },
    found: ["junk_bin"],
  },
  ...(["epc_in_status", "status_unknown"] as const).map((rule) => ({
    what: `${rule} of a scan`,
    change: { transactions: [transactionRow({ status: null, oddities: odd("status", rule) })] },
    found: [rule],
  })),
  {
    what: "a bin of a scan that is none",
    change: { transactions: [transactionRow({ oddities: odd("bin_location", "null_as_text") })] },
    found: ["junk_bin"],
  },
  { what: "no class", change: { items: [itemRow({ rentalClass: null })] }, found: ["no_class"] },
  {
    what: "a name that is too long",
    change: { items: [itemRow({ name: "x".repeat(201) })] },
    found: ["unfit"],
  },
  { what: "two rows of a tag", change: { items: [itemRow(), itemRow()] }, found: ["item_duplicate"] },
  { what: "a twin", change: { twin: "E2" }, found: ["tag_twin"] },
  { what: "a tag that is there", change: { isThere: true }, found: ["there_already"] },
  {
    what: "a tag that an import has brought in",
    change: { isThere: true, imported: "whole" },
    found: ["imported_already"],
  },
  { what: "no history", change: { transactions: [] }, found: ["without_history"] },
  { what: "an orphan", change: { items: [] }, found: ["orphan"] },
  {
    what: "two of a scan",
    change: { transactions: [transactionRow(), transactionRow({ identity: "t2" })] },
    found: ["scan_duplicate"],
  },
  {
    what: "a scan without a time",
    change: { transactions: [transactionRow(), transactionRow({ scannedAtMs: null })] },
    found: ["scan_malformed"],
  },
  {
    what: "a return without a contract",
    change: { transactions: [transactionRow({ type: "return" })] },
    found: ["return_without_contract"],
  },
  {
    what: "a scan of tomorrow",
    change: { transactions: [transactionRow({ scannedAtMs: window.toMs + dayMs })] },
    found: ["future_scan"],
  },
  {
    what: "a clock that runs ahead",
    change: { transactions: [transactionRow({ createdAtMs: scannedAtMs - 3_600_000 })] },
    found: ["clock_ahead"],
  },
  {
    what: "out on no contract",
    change: { items: [itemRow({ status: "on_rent" })] },
    found: ["contract_missing"],
  },
])("$what falls under its rule", ({ change, found }) => {
  expect(rules(change)).toEqual(found);
});

test("notes and a serial number that do not fit together are not both dropped, and it is told which was", () => {
  const planned = (notes: string) => {
    const { item, notes: told } = plan({ items: [itemRow({ notes, serial: "SN1" })] });
    return [item?.notes, told.map(({ rule, example }) => `${rule} ${example}`)];
  };
  const serial = "Serial number in RFIDpro: SN1.";
  const long = "x".repeat(2_000 - serial.length);
  expect(planned("torn")).toEqual([`torn\n${serial}`, []]);
  expect(planned(long)).toEqual([long, [`unfit ${tag}: serial number`]]);
  expect(planned("x".repeat(2_001))).toEqual([serial, [`unfit ${tag}: notes`]]);
});

test("what cannot be known is to be inspected", () => {
  expect(plan({ items: [itemRow({ status: null })] }).baseline).toMatchObject({ status: "inspect" });
  expect(plan({ items: [itemRow({ status: "on_rent" })] }).baseline).toMatchObject({ status: "inspect" });
});

test("a scan of tomorrow is taken for when RFIDpro took it, and its own time is in its notes", () => {
  const tomorrow = window.toMs + dayMs;
  const { history, baseline } = plan({ transactions: [transactionRow({ scannedAtMs: tomorrow })] });
  expect(history).toMatchObject([{ scannedAt: at(scannedAtMs + 60_000) }]);
  expect(history[0]?.notes).toContain(`the scanner said ${at(tomorrow)}`);
  expect(Date.parse(baseline?.scannedAt ?? "")).toBeLessThanOrEqual(window.toMs);
});

test("scans that are left aside with their item are counted", () => {
  const transactions = [transactionRow(), transactionRow({ identity: "t2" })];
  for (const change of [{ isThere: true }, { isThere: true, imported: "whole" }, { twin: "E2" }] as const)
    expect(plan({ transactions, ...change })).toMatchObject({ history: [], leftScans: 2 });
  expect(plan({ transactions }).leftScans).toBe(0);
});

test("what an import has made, and brought no more of, is given its state, its history and its end, and is not made again", () => {
  const given = { items: [itemRow({ status: "sold" })] } as const;
  const fresh = plan(given);
  const bare = plan({ ...given, isThere: true, imported: "bare" });
  expect(bare).toEqual({
    ...fresh,
    item: null,
    notes: [expect.objectContaining({ rule: "imported_in_part" })],
  });
  const only = plan({ items: [], isThere: true, imported: "bare" });
  expect(only).toMatchObject({ baseline: null, history: [{ tag }], notes: [{ rule: "imported_in_part" }] });
  expect(only.notes).toHaveLength(1);
});

test("scans of a tag that no item carries are told alone", () => {
  expect(plan({ items: [] })).toMatchObject({ item: null, baseline: null, end: null, history: [{ tag }] });
});

test("a class is described by its name and its shelf; one that has neither is left out", () => {
  expect(planClass(classRow())).toEqual({ class: "61708", define: { name: "Chair", place: "NR4x1" } });
  expect(planClass(classRow({ bin: null }))).toEqual({ class: "61708", define: { name: "Chair" } });
  expect(planClass(classRow({ name: " ", bin: null }))).toBeUndefined();
});

test("rules are counted, with examples that are bounded", () => {
  const counts = countRules();
  for (let index = 0; index < 8; index += 1) counts.note("orphan", `E${index}`);
  expect(counts.report()).toMatchObject([
    { rule: "orphan", count: 8, examples: ["E0", "E1", "E2", "E3", "E4"] },
  ]);
});
