import { setTimeout as wait } from "node:timers/promises";
import { AuditBarrier, brokenSums, type Reader } from "@tagwire/messages";
import { figureOf, median, type Row } from "./figure.ts";
import { llrpDecodeMs } from "./llrp-decode.ts";
import { canMeasureMemory } from "./memory.ts";
import { processorMs } from "./process-cpu.ts";
import { residentMegabytes } from "./process-memory.ts";
import { requireEqual } from "./require-equal.ts";
import { call, type Setting } from "./setting.ts";
import { openSoakField, type SoakField, soakReaders, soakTagsEach } from "./soak-readers.ts";
import { stock } from "./stock.ts";

const site = "soak";
const readsPerSecond = 1_100;
const readyMsMax = 60_000;
const settleMsMax = 120_000;
const pollMs = 200;
const lookMs = 1_000;
/** How much a process may have grown from the second quarter of the time to the last one. */
const growthMax = 1.15;

const readersNow = async ({ system }: Setting): Promise<Reader[]> =>
  ((await call(system, "GET", `/sites/${site}/readers`)) as { readonly data: Reader[] }).data;

const until = async (what: string, msMax: number, isSo: () => Promise<boolean>): Promise<void> => {
  const giveUpAtMs = performance.now() + msMax;
  while (!(await isSo())) {
    if (performance.now() > giveUpAtMs) throw new Error(`${what}: not within ${msMax} ms`);
    await wait(pollMs);
  }
};

/** A benchmark of ledgers that do not add up would be none. */
const requireSums = (readers: readonly Reader[]): void => {
  for (const { id, counts } of readers) requireEqual(`what does not add up at ${id}`, brokenSums(counts), []);
};

/** How operations has decided what came to the site, by the receipts that it keeps. Audits go on meanwhile, and each barrier has one, too. */
const receiptsOf = async ({ sql }: Setting): Promise<Record<string, number>> => {
  const rows = await sql<{ outcome: string; count: number }[]>`
    select receipt ->> 'outcome' as outcome, count(*)::int as count from operations.receipt r
    where site = ${site} and not exists (
      select from operations.event e
      where e.site = r.site and e.epoch = (r.receipt #>> '{event,epoch}')::bigint
        and e.pos = (r.receipt #>> '{event,pos}')::bigint and e.type = ${AuditBarrier.type})
    group by 1`;
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]));
};

/** What a service took while readers read: resident memory in MB at each look, and processor time in ms. */
type Watched = { readonly megabytes: readonly number[]; readonly processorMs: number; readonly ms: number };

const watch = async (setting: Setting, pid: number): Promise<Watched> => {
  const startedAt = performance.now();
  const spentBefore = canMeasureMemory ? processorMs(pid) : 0;
  const megabytes: number[] = [];
  const endAtMs = startedAt + setting.sizes.soakSeconds * 1_000;
  while (performance.now() < endAtMs) {
    requireSums(await readersNow(setting));
    if (canMeasureMemory) megabytes.push(residentMegabytes([pid]));
    await wait(lookMs);
  }
  const spent = canMeasureMemory ? processorMs(pid) - spentBefore : 0;
  return { megabytes, processorMs: spent, ms: performance.now() - startedAt };
};

/** The last quarter over the second: what a process takes to get going is no growth. */
const growthOf = (megabytes: readonly number[]): number => {
  const quarter = Math.max(1, Math.floor(megabytes.length / 4));
  return median(megabytes.slice(-quarter)) / median(megabytes.slice(quarter, 2 * quarter));
};

/** Every read that a reader sent over a line that held is in its ledger, and what became of each observation is what operations says. */
const settle = async (setting: Setting, field: SoakField, before: Record<string, number>) => {
  await until("every line that goes on and off was cut and came back", settleMsMax, async () =>
    field.readers.every(({ isFlapping, emulated }) => !isFlapping || emulated.stats().connections > 1),
  );
  field.clear();
  const sentBy = ({ id }: Reader): number => {
    const stats = field.readers.find((one) => one.id === id)?.emulated.stats();
    return stats === undefined || stats.connections > 1 ? 0 : stats.tags;
  };
  let readers: readonly Reader[] = [];
  await until("what was sent is decided", settleMsMax, async () => {
    readers = await readersNow(setting);
    return readers.every(
      (reader) =>
        reader.counts.held === 0 && reader.counts.pending === 0 && reader.counts.reads >= sentBy(reader),
    );
  });
  requireSums(readers);
  const sumOf = (column: "reads" | "accepted" | "alreadyApplied" | "rejected" | "quarantined"): number =>
    readers.reduce((sum, { counts }) => sum + counts[column], 0);
  let steady = 0;
  for (const { id, emulated } of field.readers) {
    const { connections, tags } = emulated.stats();
    const reads = readers.find((reader) => reader.id === id)?.counts.reads ?? 0;
    if (reads > tags) throw new Error(`${id} sent ${tags} reads and its ledger has ${reads}`);
    if (connections > 1) continue;
    requireEqual(`reads of ${id}`, reads, tags);
    steady += 1;
  }
  const after = await receiptsOf(setting);
  const grown = (outcome: string): number => (after[outcome] ?? 0) - (before[outcome] ?? 0);
  requireEqual(
    "receipts of what readers observed",
    ["accepted", "already_applied", "rejected", "quarantined"].map(grown),
    [
      // That a reader was set up is in the log as well, and has its receipt.
      sumOf("accepted") + soakReaders,
      sumOf("alreadyApplied"),
      sumOf("rejected"),
      sumOf("quarantined"),
    ],
  );
  const sent = field.readers.reduce((sum, { emulated }) => sum + emulated.stats().tags, 0);
  return { sent, reads: sumOf("reads"), accepted: sumOf("accepted"), steady };
};

/**
 * Sixteen readers with 1,100 reads a second each, half of them on lines that go on and off, for minutes. @throws Error when a read of a
 * line that held is in no ledger, a ledger does not add up at a look, or operations decided otherwise than the ledgers say
 */
export const measureSoak = async (setting: Setting): Promise<Row[]> => {
  const { bus, system } = setting;
  const gateway = system.services.find(({ name }) => name === "reader-gateway");
  if (gateway === undefined) throw new Error("there is no reader-gateway");
  await stock(bus, site, soakReaders * soakTagsEach);
  const before = await receiptsOf(setting);
  const field = await openSoakField();
  try {
    for (const { id, place, emulated } of field.readers) {
      const antennas = [{ port: 1, place }];
      await call(system, "POST", `/sites/${site}/readers`, {
        id,
        driver: "llrp",
        address: emulated.address,
        antennas,
      });
    }
    await until("all read", readyMsMax, async () =>
      (await readersNow(setting)).every(({ rate }) => rate > 0),
    );
    const sentBefore = field.readers.reduce((sum, { emulated }) => sum + emulated.stats().tags, 0);
    const watched = await watch(setting, gateway.pid);
    const sentMeanwhile =
      field.readers.reduce((sum, { emulated }) => sum + emulated.stats().tags, 0) - sentBefore;
    const cuts = field.cuts();
    const { sent, reads, accepted, steady } = await settle(setting, field, before);
    for (const { id } of field.readers) await call(system, "POST", `/sites/${site}/readers/${id}:stop`);
    const seconds = watched.ms / 1_000;
    const asked = soakReaders * readsPerSecond;
    const rows: Row[] = [
      {
        measurement: "soak",
        what: `${soakReaders} LLRP readers, half of them on lines that are cut: reads in the ledgers`,
        unit: "reads",
        floor: figureOf([sent]),
        product: figureOf([reads]),
        note: `floor: what they sent; ${seconds.toFixed(0)} s at ${(sentMeanwhile / seconds).toFixed(0)} reads/s (${asked} if no line was ever down); ${cuts} cuts took ${sent - reads} reads; each of ${steady} readers whose line held has every one; ${accepted} sightings, as operations says; sums held at every look`,
      },
    ];
    return canMeasureMemory ? [...rows, ...costRows(watched, sentMeanwhile)] : rows;
  } finally {
    await field.stop();
  }
};

const costRows = (watched: Watched, reads: number): Row[] => {
  const readerSeconds = (soakReaders * watched.ms) / 1_000;
  const growth = figureOf([growthOf(watched.megabytes)]);
  return [
    {
      measurement: "soak",
      what: "reader-gateway, processor time of one such reader",
      unit: "ms a second",
      floor: figureOf([llrpDecodeMs(reads) / readerSeconds]),
      product: figureOf([watched.processorMs / readerSeconds]),
      note: "floor: the same number of reads decoded and nothing done with them",
    },
    {
      measurement: "soak",
      what: "reader-gateway, memory of the last quarter over the second",
      unit: "×",
      product: growth,
      target: { text: `≤ ${growthMax}`, isMet: growth.median <= growthMax },
      note: `${median(watched.megabytes).toFixed(0)} MB RSS in the middle, ${Math.max(...watched.megabytes).toFixed(0)} at most`,
    },
  ];
};
