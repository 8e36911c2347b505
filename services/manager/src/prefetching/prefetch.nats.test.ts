import {
  AskPrefetch,
  AskPrefetchFigures,
  ContractOpened,
  newId,
  type PrefetchItem,
  prefetchDevicesMax,
  SessionBegun,
} from "@tagwire/messages";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { armOf, isTried } from "../actors/prefetch-arm.ts";
import { setFreshMs } from "../answers/prefetch.ts";
import { takePrefetchReport } from "../answers/prefetch-report.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { type SamplePrefetch, samplePrefetch, scanItem, take } from "../test-prefetch.ts";
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
  scanItem(log, { tag: "chair-0", device: tablet, atMs: startMs + minuteMs }, { onto: "7" });
  open(log, "8", { outAt: "2026-05-04T14:00:00Z" }, 4);
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
  // Four of five at hand are wanted, and nothing tells them apart.
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
  expect(again.rows).toMatchObject([
    { tag: "chair-0", sources: ["due", "recent"] },
    { tag: "chair-5", sources: ["due", "recent"] },
  ]);
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
  await prefetch.hold(tablet, startMs + minuteMs);
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
    lookups: 3,
    hits: 2,
    beyondRecents: 2,
    points: 2 / 3,
    prefetched: 3,
    used: 2,
    precision: 2 / 3,
  });
  const position = { epoch: 1, pos: log.events.length };
  expect(figures).toMatchObject({ uplift: null, known: true, ...position, countedTo: position });
  // Up to its end, so up to when it was read.
  expect(Date.parse(figures.asOf)).toBeGreaterThan(Date.now() - hourMs);
  expect(figures.devices).toMatchObject([{ device: tablet, deviceDays: 1, lookups: 3, hits: 2, used: 2 }]);
});

test("what the device goes on holding is counted for each day that it holds it", async () => {
  const log = stocked(3);
  open(log, "8", { outAt: "2026-05-05T14:00:00Z" }, 3);
  begin(log, "s1", tablet, ["chair-0"]);
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  for (let hour = 0; hour <= 80; hour += 1) {
    const nowMs = startMs + hour * hourMs;
    await prefetch.hold(tablet, nowMs);
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

test("scans are looked up in the set that the device said it holds, and in none before it said so", async () => {
  const log = stocked(6);
  begin(log, "s1", tablet, ["chair-0", "chair-1", "chair-2"]);
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  let atMs = startMs;
  const scan = (tag: string) => scanItem(log, { tag, device: tablet, atMs }, "seen");
  /** What the figures of the device say more than before. */
  let before = { lookups: 0, hits: 0, staleHits: 0 };
  const counted = async () => {
    await prefetch.project();
    await prefetch.follow();
    const [own = before] = (await prefetch.figures(atMs)).devices;
    const { lookups, hits, staleHits } = own;
    const more = [lookups - before.lookups, hits - before.hits, staleHits - before.staleHits];
    before = { lookups, hits, staleHits };
    return more;
  };
  const later = () => {
    atMs += minuteMs;
    return atMs;
  };
  const first = await prefetch.pull(tablet, later());
  later();
  scan("chair-0");
  expect(await counted()).toEqual([0, 0, 0]);
  // Somebody who looks at the set says nothing for the device.
  await prefetch.look(tablet, later());
  later();
  scan("chair-0");
  expect(await counted()).toEqual([0, 0, 0]);
  await prefetch.pull(tablet, later(), { since: first.revision });
  later();
  scan("chair-1");
  scan("chair-5");
  expect(await counted()).toEqual([2, 1, 0]);

  // Another session, another set: until the device says that it has it, what counts is the one before.
  const { revision } = await prefetch.pull(tablet, later(), { since: first.revision });
  begin(log, "s2", tablet, ["chair-3"]);
  scanItem(log, { tag: "chair-2", device: other, atMs }, { onto: "9" });
  await prefetch.project();
  await prefetch.pull(tablet, later(), { since: revision });
  later();
  scan("chair-3");
  expect(await counted()).toEqual([1, 0, 0]);
  // What the device shows of it is what it was told and took: that it is ready.
  scan("chair-2");
  expect(await counted()).toEqual([1, 1, 1]);
  await prefetch.hold(tablet, later());
  later();
  scan("chair-2");
  scan("chair-3");
  expect(await counted()).toEqual([2, 2, 0]);
  // A device that holds nothing any more looks nothing up.
  await prefetch.pull(tablet, later());
  later();
  scan("chair-3");
  expect(await counted()).toEqual([0, 0, 0]);
});

test("what is due is handed to the devices that do such work", async () => {
  const log = stocked(12);
  open(log, "7", { dueAt: "2026-05-04T12:00:00Z" });
  open(log, "8", { outAt: "2026-05-04T14:00:00Z" }, 8);
  for (const tag of ["chair-0", "chair-1", "chair-2"])
    scanItem(log, { tag, device: tablet, atMs: startMs }, { onto: "7" });
  scanItem(log, { tag: "chair-2", device: other, atMs: startMs + minuteMs }, "back");
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  await prefetch.pull(tablet, startMs + minuteMs);
  await prefetch.follow();
  const due = async (device: string) =>
    (await prefetch.pull(device, startMs + hourMs)).rows.flatMap((row) =>
      "gone" in row || !row.sources.includes("due") ? [] : row.tag,
    );
  const goesOut = Array.from({ length: 10 }, (_, at) => `chair-${at + 2}`).toSorted();
  expect(await due(tablet)).toEqual(goesOut);
  expect(await due(other)).toEqual(["chair-0", "chair-1"]);
});

test("what was seen at the place where a device works is recent for it, on whatever device", async () => {
  const log = stocked(4);
  const at = (session: string, device: string, place: string) =>
    log.write(
      SessionBegun.type,
      undefined,
      {
        ...{ mode: "count", contract: null, place, class: null, begunAt: new Date(startMs).toISOString() },
        ...{ expected: null, expectedByClass: null },
      },
      { session, by: { device } },
    );
  at("s1", other, "shelf");
  scanItem(log, { tag: "chair-0", device: other, atMs: startMs, session: "s1" }, "seen");
  at("s2", other, "dock");
  scanItem(log, { tag: "chair-1", device: other, atMs: startMs, session: "s2" }, "seen");
  at("s3", plain, "shelf");
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  expect((await prefetch.pull(plain, startMs + minuteMs)).rows).toMatchObject([
    { tag: "chair-0", sources: ["recent"] },
  ]);
});

/** Puts what a source was worth at the site on one day into the account. */
const account = (prefetch: SamplePrefetch, on: string, tally: object) => prefetch.notices`
  insert into prefetch_day (site, device, day, arm, by_source)
  values (${site}, 'somebody', ${on}::text::date, 'predicted', ${prefetch.notices.json({ due: tally } as never)})`;

test("a source that is not worth it keeps quiet but where it is tried, and comes back when it is", async () => {
  const log = stocked(4);
  open(log, "8", { outAt: "2026-05-04T14:00:00Z" }, 4);
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  /** A device in whose set of that day a quiet source is tried, or not. */
  const deviceOn = (on: string, triesIt: boolean): string =>
    Array.from({ length: 500 }, (_, nth) => `tablet-${nth}`).find(
      (device) => armOf(site, device, on) === "predicted" && isTried(site, device, on, "due") === triesIt,
    ) ?? "";
  const sourcesOf = async (device: string, atMs: number) => (await prefetch.pull(device, atMs)).sources;
  const due = async (atMs: number) =>
    (await prefetch.figures(atMs)).standings.find(({ source }) => source === "due");
  const [second, third] = [startMs + 24 * hourMs, startMs + 48 * hourMs];

  await prefetch.judge(startMs);
  expect(await due(startMs)).toMatchObject({ state: "unproven", reason: "too_little_counted", lookups: 0 });
  expect(await sourcesOf(deviceOn(day, false), startMs)).toContain("due");

  await account(prefetch, "2026-05-04", { lookups: 500, hits: 90, beyond: 60, prefetched: 400, used: 40 });
  // Once a day, and not sooner for who asks again.
  await prefetch.judge(startMs + hourMs);
  expect(await due(startMs + hourMs)).toMatchObject({ state: "unproven" });
  await prefetch.judge(second);
  const secondAt = new Date(second).toISOString();
  const condemned = { state: "quiet", reason: "right_too_seldom", since: secondAt };
  expect(await due(second)).toMatchObject({ ...condemned, judgedAt: secondAt, points: 0.12, precision: 0.1 });
  expect(await sourcesOf(deviceOn("2026-05-05", false), second)).toEqual(["recent", "session", "together"]);
  expect(await sourcesOf(deviceOn("2026-05-05", true), second)).toContain("due");

  await account(prefetch, "2026-05-05", { lookups: 50, hits: 9, beyond: 6, prefetched: 40, used: 30 });
  await prefetch.judge(third);
  const judgedAt = new Date(third).toISOString();
  expect(await due(third)).toMatchObject({ ...condemned, judgedAt, lookups: 550, used: 70 });

  await account(prefetch, "2026-05-06", { lookups: 500, hits: 90, beyond: 60, prefetched: 400, used: 300 });
  await prefetch.judge(third + 24 * hourMs);
  expect(await due(third)).toMatchObject({
    ...{ state: "earning", reason: "adds_enough", since: new Date(third + 24 * hourMs).toISOString() },
  });
  expect(await sourcesOf(deviceOn("2026-05-07", false), third + 24 * hourMs)).toContain("due");
});

test("a source that is switched off takes part nowhere, and is told as switched off", async () => {
  const log = stocked(4);
  open(log, "8", { outAt: "2026-05-04T14:00:00Z" }, 4);
  await using prefetch = await samplePrefetch(log, new Set(["due"]));
  await prefetch.project();
  for (const device of devicesIn("predicted").slice(0, 30))
    expect(await prefetch.pull(device, startMs)).toMatchObject({
      sources: ["recent", "session", "together"],
      rows: [],
    });
  await prefetch.judge(startMs);
  expect((await prefetch.figures(startMs)).standings).toMatchObject([
    { source: "due", state: "off", reason: "switched_off", since: null },
    { source: "session", state: "unproven" },
    { source: "together", state: "unproven" },
  ]);
});

test("a report of a device counts once, in the order of its ids, and of no device that holds nothing", async () => {
  const log = stocked(1);
  await using prefetch = await samplePrefetch(log);
  await prefetch.project();
  const named: (readonly [boolean, number])[] = [];
  const [first, second] = [newId(), newId()];
  const report = (id: string, seconds: number) =>
    takePrefetchReport(
      prefetch.notices,
      { site, device: tablet, report: { id, names: [{ hit: true, seconds }] } },
      (hit, took) => named.push([hit, took]),
    );
  expect(await report(first, 1)).toEqual({ counted: false });
  await prefetch.pull(tablet, startMs);
  expect(await report(second, 2)).toEqual({ counted: true });
  expect(await report(second.toUpperCase(), 2)).toEqual({ counted: false });
  expect(await report(first, 1)).toEqual({ counted: false });
  expect(named).toEqual([[true, 2]]);
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
  await expect(prefetch.look(tablet, startMs)).rejects.toMatchObject({ code: "prefetch_device_unknown" });
  await prefetch.pull(tablet, startMs);
  expect(await prefetch.look(tablet, startMs)).toMatchObject({ known: true, revision: 1 });
  await prefetch.notices`
    insert into prefetch_device (site, device, arm, day, items_max, bytes_max, revision, begun_at, made_at)
    select ${site}, 'made up ' || nth, 'predicted', ${day}::text::date, 1, 1000, 1, now(), now()
    from generate_series(2, ${prefetchDevicesMax}) nth`;
  await expect(prefetch.pull(other, startMs)).rejects.toMatchObject({ code: "prefetch_devices_full" });
  expect(await prefetch.pull(tablet, startMs + hourMs)).toMatchObject({ known: true });
  // The one that asked for nothing for longest makes room, once that is over an hour.
  const seen = new Date(startMs - 2 * hourMs);
  await prefetch.notices`update prefetch_device set made_at = ${seen} where device = 'made up 7'`;
  expect(await prefetch.pull(other, startMs)).toMatchObject({ known: true });
  const [left] = await prefetch.notices`
    select count(*)::int as devices, bool_or(device = 'made up 7') as is_there from prefetch_device`;
  expect(left).toEqual({ devices: prefetchDevicesMax, is_there: false });
});
