import { createWarehouse, type ScanSessionAct, type WarehouseAct } from "@tagwire/emulators";
import {
  ClassDefined,
  ContractClosed,
  ContractOpened,
  type PrefetchSource,
  prefetchSources,
  SessionBegun,
  SessionClosed,
} from "@tagwire/messages";
import { expect, test } from "vitest";
import { chanceOf } from "../actors/prefetch-set.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { type SamplePrefetch, samplePrefetch, scanItem } from "../test-prefetch.ts";
import { foundSite } from "../test-records.ts";

/*
 * Days of a warehouse at its real pace, replayed through the sets that its devices would have been handed: what each source was worth
 * beside a device's own recents, on the same scans. A source stays while it finds names for at least three scans in a hundred that
 * recents do not know, and one in five of what it names is scanned within a day. On which device that is the generator draws by lot among
 * four, so it is asked whether any of them did.
 *
 * It also draws the goods of a session by lot, so nothing keeps company with anything: of what is seen together only is asked that it
 * keeps quiet where there is nothing to tell.
 */

const site = "replay";
const seed = "7";
const days = 5;
const dayMs = 86_400_000;
const startMs = Date.parse("2026-05-04T00:00:00Z");
const items = 1_200;
/** A busy day's eight thousand scans become the hundred and thirty of an ordinary one. */
const speed = 1 / 60;

const pointsMin = 0.03;
const precisionMin = 0.2;
const quietShareMax = 0.05;

/** In the order in which it happened, and known at once: uploads that come late are another matter. */
const happenings = (): WarehouseAct[] => {
  const { nextActs } = warehouse();
  const whenOf = (act: WarehouseAct) => (act.kind === "scan-session" ? act.happenedAtMs : act.atMs);
  return nextActs(startMs + days * dayMs).toSorted((a, b) => whenOf(a) - whenOf(b));
};
const warehouse = () => createWarehouse({ seed, items, startMs, speed });

const write = (log: SampleLog, atMs: number, act: Exclude<WarehouseAct, ScanSessionAct>) => {
  const { number, kind, client, outAtMs, dueAtMs, lines } = act.contract;
  const about = { contract: number, recordedAtMs: atMs, by: { person: "office" } };
  if (act.kind === "contract-closed")
    return log.write(ContractClosed.type, undefined, { state: "closed", was: "open", flags: [] }, about);
  const dates = { outAt: new Date(outAtMs).toISOString(), dueAt: new Date(dueAtMs).toISOString() };
  return log.write(ContractOpened.type, undefined, { kind, client, ...dates, lines }, about);
};

/** A device begins a session as the product has it: with what is out on the contract, where goods come back. */
const begin = (log: SampleLog, atMs: number, { device, session }: ScanSessionAct) => {
  const isBack = session.mode === "return" && session.contract !== null;
  const out = [...log.items.values()].filter(({ contract }) => contract === session.contract);
  return log.write(
    SessionBegun.type,
    undefined,
    {
      ...{ mode: session.mode, contract: session.contract, place: session.place, class: null },
      ...{ begunAt: new Date(atMs).toISOString(), expectedByClass: null },
      expected: isBack ? out.map(({ tag }) => tag) : null,
    },
    { session: session.id, recordedAtMs: atMs, by: { device } },
  );
};

type Seen = { readonly tag: string; readonly sources: readonly PrefetchSource[] };
type Held = { readonly sources: Set<PrefetchSource>; atMs: number; isUsed: boolean; isUsedAnywhere: boolean };
type Handed = Map<string, Held>;

/** Counts by itself what the product counts as well: what a device held when it scanned, and what of it was of use. */
const replay = async (prefetch: SamplePrefetch, log: SampleLog) => {
  const seen: Seen[] = [];
  const held = new Map<string, Handed>();
  const over: Held[] = [];

  const hand = (
    device: string,
    atMs: number,
    rows: readonly { tag: string; sources?: readonly PrefetchSource[] }[],
  ) => {
    const before = held.get(device) ?? new Map();
    const now: Handed = new Map();
    for (const { tag, sources = [] } of rows) {
      const known = before.get(tag);
      const isOn = known !== undefined && atMs - known.atMs < dayMs;
      if (known !== undefined && !isOn) over.push(known);
      now.set(tag, isOn ? known : { sources: new Set(sources), atMs, isUsed: false, isUsedAnywhere: false });
      for (const source of sources) now.get(tag)?.sources.add(source);
    }
    for (const [tag, known] of before) if (!now.has(tag)) over.push(known);
    held.set(device, now);
  };

  for (const act of happenings()) {
    if (act.kind !== "scan-session") {
      write(log, act.atMs, act);
      continue;
    }
    const { device, session, happenedAtMs: atMs } = act;
    begin(log, atMs, act);
    await prefetch.project();
    await prefetch.follow();
    hand(device, atMs + 1, (await prefetch.pull(device, atMs + 1, { limit: 2_000 })).rows as never);
    for (const { tag, type, contract } of act.scans) {
      if (!log.items.has(tag)) continue;
      const one = held.get(device)?.get(tag);
      seen.push({ tag, sources: [...(one?.sources ?? [])] });
      if (one !== undefined) one.isUsed = true;
      for (const other of held.values()) {
        const same = other.get(tag);
        if (same !== undefined) same.isUsedAnywhere = true;
      }
      const onto = type === "rental" && contract !== null ? { onto: contract } : undefined;
      const scan = { tag, device, atMs: atMs + 1_000, session: session.id };
      scanItem(log, scan, onto ?? (type === "return" || type === "pickup" ? "back" : "seen"));
    }
    const closing = {
      closedAt: new Date(atMs + 2_000).toISOString(),
      declared: null,
      complete: null,
      duplicates: 0,
    };
    log.write(
      SessionClosed.type,
      undefined,
      { ...closing, recorded: { count: 0, digest: "" } },
      { session: session.id, recordedAtMs: atMs + 2_000, by: { device } },
    );
    if (seen.length % 5 === 0) await prefetch.join(atMs);
  }
  await prefetch.project();
  await prefetch.follow();
  for (const own of held.values()) over.push(...own.values());
  return { seen, over };
};

test(`each source of prefetch sets is worth its bytes over ${days} days of a warehouse`, async () => {
  const log = sampleLog({ site, startMs: startMs - dayMs, stepMs: 1 });
  foundSite(log, "UTC");
  for (const { tag, class: name } of warehouse().items)
    log.happen({ kind: "create", tag, class: name, status: "ready" });
  for (const { id } of warehouse().classes)
    log.write(ClassDefined.type, undefined, { class: id, set: { name: id, category: "Tables" } });
  for (const contract of warehouse().contracts)
    write(log, startMs, { kind: "contract-opened", atMs: startMs, contract });
  await using prefetch = await samplePrefetch(log);
  const { seen, over } = await replay(prefetch, log);

  const share = (part: number) => part / seen.length;
  const hits = (is: (sources: readonly PrefetchSource[]) => boolean) =>
    share(seen.filter(({ sources }) => is(sources)).length);
  const precision = (source: PrefetchSource, isUseful: (held: Held) => boolean) => {
    const own = over.filter(({ sources }) => sources.has(source));
    return own.length === 0 ? 0 : own.filter(isUseful).length / own.length;
  };
  const recents = hits((sources) => sources.includes("recent"));
  const all = hits((sources) => sources.length > 0);
  const figures = prefetchSources.map((source) => ({
    source,
    hits: hits((sources) => sources.includes(source)),
    beyondRecents: hits((sources) => sources.includes(source) && !sources.includes("recent")),
    precision: precision(source, ({ isUsed }) => isUsed),
    precisionAnywhere: precision(source, ({ isUsedAnywhere }) => isUsedAnywhere),
    chance: chanceOf[source],
  }));
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  console.info(
    [
      `replay of seed ${seed}: ${seen.length} scans; recents alone find ${percent(recents)}, all sources ${percent(all)}`,
      ...figures.map(
        (one) =>
          `${one.source.padEnd(9)} finds ${percent(one.hits)}, ${percent(one.beyondRecents)} beyond recents; precision ${percent(one.precision)} on the device, ${percent(one.precisionAnywhere)} on any (taken as ${one.chance})`,
      ),
    ].join("\n"),
  );
  for (const { source, beyondRecents, precisionAnywhere } of figures) {
    if (source === "recent") continue;
    expect(precisionAnywhere, source).toBeGreaterThanOrEqual(precisionMin);
    if (source !== "together") expect(beyondRecents, source).toBeGreaterThanOrEqual(pointsMin);
  }
  const quiet = over.filter(({ sources }) => sources.has("together"));
  expect(quiet.length / over.length).toBeLessThan(quietShareMax);
  expect(all - recents).toBeGreaterThan(0.1);

  const { arms } = await prefetch.figures(startMs + days * dayMs);
  const counted = arms.reduce(
    (sum, arm) => ({ lookups: sum.lookups + arm.lookups, hits: sum.hits + arm.hits }),
    {
      lookups: 0,
      hits: 0,
    },
  );
  expect(counted).toEqual({ lookups: seen.length, hits: Math.round(all * seen.length) });
}, 300_000);
