import { describe, expect, test } from "vitest";
import { contractRow } from "./contract-board.ts";
import { type Contract, type ContractKind, contractView, type Lot } from "./contracts.ts";

const at = "2026-05-04T08:00:00.000Z";
const contractOf = (
  kind: ContractKind,
  lots: Record<string, Lot>,
  more: Partial<Contract> = {},
): Contract => ({
  ...{ number: "1", kind, client: null, outAt: null, dueAt: "2026-05-06T08:00:00.000Z", state: "open" },
  ...{
    stated: true,
    lines: [],
    counts: {},
    lots,
    mergedInto: null,
    mergedFrom: [],
    openedAt: at,
    stateAt: at,
  },
  ...{ firstOutAt: null, lastBackAt: null, version: 1, pos: 2, ...more },
});
const lot = (added: number, removed = 0, sent: number | null = null): Lot => ({ added, removed, sent });

describe("the progress of a contract that has hand-counted goods alone", () => {
  test.each<{ what: string; kind: ContractKind; lots: Record<string, Lot>; is: string }>([
    { what: "laundry without any", kind: "laundry", lots: {}, is: "empty" },
    { what: "laundry whose count was taken back", kind: "laundry", lots: { n: lot(5, 5) }, is: "empty" },
    { what: "laundry that is being counted", kind: "laundry", lots: { n: lot(50) }, is: "ready" },
    { what: "laundry at the cleaner", kind: "laundry", lots: { n: lot(50, 0, 50) }, is: "all_out" },
    { what: "laundry half back", kind: "laundry", lots: { n: lot(50, 48, 50) }, is: "partial_in" },
    {
      what: "laundry with one of two lots back",
      kind: "laundry",
      lots: { n: lot(50, 50, 50), t: lot(4, 0, 4) },
      is: "partial_in",
    },
    { what: "laundry that is back", kind: "laundry", lots: { n: lot(50, 50, 50) }, is: "all_returned" },
    { what: "a rental handed over", kind: "rental", lots: { n: lot(20) }, is: "all_out" },
    { what: "a rental partly back", kind: "rental", lots: { n: lot(20, 5) }, is: "partial_in" },
    { what: "a rental that is back", kind: "rental", lots: { n: lot(20, 20) }, is: "all_returned" },
  ])("of $what is $is", ({ kind, lots, is }) => {
    expect(contractView(contractOf(kind, lots)).progress).toBe(is);
  });

  test("waits for what was ordered and has not left", () => {
    const lines = [{ class: "chair", quantity: 2 }];
    expect(contractView(contractOf("rental", { n: lot(20) }, { lines })).progress).toBe("partial_out");
  });

  test("counts things and goods together", () => {
    const counts = { chair: { staged: 0, out: 0, returned: 2, notRecorded: 0 } };
    expect(contractView(contractOf("laundry", { n: lot(5, 4, 5) }, { counts })).progress).toBe("partial_in");
    expect(contractView(contractOf("laundry", { n: lot(5, 5, 5) }, { counts })).progress).toBe(
      "all_returned",
    );
  });
});

describe("a contract whose things turned up elsewhere without a return", () => {
  const counts = (out: number, returned: number, notRecorded: number, lacking = 0) => ({
    counts: { chair: { staged: 0, out, returned, notRecorded } },
    lines: [{ class: "chair", quantity: out + returned + notRecorded + lacking }],
  });
  test.each([
    { what: "the one thing that left", of: counts(0, 0, 1), is: "none_out" },
    { what: "both", of: counts(0, 0, 2), is: "none_out" },
    { what: "one, and the other is back", of: counts(0, 1, 1), is: "none_out" },
    { what: "one, and the other is still out", of: counts(1, 0, 1), is: "partial_in" },
    { what: "none, and one is back", of: counts(1, 1, 0), is: "partial_in" },
    { what: "one, and another has still to leave", of: counts(0, 0, 1, 1), is: "partial_out" },
    { what: "one, another is back and the last never left", of: counts(0, 1, 1, 1), is: "none_out" },
    { what: "none", of: counts(2, 0, 0), is: "all_out" },
  ])("never claims that what is gone is out: $what", ({ of, is }) => {
    expect(contractView(contractOf("rental", {}, of)).progress).toBe(is);
  });

  test("waits for its hand-counted goods all the same", () => {
    expect(contractView(contractOf("rental", { n: lot(20) }, counts(0, 0, 2))).progress).toBe("partial_in");
  });
});

test("goods that are out are due back like things", () => {
  const dayOf = (instant: string) => instant.slice(0, "2026-05-04".length);
  expect(contractRow(contractOf("rental", { n: lot(20, 5) }), dayOf)).toMatchObject({
    stillOutLots: 15,
    dueInDay: "2026-05-06",
  });
  expect(contractRow(contractOf("rental", { n: lot(20, 20) }), dayOf)).toMatchObject({
    stillOutLots: 0,
    dueInDay: null,
  });
  // What is only counted for the cleaner is still here.
  expect(contractRow(contractOf("laundry", { n: lot(20) }), dayOf)).toMatchObject({ stillOutLots: 0 });
});
