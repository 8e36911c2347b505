import { rfidproDifferenceClasses } from "@tagwire/messages";
import { expect, test } from "vitest";
import { couldTell } from "./could-tell.ts";

/* Written by hand from what each class says, and not from the table that is tested. */

const itemsAlone = [
  ...["only_in_rfidpro item", "missing_from_rfid item", "status_mismatch item", "location_mismatch item"],
  ...["quantity_mismatch class", "return_not_recorded item", "double_booked item"],
  ...["duplicate item", "malformed item"],
];
const scansAlone = [
  ...["only_in_rfidpro scan", "only_in_ops scan", "late_upload scan", "clock_skew scan"],
  ...["duplicate scan", "malformed scan"],
];

test.each([
  { what: "nothing whole, as one that broke off", items: false, transactions: false, told: [] },
  {
    what: "items whole, and no scans or the new ones alone",
    items: true,
    transactions: false,
    told: itemsAlone,
  },
  { what: "scans whole, and no items", items: false, transactions: true, told: scansAlone },
  {
    what: "both whole",
    ...{ items: true, transactions: true },
    told: [...itemsAlone, ...scansAlone, "state_without_event item"],
  },
])("a run that read $what lets go what it could have told, and nothing else", ({ told, ...read }) => {
  const could = couldTell(read).map(({ class: name, kind }) => `${name} ${kind}`);
  expect(could.toSorted()).toEqual(told.toSorted());
});

test("of every class some run can say that it is over", () => {
  const could = new Set(couldTell({ items: true, transactions: true }).map((one) => one.class));
  expect([...could].toSorted()).toEqual([...rfidproDifferenceClasses].toSorted());
});
