import {
  AskPrefetch,
  AskPrefetchFigures,
  ContractOpened,
  type PrefetchItem,
  prefetchDevicesMax,
  SessionBegun,
} from "@tagwire/messages";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { armOf } from "../actors/prefetch-arm.ts";
import { setFreshMs } from "../answers/prefetch.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { samplePrefetch, scanItem, take } from "../test-prefetch.ts";
import { foundSite } from "../test-records.ts";

const site = "north";
const startMs = Date.parse("2026-05-04T08:00:00Z");
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const day = "2026-05-04";

/** Devices in the arm that a test is about, on its day. */
const devicesIn = (arm: "predicted" | "recents"): string[] =>
  Array.from({ length: 200 }, (_, nth) => `tablet-${nth}`).filter(
    (device) => armOf(site, device, day) === arm,
  );
const [tablet = "", other = ""] = devicesIn("predicted");
const [plain = ""] = devicesIn("recents");

const stocked = (count: number, name = "chair"): SampleLog => {
  const log = sampleLog({ site, startMs, stepMs: 1 });
  foundSite(log, "UTC");
  for (let at = 0; at < count; at += 1)
    log.happen({ kind: "create", tag: `${name}-${at}`, class: name, status: "ready" });
  return log;
};
const open = (log: SampleLog, contract: string, dates: { outAt?: string; dueAt?: string }, quantity = 2) =>
  log.write(
    ContractOpened.type,
    undefined,
    {
      kind: "rental",
      client: null,
      outAt: null,
      dueAt: null,
      lines: [{ class: "chair", quantity }],
      ...dates,
    },
    { contract },
  );
const begin = (log: SampleLog, session: string, device: string, expected: readonly string[]) =>
  log.write(
    SessionBegun.type,
    undefined,
    {
      ...{
        mode: "count",
        contract: null,
        place: null,
        class: null,
        begunAt: new Date(startMs).toISOString(),
      },
      ...{ expected, expectedByClass: null },
    },
    { session, by: { device } },
  );
const tagsOf = (rows: readonly { tag: string }[]) => rows.map(({ tag }) => tag).toSorted();

test("a device is handed what is due, what its session expects and what it scanned itself", async () => {
  const log = stocked(6);
  open(log, "7", { dueAt: "2026-05-04T12:00:00Z" });
  scanItem(log, { tag: "chair-0", device: "gate", atMs: startMs + minuteMs }, { onto: "7" });
  open(log, "8", { outAt: "2026-05-04T14:00:00Z" }, 2);
  begin(log, "s1", tablet, ["chair-4"]);
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  const nowMs = startMs + 5 * minuteMs;
  const first = await prefetch.pull(tablet, nowMs);
  expect(Value.Errors(AskPrefetch.answer, first)).toEqual([]);
  const held = take(new Map(), first);
  expect(held.get("chair-0")).toMatchObject({
    sources: ["due"],
    status: "on_rent",
    contract: "7",
    version: 2,
  });
  expect(held.get("chair-4")?.sources).toContain("session");
  // Two of five at hand are wanted, and nothing tells them apart.
  expect(tagsOf(first.rows)).toEqual(["chair-0", "chair-1", "chair-2", "chair-3", "chair-4", "chair-5"]);
  expect(first).toMatchObject({
    arm: "predicted",
    day,
    revision: 1,
    since: null,
    items: 6,
    pos: log.events.length,
  });
  // Another device takes no part in the session.
  expect(take(new Map(), await prefetch.pull(other, nowMs)).get("chair-4")?.sources).toEqual(["due"]);

  scanItem(log, { tag: "chair-5", device: tablet, atMs: nowMs + minuteMs }, "seen");
  await prefetch.project();
  await prefetch.follow();
  const again = await prefetch.pull(tablet, nowMs + 2 * minuteMs, { since: 1 });
  expect(again.rows).toMatchObject([{ tag: "chair-5", sources: ["due", "recent"] }]);
});

test("who is in the arm of recents gets only what it scanned itself", async () => {
  const log = stocked(3);
  open(log, "8", { outAt: "2026-05-04T14:00:00Z" }, 2);
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  expect(await prefetch.pull(plain, startMs + minuteMs)).toMatchObject({ arm: "recents", rows: [] });
  scanItem(log, { tag: "chair-1", device: plain, atMs: startMs + 2 * minuteMs }, "seen");
  await prefetch.project();
  await prefetch.follow();
  const after = await prefetch.pull(plain, startMs + 3 * minuteMs);
  expect(after.rows).toMatchObject([{ tag: "chair-1", sources: ["recent"] }]);
});

test("a device that takes every change holds what one holds that takes all, and an old revision is told all", async () => {
  const log = stocked(40);
  await using prefetch = await samplePrefetch(log);
  begin(
    log,
    "s1",
    tablet,
    Array.from({ length: 40 }, (_, at) => `chair-${at}`),
  );
  let held = new Map<string, PrefetchItem>();
  let since: number | null = null;
  for (let round = 0; round < 12; round += 1) {
    const nowMs = startMs + (round + 1) * 10 * minuteMs;
    for (let nth = 0; nth < 3; nth += 1)
      scanItem(
        log,
        { tag: `chair-${(round * 3 + nth) % 40}`, device: other, atMs: nowMs, session: "s1" },
        round % 2 === 0 ? { onto: "9" } : "back",
      );
    await prefetch.project();
    await prefetch.follow();
    let page = await prefetch.pull(tablet, nowMs + minuteMs, { since, limit: 7 });
    const rows = [...page.rows];
    const { revision, since: from } = page;
    while (page.next !== null) {
      page = await prefetch.pull(tablet, nowMs + minuteMs, { since, limit: 7, cursor: page.next });
      rows.push(...page.rows);
    }
    held = take(held, { since: from, rows });
    since = revision;
    const whole = await prefetch.pull(tablet, nowMs + minuteMs);
    expect(held).toEqual(take(new Map(), whole));
    expect(whole.items).toBe(held.size);
  }
  expect(since).toBeGreaterThan(5);
  // After a week nobody knows what went away then, nor of a revision that never was.
  const lateMs = startMs + 8 * 24 * hourMs;
  await prefetch.pull(tablet, lateMs, { since });
  await prefetch.keep(lateMs);
  expect(await prefetch.pull(tablet, lateMs + setFreshMs, { since: 1 })).toMatchObject({ since: null });
  expect(await prefetch.pull(tablet, lateMs + setFreshMs, { since: 999 })).toMatchObject({ since: null });
});

test("every scan counts once: as found, found but no longer so, or not found; and what was of use", async () => {
  const log = stocked(10);
  begin(log, "s1", tablet, ["chair-0", "chair-1", "chair-2"]);
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  await prefetch.pull(tablet, startMs + minuteMs);
  const atMs = startMs + 2 * minuteMs;
  scanItem(log, { tag: "chair-0", device: tablet, atMs }, "seen");
  // Somebody else took it out meanwhile: the device shows what is no longer so.
  scanItem(log, { tag: "chair-1", device: other, atMs }, { onto: "9" });
  scanItem(log, { tag: "chair-1", device: tablet, atMs: atMs + 1_000 }, "seen");
  scanItem(log, { tag: "chair-7", device: tablet, atMs, receivedAtMs: atMs + 2 * hourMs }, "seen");
  // From before the device was handed anything.
  scanItem(log, { tag: "chair-2", device: tablet, atMs: startMs, receivedAtMs: atMs + 2 * hourMs }, "seen");
  await prefetch.project();
  await prefetch.follow();
  await prefetch.follow();
  const nowMs = startMs + 40 * hourMs;
  await prefetch.keep(nowMs);
  await prefetch.keep(nowMs);
  const figures = await prefetch.figures(nowMs);
  expect(Value.Errors(AskPrefetchFigures.answer, figures)).toEqual([]);
  expect(figures.arms[0]).toMatchObject({
    ...{ arm: "predicted", deviceDays: 1, lookups: 3, hits: 2, staleHits: 1 },
    ...{ offlineLookups: 1, offlineMisses: 1, prefetched: 3, used: 2 },
  });
  expect(figures.arms[0]?.precision).toBeCloseTo(2 / 3);
  expect(figures.arms[0]?.wasteBytes).toBeGreaterThan(50);
  expect(figures.sources).toContainEqual({
    source: "session",
    hits: 2,
    prefetched: 3,
    used: 2,
    precision: 2 / 3,
  });
  expect(figures).toMatchObject({ uplift: null, countedTo: { epoch: 1, pos: log.events.length } });
});

test("what the device goes on holding is counted for each day that it holds it", async () => {
  const log = stocked(3);
  open(log, "8", { outAt: "2026-05-05T14:00:00Z" }, 3);
  begin(log, "s1", tablet, ["chair-0"]);
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  for (let hour = 0; hour <= 80; hour += 1) {
    const nowMs = startMs + hour * hourMs;
    await prefetch.pull(tablet, nowMs);
    await prefetch.keep(nowMs);
  }
  const { arms } = await prefetch.figures(startMs + 80 * hourMs);
  expect(arms.reduce((total, { used }) => total + used, 0)).toBe(0);
  expect(arms.reduce((total, { prefetched }) => total + prefetched, 0)).toBeGreaterThan(3);
});

test("what is seen together three times is handed over with what is at work, and a sweep of the house says nothing", async () => {
  const log = stocked(300);
  for (let nth = 0; nth < 3; nth += 1) {
    const session = `pair-${nth}`;
    for (const tag of ["chair-0", "chair-1"])
      scanItem(log, { tag, device: other, atMs: startMs + nth * minuteMs, session }, "seen");
    for (const from of [10, 20])
      for (const tag of [`chair-${from + nth}`, `chair-${from + 50 + nth}`])
        scanItem(
          log,
          { tag, device: other, atMs: startMs + nth * minuteMs, session: `odd-${from}-${nth}` },
          "seen",
        );
    for (let at = 0; at < 300; at += 1)
      scanItem(
        log,
        { tag: `chair-${at}`, device: "sweeper", atMs: startMs + nth * minuteMs, session: `sweep-${nth}` },
        "seen",
      );
  }
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  await prefetch.pull(tablet, startMs + 10 * minuteMs);
  await prefetch.join(startMs + 10 * minuteMs);
  scanItem(log, { tag: "chair-0", device: tablet, atMs: startMs + 11 * minuteMs }, "seen");
  scanItem(log, { tag: "chair-10", device: tablet, atMs: startMs + 11 * minuteMs }, "seen");
  await prefetch.project();
  await prefetch.follow();
  const { rows } = await prefetch.pull(tablet, startMs + 12 * minuteMs);
  expect(rows).toMatchObject([
    { tag: "chair-0", sources: ["recent"] },
    { tag: "chair-1", sources: ["together"] },
    { tag: "chair-10", sources: ["recent"] },
  ]);
});

test("a set keeps within what the device can hold, the likeliest first", async () => {
  const log = stocked(50);
  begin(log, "s1", tablet, ["chair-30", "chair-31"]);
  open(log, "8", { outAt: "2026-05-04T14:00:00Z" }, 40);
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  const small = await prefetch.pull(tablet, startMs + minuteMs, { items: 2 });
  expect(tagsOf(small.rows)).toEqual(["chair-30", "chair-31"]);
  const tight = await prefetch.pull(tablet, startMs + 2 * minuteMs, { bytes: 1_000 });
  expect(tight.bytes).toBeLessThanOrEqual(1_000);
  expect(tight.items).toBeGreaterThan(2);
});

test("a device too many, a made-up cursor and a site without a log are told so", async () => {
  const log = stocked(2);
  await using prefetch = await samplePrefetch(log);
  expect(await prefetch.pull(tablet, startMs)).toMatchObject({
    known: false,
    revision: 0,
    rows: [],
    next: null,
  });
  await prefetch.project();
  await expect(prefetch.pull(tablet, startMs, { cursor: "nonsense" })).rejects.toMatchObject({
    code: "malformed",
  });
  await expect(prefetch.pull(tablet, startMs, { cursor: "1 a" })).rejects.toMatchObject({
    code: "malformed",
  });
  await prefetch.pull(tablet, startMs);
  await prefetch.notices`
    insert into prefetch_device (site, device, arm, day, items_max, bytes_max, revision, begun_at, made_at)
    select ${site}, 'made up ' || nth, 'predicted', ${day}::text::date, 1, 1000, 1, now(), now()
    from generate_series(2, ${prefetchDevicesMax}) nth`;
  await expect(prefetch.pull(other, startMs)).rejects.toMatchObject({ code: "prefetch_devices_full" });
  expect(await prefetch.pull(tablet, startMs + hourMs)).toMatchObject({ known: true });
});
