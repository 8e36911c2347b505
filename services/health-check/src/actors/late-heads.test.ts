import type { Heads } from "@tagwire/messages";
import { expect, test } from "vitest";
import { lateHeads } from "./late-heads.ts";

const at = "2026-05-04T09:00:00.000Z";
const ago = (ms: number) => new Date(Date.parse(at) - ms).toISOString();
const heads: Heads = {
  ...{ epoch: 1, pos: 50, relayed: 50, unrelayedSince: null, owner: "one", oldestTransactionAt: null },
};
const transactionMsMax = 600_000;
const told = (change: Partial<Heads>) =>
  lateHeads({ heads: { ...heads, ...change }, at }, transactionMsMax).map(({ code, isCertain }) => [
    code,
    isCertain,
  ]);

test("a site that everybody follows is not told of, nor one that there is not", () => {
  expect(told({})).toEqual([]);
  expect(told({ relayed: 49, unrelayedSince: ago(60_000), oldestTransactionAt: ago(600_000) })).toEqual([]);
  expect(lateHeads({ heads: null, at }, transactionMsMax)).toEqual([]);
});

test("events that do not leave, a site without an owner and a transaction without an end are suspected at one look", () => {
  expect(told({ relayed: 49, unrelayedSince: ago(60_001) })).toEqual([["outbox_stuck", false]]);
  expect(told({ owner: null })).toEqual([["lease_unheld", false]]);
  expect(told({ oldestTransactionAt: ago(600_001) })).toEqual([["transaction_old", false]]);
});
