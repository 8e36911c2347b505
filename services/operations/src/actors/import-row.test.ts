import { type ImportRow, type Item, itemStatuses } from "@tagwire/messages";
import { expect, test } from "vitest";
import { openBook } from "./book.ts";
import { decideImportRow, isAsImported } from "./import-row.ts";
import { nothingKnown } from "./known.ts";

const receivedAt = "2026-03-02T08:00:00.000Z";
const origin = { by: { device: "d" }, receivedAt, traceparent: "" };
const item: Item = {
  tag: "E1",
  class: "chair",
  name: "Chair",
  status: "ready",
  quality: "A",
  place: "rack-1",
  contract: null,
  notes: null,
  version: 3,
  pos: 7,
  lastFactAt: "2026-03-01T08:00:00.000Z",
  lastScan: null,
  placeAt: "2026-03-01T08:00:00.000Z",
  qualityAt: null,
};
const decide = (known: Item | undefined, row: Omit<ImportRow, "id" | "tag">) =>
  decideImportRow(
    openBook({ ...nothingKnown, items: new Map(known === undefined ? [] : [["E1", known]]) }),
    { tag: "E1", ...row },
    origin,
  );
const faultOf = (known: Item | undefined, row: Omit<ImportRow, "id" | "tag">) => {
  try {
    return decide(known, row).outcome;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test("a new tag becomes an item as the row says", () => {
  const { outcome, item, said } = decide(undefined, {
    class: " chair ",
    name: "Chair",
    notes: "new",
    place: "p",
  });
  expect(outcome).toBe("accepted");
  expect(item).toMatchObject({
    tag: "E1",
    class: "chair",
    name: "Chair",
    notes: "new",
    status: "ready",
    version: 1,
  });
  expect(item).toMatchObject({ placeAt: receivedAt, qualityAt: null, lastFactAt: null });
  expect(said).toMatchObject({ type: "item.created.v1", data: { item } });
});

test("a new tag needs a class, and no status that scans alone lead to", () => {
  expect(faultOf(undefined, { name: "Chair" })).toBe("class_required");
  for (const status of ["staged", "on_rent", "delivered"] as const)
    expect(faultOf(undefined, { class: "chair", status })).toBe("transition_refused");
});

test("only what the row says, and says otherwise, is set", () => {
  const decision = decide(item, { class: "table", place: "rack-1", notes: "wobbles" });
  expect(decision).toMatchObject({
    outcome: "accepted",
    item: { class: "table", notes: "wobbles", version: 4 },
  });
  expect(decision.said).toMatchObject({
    type: "item.edited.v1",
    data: { set: { class: "table", notes: "wobbles" }, version: 4, was: { place: "rack-1" } },
  });
  expect(decision.said?.data.set).toEqual({ class: "table", notes: "wobbles" });
});

test("place and grade are stated for now, and never for earlier than they were", () => {
  expect(decide(item, { place: "rack-2", quality: "B" }).item).toMatchObject({
    placeAt: receivedAt,
    qualityAt: receivedAt,
  });
  const ahead = { ...item, placeAt: "2026-03-03T08:00:00.000Z" };
  expect(decide(ahead, { place: "rack-2" }).item?.placeAt).toBe(ahead.placeAt);
});

test("what says nothing new changes nothing and says nothing", () => {
  for (const row of [{}, { class: " chair " }, { name: "Chair", status: "ready", quality: "A" }] as const) {
    expect(decide(item, row)).toEqual({ outcome: "already_applied", flags: [], item });
    expect(isAsImported(item, { tag: "E1", ...row })).toBe(true);
  }
  expect(isAsImported(item, { tag: "E1", place: "rack-2" })).toBe(false);
});

test("a file moves a status by hand's rules, but nothing out, nothing back, and nothing to before it was known", () => {
  const hand = new Set(["ready", "inspect", "repair", "wash", "wet", "missing", "sold", "retired"]);
  const out = new Set(["staged", "on_rent", "delivered"]);
  for (const from of itemStatuses)
    for (const to of itemStatuses) {
      const may = hand.has(to) && !out.has(from);
      const expected = from === to ? "already_applied" : may ? "accepted" : "transition_refused";
      expect(faultOf({ ...item, status: from }, { status: to }), `${from} to ${to}`).toBe(expected);
    }
});

test("a new status is a fact of now", () => {
  expect(decide(item, { status: "sold" }).said).toMatchObject({
    data: { set: { status: "sold", contract: null, lastFactAt: receivedAt } },
  });
});

const before = "2026-02-01T08:00:00.000Z";
const scannedAt = item.lastFactAt ?? "";
const lastScan = { id: "s", type: "count", scannedAt, place: null, by: { device: "d" } };
const untouched = { ...item, lastFactAt: before, placeAt: before };

test("a row that says when it was so is a fact of then, and a new item is placed and graded as of then", () => {
  expect(decide(untouched, { status: "missing", asOf: before }).item).toMatchObject({
    status: "missing",
    lastFactAt: before,
  });
  const made = decide(undefined, { class: "chair", place: "p", quality: "B", asOf: before });
  expect(made.item).toMatchObject({ placeAt: before, qualityAt: before, lastFactAt: null });
  const ahead = { status: "sold", asOf: "2027-01-01T00:00:00.000Z" } as const;
  expect(decide(untouched, ahead).item).toMatchObject({ lastFactAt: receivedAt });
});

test.each([
  { what: "somebody has stated since", known: item, to: "sold", code: "newer_fact_stands" },
  {
    what: "somebody has seen since",
    known: { ...untouched, lastScan },
    to: "missing",
    code: "newer_fact_stands",
  },
  { what: "is out by now", known: { ...item, status: "on_rent" }, to: "sold", code: "transition_refused" },
  // To be seen says nothing of whose a thing is.
  {
    what: "was seen, and may be sold all the same",
    known: { ...untouched, lastScan },
    to: "sold",
    code: "accepted",
  },
] as const)("of a row as of an earlier day, what $what comes to $code", ({ known, to, code }) => {
  expect(faultOf(known, { status: to, asOf: before })).toBe(code);
});

test("a row as of an earlier day moves and grades nothing that was placed and graded since", () => {
  const graded = { ...item, qualityAt: item.placeAt ?? null };
  expect(decide(graded, { place: "rack-9", quality: "C", asOf: before }).outcome).toBe("already_applied");
  expect(decide(untouched, { place: "rack-9", asOf: before }).item).toMatchObject({
    place: "rack-9",
    placeAt: before,
  });
});

test("a row that is refused touches nothing of the item, even what it may change", () => {
  expect(faultOf({ ...item, status: "on_rent", contract: "R-1" }, { status: "ready", name: "x" })).toBe(
    "transition_refused",
  );
});

test("what got another tag is no longer moved under the old one, and what else is said of it is kept", () => {
  const old = { ...item, status: "retired", replacedBy: "E2" } as const;
  expect(faultOf(old, { status: "ready" })).toBe("transition_refused");
  expect(faultOf(old, { status: "retired", notes: "worn off" })).toBe("accepted");
});

test("what a thing is kept for comes with a row, and a row that does not say it leaves it", () => {
  expect(decide(undefined, { class: "chair", role: "resale" }).item).toMatchObject({ role: "resale" });
  expect(decide({ ...item, role: "pack" }, { role: "sold" }).item).toMatchObject({ role: "sold" });
  expect(decide({ ...item, role: "pack" }, { name: "Chair" }).outcome).toBe("already_applied");
});
