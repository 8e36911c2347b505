import type { PullVerdict } from "@tagwire/messages";
import { expect, test } from "vitest";
import { type ReadDataset, windowOf } from "./pull-window.ts";
import { windowSkewMs } from "./tolerances.ts";

const fromMs = Date.UTC(2026, 4, 20, 8);
const times = { fromMs, toMs: fromMs + 60_000, quietSinceMs: fromMs - 1 };
const read = (
  dataset: ReadDataset["dataset"],
  verdict: PullVerdict,
  since: string | null = null,
): ReadDataset => ({
  ...{ dataset, verdict, since },
  until: new Date(fromMs).toISOString(),
});

test("what is whole was read from its beginning to its end; new scans alone are each there once, and what broke off is neither", () => {
  const items = read("items", "complete");
  expect(windowOf([items, read("transactions", "complete")], times)).toMatchObject({
    ...{ itemsComplete: true, transactionsComplete: true, transactionsOnce: true, quietSinceMs: fromMs - 1 },
  });
  expect(windowOf([items, read("transactions", "complete", "2026-05-19")], times)).toMatchObject({
    ...{ itemsComplete: true, transactionsComplete: false, transactionsOnce: true, quietSinceMs: null },
  });
  for (const verdict of ["partial", "unstable", "failed"] as const)
    expect(windowOf([read("items", verdict)], times)).toMatchObject({
      ...{ itemsComplete: false, itemsOnce: false, transactionsComplete: false, transactionsOnce: false },
    });
});

test("RFIDpro's rows are of the window by whichever clock is behind, its own or ours", () => {
  const behind = { ...read("transactions", "complete"), until: new Date(fromMs - 7_200_000).toISOString() };
  expect(windowOf([behind], times).rfidproSinceMs).toBe(fromMs - 7_200_000 - windowSkewMs);
  const ahead = { ...behind, until: new Date(fromMs + 7_200_000).toISOString() };
  expect(windowOf([ahead], times)).toMatchObject({
    rfidproSinceMs: fromMs - windowSkewMs,
    sinceMs: fromMs - windowSkewMs,
  });
});
