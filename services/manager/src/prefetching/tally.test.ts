import type { PrefetchSource } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { HeldItem, Lookup } from "../actors/prefetch-lookup.ts";
import type { Account } from "../store/prefetch-accounts.ts";
import { tallyLookups, tallySettled } from "./tally.ts";

const handedAtMs = Date.parse("2026-05-04T08:00:00Z");
const atMs = handedAtMs + 60_000;
const account: Account = {
  ...{ device: "tablet", arm: "predicted" as const, day: "2026-05-04" },
  ...{ sources: ["recent", "due", "session"], confirmedFromMs: handedAtMs },
};
const scan = (tag: string, more: Partial<Lookup> = {}): Lookup => ({
  ...{ device: "tablet", tag, atMs, isOffline: false, deed: undefined },
  was: { status: "ready", contract: null },
  ...more,
});
const held = (...sources: PrefetchSource[]): HeldItem => ({
  ...{ status: "ready", contract: null, sources, handedAtMs },
});
const tally = (lookups: readonly Lookup[], holds: Readonly<Record<string, HeldItem>>) =>
  tallyLookups(lookups, [account], (_device, tag) => holds[tag]);

test("what a source found counts beyond recents only where these did not know it, and each scan is told once", () => {
  const { days, looked, used } = tally(
    [scan("a"), scan("b"), scan("c"), scan("d", { was: { status: "on_rent", contract: "7" } })],
    { a: held("due", "session"), b: held("due", "recent"), d: held("session") },
  );
  expect(days).toHaveLength(1);
  expect(days[0]).toMatchObject({
    ...{ device: "tablet", arm: "predicted", lookups: 4, hits: 3, stale: 1 },
    bySource: {
      recent: { lookups: 4, hits: 1, beyond: 0 },
      due: { lookups: 4, hits: 2, beyond: 1 },
      session: { lookups: 4, hits: 2, beyond: 2 },
    },
  });
  expect(Object.keys(days[0]?.bySource ?? {})).not.toContain("together");
  expect(looked).toEqual([
    { arm: "predicted", result: "hit", source: "due" },
    { arm: "predicted", result: "hit", source: "recent" },
    { arm: "predicted", result: "miss", source: undefined },
    { arm: "predicted", result: "stale", source: "session" },
  ]);
  expect(used.map(({ tag }) => tag)).toEqual(["a", "b", "d"]);
});

test("a device that said nothing, or only later, looked nothing up", () => {
  const early = scan("a", { atMs: handedAtMs - 1 });
  const other = scan("a", { device: "other" });
  expect(tally([early, other], { a: held("due") })).toEqual({ days: [], used: [], looked: [] });
});

test("an item counts with each source that named it", () => {
  const [day] = tallySettled([
    { ...account, site: "north", isUsed: true, bytes: 100, sources: ["due", "session"] },
    { ...account, site: "north", isUsed: false, bytes: 120, sources: ["due"] },
  ]);
  expect(day).toMatchObject({
    ...{ prefetched: 2, used: 1, wasteBytes: 120 },
    bySource: { due: { prefetched: 2, used: 1 }, session: { prefetched: 1, used: 1 } },
  });
});
