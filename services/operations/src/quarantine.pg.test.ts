import { newId, type Receipt, ScanDismissed } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import { waitingPerTagMax } from "./actors/stray.ts";
import { createAct, originOf, scanAct } from "./actors/test-acts.ts";
import { findReceipts } from "./store/receipts.ts";
import {
  beginSite,
  expectSound,
  type Member,
  type TestOperations,
  tellActs,
  testOperations,
} from "./test-operations.ts";

let operations: TestOperations;
let member: Member;
beforeAll(async () => {
  operations = await testOperations(await testDatabase());
  member = await operations.member();
});
afterAll(() => operations[Symbol.asyncDispose]());

const receiptsOf = async (site: string, acts: readonly Act[]): Promise<Receipt[]> =>
  (await tellActs(member, site, acts)).map((answer) => {
    if (answer instanceof Error) throw answer;
    return answer.receipt;
  });

const waitingIn = async (site: string): Promise<number> => {
  const [row] = await operations.sql<[{ waiting: number }]>`
    select count(*)::int as waiting from quarantine where site = ${site} and released_at is null`;
  return row.waiting;
};

test("20,000 scans of one unknown tag leave what may wait, and are decided in one turn when it is commissioned", async () => {
  const site = "flood";
  await beginSite(member, site);
  const outcomes: Record<string, number> = {};
  for (let index = 0; index < 4; index += 1) {
    const receipts = await receiptsOf(
      site,
      Array.from({ length: 5_000 }, () => scanAct("x1")),
    );
    for (const { outcome, code } of receipts)
      outcomes[`${outcome} ${code}`] = (outcomes[`${outcome} ${code}`] ?? 0) + 1;
  }
  expect(outcomes).toEqual({
    "quarantined tag_unknown": waitingPerTagMax,
    "rejected quarantine_full": 20_000 - waitingPerTagMax,
  });
  expect(await waitingIn(site)).toBe(waitingPerTagMax);
  await tellActs(member, site, [createAct("x1")]);
  expect(await waitingIn(site)).toBe(0);
  const { log, items } = await expectSound(operations.sql, site);
  expect(log).toHaveLength(1 + 20_000 + 1 + waitingPerTagMax);
  expect(items).toMatchObject([{ tag: "x1", version: 1 + waitingPerTagMax }]);
});

const dismissAct = (tag: string, reason = "a neighbour's tag"): Act => ({
  kind: "quarantine.dismiss",
  id: newId(),
  origin: originOf({ by: { person: "ana" } }),
  body: { tag, reason },
});

test("what waits for a tag can be dismissed with a reason: it stays in the log, its receipts say so, and no item gets it later", async () => {
  const site = "dismissed";
  await beginSite(member, site);
  const scans = [scanAct("x1"), scanAct("x1"), scanAct("y1")];
  await tellActs(member, site, scans);
  const dismiss = dismissAct(" x1 ");
  const [first] = await receiptsOf(site, [dismiss]);
  expect(first).toMatchObject({ outcome: "accepted", replayed: false, event: { pos: 5 } });
  expect(await receiptsOf(site, [dismiss])).toEqual([{ ...first, replayed: true }]);
  // Another dismissal finds nothing, and one of a tag that an item carries is about nothing that waits.
  expect(await receiptsOf(site, [dismissAct("x1")])).toMatchObject([{ outcome: "already_applied" }]);
  expect(await waitingIn(site)).toBe(1);
  const ids = scans.map(({ id }) => id);
  const kept = await findReceipts(operations.sql, site, ids);
  const later = { outcome: "rejected", code: "dismissed", event: { epoch: 1, pos: 5 } };
  expect(ids.map((id) => kept.get(id)?.receipt)).toMatchObject([
    { outcome: "quarantined", later },
    { outcome: "quarantined", later },
    { outcome: "quarantined" },
  ]);
  expect(kept.get(ids[2] ?? "")?.receipt).not.toHaveProperty("later");
  // Whoever scans the tag again has it wait again, and only that is decided when the tag is commissioned after all.
  const again = scanAct("x1");
  const [, created] = await receiptsOf(site, [again, createAct("x1")]);
  expect(created).toMatchObject({ outcome: "accepted" });
  expect(await waitingIn(site)).toBe(1);
  const { log, items } = await expectSound(operations.sql, site);
  expect(items).toMatchObject([{ tag: "x1", version: 2 }]);
  expect(log.filter(({ type }) => type === ScanDismissed.type)).toMatchObject([
    { tag: "x1", by: { person: "ana" }, data: { scans: ids.slice(0, 2), reason: "a neighbour's tag" } },
  ]);
});

test("within one turn what was dismissed is dismissed once, and goes to no item that comes right behind", async () => {
  const site = "dismissed-at-once";
  await beginSite(member, site);
  const before = scanAct("x1");
  await tellActs(member, site, [before]);
  const together = scanAct("x1");
  const receipts = await receiptsOf(site, [
    together,
    dismissAct("x1"),
    dismissAct("x1"),
    createAct("x1"),
    dismissAct("x1"),
  ]);
  expect(receipts).toMatchObject([
    { outcome: "quarantined" },
    { outcome: "accepted" },
    { outcome: "already_applied" },
    { outcome: "accepted" },
    { outcome: "already_applied" },
  ]);
  const kept = await findReceipts(operations.sql, site, [before.id, together.id]);
  for (const { receipt } of kept.values())
    expect(receipt.later).toMatchObject({ outcome: "rejected", code: "dismissed" });
  const { log, items } = await expectSound(operations.sql, site);
  expect(items).toMatchObject([{ version: 1 }]);
  expect(log.filter(({ type }) => type === ScanDismissed.type)).toMatchObject([
    { data: { scans: [before.id, together.id] } },
  ]);
  expect(await waitingIn(site)).toBe(0);
  expect(await tellActs(member, site, [dismissAct("\u0000")])).toMatchObject([{ code: "tag_malformed" }]);
});

test("many tags commissioned at once release no more in a commit than fits, and all in the end", async () => {
  const site = "import";
  await beginSite(member, site);
  const tags = Array.from({ length: 60 }, (_, index) => `x${index}`);
  for (const tag of tags)
    await tellActs(
      member,
      site,
      Array.from({ length: waitingPerTagMax }, () => scanAct(tag)),
    );
  const before = member.said.get(site)?.length ?? 0;
  const receipts = await receiptsOf(
    site,
    tags.map((tag) => createAct(tag)),
  );
  expect(receipts.map(({ outcome }) => outcome)).toEqual(tags.map(() => "accepted"));
  expect(await waitingIn(site)).toBe(0);
  const { log } = await expectSound(operations.sql, site);
  expect(log).toHaveLength(before + 60 * (1 + waitingPerTagMax));
  const commits = await operations.sql<{ events: number }[]>`
    select count(*)::int as events from event where site = ${site} and pos > ${before} group by xmin order by min(pos)`;
  // How many of these go into a commit is for the pace of the machine to say; more than fit never do.
  const fitting = 50 * (1 + waitingPerTagMax);
  expect(commits.filter(({ events }) => events > fitting)).toEqual([]);
});

test("of what readers hear, the newest of each place is decided, whoever remembers what waits", async () => {
  const site = "door";
  await beginSite(member, site);
  const heard = (place: string, hour: number) =>
    scanAct(
      "x1",
      { place, scannedAt: `2026-05-04T${String(hour).padStart(2, "0")}:00:00.000Z` },
      { by: { reader: place }, receivedAt: "2026-05-04T16:00:00.000Z" },
    );
  const [morning, noon, later, last] = [
    heard("door", 9),
    heard("dock", 12),
    heard("door", 14),
    heard("door", 15),
  ];
  await tellActs(member, site, [morning, noon]);
  await tellActs(member, site, [later]);
  member.turns.forget(site);
  await tellActs(member, site, [last]);
  expect(await waitingIn(site)).toBe(2);
  await tellActs(member, site, [createAct("x1")]);
  const { items, log } = await expectSound(operations.sql, site);
  expect(items).toMatchObject([
    {
      place: "door",
      lastScan: { id: last.id, scannedAt: "2026-05-04T15:00:00.000Z", by: { reader: "door" } },
    },
  ]);
  expect(log.slice(-2).map(({ scanId }) => scanId)).toEqual([noon.id, last.id]);
  const kept = await findReceipts(operations.sql, site, [morning.id, noon.id, later.id, last.id]);
  const laterOf = (act: Act) => kept.get(act.id)?.receipt.later;
  expect(laterOf(last)).toMatchObject({ outcome: "accepted", event: { pos: log.length } });
  expect(laterOf(morning)).toEqual(laterOf(last));
  expect(laterOf(noon)).toMatchObject({ event: { pos: log.length - 1 } });
  // The one between stays quarantined, and names the one it waited with.
  expect(kept.get(later.id)?.receipt).toMatchObject({ message: expect.stringContaining(morning.id) });
  expect(laterOf(later)).toBeUndefined();
});
