import type { ScanSessionAct } from "@tagwire/emulators";
import {
  type PrefetchSource,
  prefetchGuesses,
  prefetchPointsMin,
  prefetchPrecisionMin,
  prefetchUseHours,
} from "@tagwire/messages";
import { expect, test } from "vitest";
import { type SamplePrefetch, samplePrefetch } from "../test-prefetch.ts";
import { type House, type HouseLog, openHouse } from "../test-prefetch-house.ts";

/*
 * Days of a warehouse at its real pace, replayed through the sets that its devices would have been handed, after weeks that are only told.
 * The test keeps its own account, apart from the product's, of what each source was worth on the very device. The rule is that of the
 * design and has no exemption: a source that takes part in the end found names for three scans in a hundred or more that recents did not
 * know, and of what it named one in five or more was scanned there within a day; and one that did not keeps quiet. In one kind of house
 * goods are in packs that move together, in the other nothing keeps company with anything.
 */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const startMs = Date.parse("2026-05-04T00:00:00Z");
const historyDays = 14;
const liveDays = 3;
const liveMs = startMs + historyDays * dayMs;
const endMs = liveMs + liveDays * dayMs;
const keepEveryMs = 3 * hourMs;
/** When what was handed over is counted: after its time, and six hours for what is told late. */
const settledAfterMs = (prefetchUseHours + 6) * hourMs;
/** A device asks again after so many scans of a session, which at its pace are the ten seconds that a set is fresh. */
const scansPerPull = 7;
/** More than this is a walk through the house with the reader on, which is over before a device could ask again. */
const scansByHandMax = 100;
const devices = ["handheld-1", "handheld-2", "handheld-3", "tablet-1"];
const houses: readonly House[] = [
  { seed: "7", items: 1_200, packShare: 0 },
  { seed: "11", items: 1_200, packShare: 0.6 },
  { seed: "23", items: 1_200, packShare: 0 },
];

/** One hand-over of an item to a device. */
type Handing = {
  readonly atMs: number;
  readonly named: Set<PrefetchSource>;
  isUsed: boolean;
  isSettled: boolean;
};
type Row = { readonly sources: readonly PrefetchSource[]; readonly handing: Handing };
type Own = {
  readonly sources: readonly PrefetchSource[];
  readonly isPredicted: boolean;
  readonly rows: ReadonlyMap<string, Row>;
  /** Also of what the device was told to forget meanwhile. */
  readonly handings: Map<string, Handing>;
};
type Seen = { readonly sources: readonly PrefetchSource[]; readonly tried: readonly PrefetchSource[] };

/** Counts by itself what the product counts as well: what devices held when they scanned, and what of it was of use there. */
const openLedger = () => {
  const seen: Seen[] = [];
  const handed: Handing[] = [];
  const owns = new Map<string, Own>();
  return {
    seen,
    handed,
    hand: (device: string, atMs: number, answer: Awaited<ReturnType<SamplePrefetch["hold"]>>) => {
      const handings = owns.get(device)?.handings ?? new Map<string, Handing>();
      const isPredicted = answer.arm === "predicted";
      const rows = new Map<string, Row>();
      for (const row of answer.rows) {
        if ("gone" in row) throw new Error("a whole set has nothing that is gone");
        const known = handings.get(row.tag);
        const isOn = known !== undefined && !known.isSettled;
        const handing = isOn
          ? known
          : { atMs, named: new Set<PrefetchSource>(), isUsed: false, isSettled: false };
        if (!isOn && isPredicted) handed.push(handing);
        if (!handing.isUsed) for (const source of row.sources) handing.named.add(source);
        handings.set(row.tag, handing);
        rows.set(row.tag, { sources: row.sources, handing });
      }
      owns.set(device, { sources: answer.sources, isPredicted, rows, handings });
    },
    scan: (device: string, tag: string, atMs: number) => {
      const own = owns.get(device);
      if (own === undefined) return;
      const row = own.rows.get(tag);
      const isHeld = row !== undefined && row.handing.atMs < atMs;
      if (isHeld && !row.handing.isSettled && atMs - row.handing.atMs <= dayMs) row.handing.isUsed = true;
      if (own.isPredicted) seen.push({ sources: isHeld ? row.sources : [], tried: own.sources });
    },
    settle: (atMs: number) => {
      for (const { handings } of owns.values())
        for (const handing of handings.values())
          if (atMs - handing.atMs > settledAfterMs) handing.isSettled = true;
    },
  };
};
type Ledger = ReturnType<typeof openLedger>;

const worthIn = ({ seen, handed }: Ledger, source: PrefetchSource) => {
  const tried = seen.filter((one) => one.tried.includes(source));
  const hits = tried.filter(({ sources }) => sources.includes(source));
  const named = handed.filter((one) => one.isSettled && one.named.has(source));
  return {
    lookups: tried.length,
    hits: hits.length,
    beyondRecents: hits.filter(({ sources }) => !sources.includes("recent")).length,
    prefetched: named.length,
    used: named.filter(({ isUsed }) => isUsed).length,
  };
};

/** Weeks of which nobody was handed anything: they only are in the log. */
const tellHistory = (house: HouseLog) =>
  house.days(startMs, liveMs, async (act) => {
    house.begin(act);
    for (const nth of act.scans.keys()) house.scan(act, nth);
    house.end(act);
  });

const live = async (house: HouseLog, prefetch: SamplePrefetch, ledger: Ledger): Promise<void> => {
  const catchUp = async () => {
    await prefetch.project();
    await prefetch.follow();
  };
  const pull = async (device: string, atMs: number) => {
    await catchUp();
    ledger.hand(device, atMs, await prefetch.hold(device, atMs));
  };
  const keep = async (atMs: number) => {
    await catchUp();
    await prefetch.keep(atMs);
    ledger.settle(atMs);
    await prefetch.judge(atMs);
  };
  for (const device of devices) await pull(device, liveMs);
  await prefetch.join(liveMs);
  let keptAtMs = liveMs;
  await house.days(liveMs, endMs, async (act: ScanSessionAct) => {
    const { device, happenedAtMs: atMs, scans } = act;
    if (atMs - keptAtMs > keepEveryMs) {
      keptAtMs = atMs;
      await keep(atMs);
    }
    house.begin(act);
    await pull(device, atMs + 1);
    for (const [nth, { tag }] of scans.entries()) {
      const scannedAtMs = house.scan(act, nth);
      if (house.log.items.has(tag)) ledger.scan(device, tag, scannedAtMs);
      const isTime = nth % scansPerPull === 0 && nth + 2 < scans.length && scans.length <= scansByHandMax;
      if (isTime) await pull(device, scannedAtMs + 1);
    }
    house.end(act);
  });
  await keep(endMs);
};

const percent = (part: number, of: number): string =>
  of === 0 ? "–" : `${((100 * part) / of).toFixed(1)} %`;

// A house mostly waits for its store, so they are lived through at once, each with a store and a bus of its own.
test.concurrent.each(houses)(
  "in a house of seed $seed, with $packShare of its goods in packs, a source takes part if and only if it is worth it",
  async (of) => {
    const house = openHouse(of, startMs);
    await tellHistory(house);
    await using prefetch = await samplePrefetch(house.log);
    const ledger = openLedger();
    await live(house, prefetch, ledger);
    const { standings, sources } = await prefetch.figures(endMs);

    const worth = (["recent", ...prefetchGuesses] as const).map((source) => ({
      source,
      ...worthIn(ledger, source),
    }));
    const found = ledger.seen.filter((one) => one.sources.length > 0).length;
    console.info(
      [
        `seed ${of.seed}, ${of.packShare} in packs: ${ledger.seen.length} scans, of which ${percent(found, ledger.seen.length)} found a name`,
        ...worth.map(({ source, lookups, hits, beyondRecents, prefetched, used }) => {
          const { state = "the base", reason = "" } = standings.find((one) => one.source === source) ?? {};
          return `  ${source.padEnd(9)} took part in ${lookups} scans, found ${percent(hits, lookups)}, ${percent(beyondRecents, lookups)} beyond recents; right ${percent(used, prefetched)} of ${prefetched} on the device: ${state} ${reason}`;
        }),
      ].join("\n"),
    );
    for (const { source, ...counted } of worth) {
      expect(
        sources.find((one) => one.source === source),
        source,
      ).toMatchObject(counted);
      if (source === "recent") continue;
      const { lookups, beyondRecents, prefetched, used } = counted;
      const isWorthIt =
        beyondRecents / lookups >= prefetchPointsMin && used / prefetched >= prefetchPrecisionMin;
      const standing = standings.find((one) => one.source === source);
      expect(standing, source).toMatchObject({ lookups, beyondRecents, prefetched, used });
      expect(standing?.state, source).toBe(isWorthIt ? "earning" : "quiet");
      // Only company can be foretold by company.
      if (source === "together") expect(isWorthIt).toBe(of.packShare > 0);
    }
  },
  300_000,
);
