import { expect, test } from "vitest";
import { createTally } from "./agreement.ts";
import { compareTag, malformedRow } from "./compare-tag.ts";
import { item, itemRow, scan, tag, transactionRow } from "./test-rows.ts";

const sinceMs = Date.UTC(2025, 5, 3);
const window = {
  ...{ itemsComplete: true, transactionsComplete: true, itemsOnce: true, transactionsOnce: true },
  ...{ sinceMs, untilMs: sinceMs, rfidproSinceMs: sinceMs, quietSinceMs: null },
};
const sides = { tag, items: [itemRow()], transactions: [transactionRow()], item: item(), scans: [scan()] };

test("a score is made of its numbers: pending counts for neither side, and RFIDpro's own faults are none", () => {
  const tally = createTally();
  tally.addTag(compareTag(sides, window));
  tally.addTag(compareTag({ ...sides, item: item({ status: "repair" }), scans: [] }, window));
  tally.addTag(compareTag({ ...sides, item: item({ status: "wash" }, "2025-06-03T01:00:00Z") }, window));
  tally.addFault(malformedRow("item", itemRow({ tag: null })));
  expect(tally.agreement()).toEqual({
    // One item and two scans agree; one item and one scan differ.
    score: 3 / 5,
    items: { compared: 3, agreed: 1, differing: 1, pending: 1, ahead: 0 },
    scans: { compared: 3, agreed: 2, differing: 1, pending: 0, ahead: 0 },
    faults: { duplicate: 0, malformed: 1, unexplained: 0 },
    classes: { status_mismatch: 2, only_in_rfidpro: 1, malformed: 1 },
  });
});

test("of nothing there is no score", () => {
  expect(createTally().agreement().score).toBeNull();
});

test("rental classes of which there are not as many are told, and no others", () => {
  const tally = createTally();
  tally.addTag(compareTag(sides, window));
  expect(tally.quantities()).toEqual([]);
  tally.addTag(compareTag({ ...sides, tag: "E2", item: undefined }, window));
  expect(tally.quantities()).toMatchObject([
    { class: "quantity_mismatch", key: "61708", rfidpro: { quantity: 2 }, operations: { quantity: 1 } },
  ]);
});

test("how many there are of a class is unsettled only where a thing moved in or out of it meanwhile", () => {
  const touched = (change: object) => item(change, "2025-06-03T01:00:00Z");
  const tally = createTally();
  tally.addTag(compareTag({ ...sides, item: touched({ status: "repair" }) }, window));
  tally.addTag(compareTag({ ...sides, tag: "E2", item: undefined }, window));
  expect([...tally.unsettled()]).toEqual([]);
  tally.addTag(compareTag({ ...sides, tag: "E3", item: touched({ class: "tent" }) }, window));
  expect([...tally.unsettled()]).toEqual(["61708", "tent"]);
});
