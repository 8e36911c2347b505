import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { liveProtocol } from "@tagwire/messages";
import { type Crowd, type CrowdReport, startCrowd } from "./crowd-words.ts";
import { type Figure, figureOf, quantile, type Row } from "./figure.ts";
import { canMeasureMemory, serviceMegabytesMax } from "./memory.ts";
import { residentMegabytes } from "./process-memory.ts";
import { type Setting, untilQuiet } from "./setting.ts";
import { nextScan, recordScans, stock, tagOf } from "./stock.ts";

const site = "crowd";
/** Few enough that everybody's snapshot is no more than a page; each is scanned about once a second. */
const items = 200;
const crowds = 2;
/** The one that stops reading follows the same under so many names, so that it is behind within seconds. */
const stalledNames = 32;
const beatMs = 5;
/** What happens before everything has run for a while says nothing. */
const warmUpMs = 1_000;
const resetPollMs = 250;
const resetPolls = 40;
/** How often the same number of scans may follow until the buffers between it and the gateway are full and it is behind. */
const stalledRunsMax = 20;

type Sample = { readonly atMs: number; readonly ms: number };

const subscribe = (id: string): string => JSON.stringify({ op: "sub", id, site, view: "items" });

/** Hands in scans at an even rate, each by itself, for so long; they are not waited for one by one. */
const keepScanning = async ({ bus, sizes }: Setting, scanned: { count: number }, seconds: number) => {
  const startedAtMs = performance.now();
  const before = scanned.count;
  const pending = new Set<Promise<unknown>>();
  const end = before + seconds * sizes.liveScansPerSecond;
  while (scanned.count < end) {
    const elapsed = (performance.now() - startedAtMs) / 1_000;
    const due = Math.min(end, before + Math.floor(elapsed * sizes.liveScansPerSecond));
    for (; scanned.count < due; scanned.count += 1) {
      const scan = nextScan(tagOf(scanned.count % items), Math.floor(scanned.count / items));
      const recorded: Promise<unknown> = recordScans(bus, site, [scan]).finally(() =>
        pending.delete(recorded),
      );
      recorded.catch(() => undefined);
      pending.add(recorded);
    }
    await wait(beatMs);
  }
  await Promise.all(pending);
};

/** When each position was committed, as its event says, in ms of the epoch. */
const readCommits = async ({ sql }: Setting): Promise<ReadonlyMap<number, number>> => {
  const rows = await sql<{ pos: number; at: number }[]>`
    select pos::int as pos, (extract(epoch from recorded_at) * 1000)::float8 as at
    from operations.event where site = ${site} and epoch = 1`;
  return new Map(rows.map(({ pos, at }) => [pos, at]));
};

const samplesOf = (reports: readonly CrowdReport[], madeAtOf: (mark: number) => number): Sample[] => {
  const samples = reports.flatMap(({ marks, arrivals }) =>
    marks.map((mark, index) => ({ atMs: arrivals[index] ?? 0, ms: (arrivals[index] ?? 0) - madeAtOf(mark) })),
  );
  const beganAtMs = samples.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY);
  const settled = samples.filter(({ atMs }) => atMs - beganAtMs >= warmUpMs);
  return settled.length > 0 ? settled : samples;
};

/** How many subscriptions the gateway says it has reset because their reader was slow. */
const slowResetsTold = async ({ system }: Setting): Promise<number> => {
  const gateway = system.services.find(({ name }) => name === "api-gateway");
  const metrics = await (await fetch(`${gateway?.http}/metrics`)).text();
  const told = metrics.split("\n").filter((line) => /^live_resets_total\{.*reason="slow"/.test(line));
  return told.reduce((sum, line) => sum + Number(line.split(" ").at(1)), 0);
};

/** Over all samples, with the least and the most of as many windows of time as there are rounds. */
const shareOf = (samples: readonly Sample[], share: number, rounds: number): Figure => {
  const from = samples.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY);
  const to = samples.reduce((most, { atMs }) => Math.max(most, atMs), 0);
  const windowMs = Math.max(1, (to - from + 1) / rounds);
  const windows = [...Map.groupBy(samples, ({ atMs }) => Math.floor((atMs - from) / windowMs)).values()];
  return {
    ...figureOf(
      windows.map((window) =>
        quantile(
          window.map(({ ms }) => ms),
          share,
        ),
      ),
    ),
    median: quantile(
      samples.map(({ ms }) => ms),
      share,
    ),
  };
};

const openCrowds = (url: string, key: string, clients: number): Promise<Crowd[]> =>
  Promise.all(
    Array.from({ length: crowds }, (_, index) =>
      startCrowd({
        ...{ url, protocol: liveProtocol, key, says: [subscribe("a")] },
        clients: Math.floor((clients + index) / crowds),
      }),
    ),
  );

const during = async (open: readonly Crowd[], work: () => Promise<unknown>): Promise<CrowdReport[]> => {
  for (const crowd of open) crowd.begin();
  await work();
  return Promise.all(open.map((crowd) => crowd.report()));
};

const framesIn = (reports: readonly CrowdReport[]): number =>
  reports.reduce((sum, { marks }) => sum + marks.length, 0);

const startBare = async (): Promise<{ child: ChildProcess; url: string }> => {
  const child = fork(join(import.meta.dirname, "bare-fan-out.ts"));
  const [port] = await once(child, "message");
  return { child, url: `ws://127.0.0.1:${port}` };
};

/** Frames as many and as large as the product sent, from a bare server to the same clients. */
const measureFloor = async ({ sizes, system }: Setting, product: readonly CrowdReport[]) => {
  const frames = framesIn(product);
  const beat = {
    frameBytes: Math.round(product.reduce((sum, { frameBytes }) => sum + frameBytes, 0) / frames),
    framesPerSecond: frames / sizes.liveClients / sizes.liveSeconds,
  };
  const { child, url } = await startBare();
  try {
    const emptyMegabytes = canMeasureMemory ? residentMegabytes([child.pid ?? 0]) : Number.NaN;
    const open = await openCrowds(url, system.key, sizes.liveClients);
    try {
      const reports = await during(open, async () => {
        child.send(beat);
        await wait(sizes.liveSeconds * 1_000);
        child.send({ ...beat, framesPerSecond: 0 });
      });
      const fullMegabytes = canMeasureMemory ? residentMegabytes([child.pid ?? 0]) : Number.NaN;
      return { beat, emptyMegabytes, fullMegabytes, samples: samplesOf(reports, (madeAtMs) => madeAtMs) };
    } finally {
      for (const crowd of open) await crowd.stop();
    }
  } finally {
    child.kill();
  }
};

/**
 * Thousands of screens on one gateway, each following the items of a site where 200 scans are recorded in a second: from the commit of
 * the oldest change in a frame to the arrival of the frame. Then once more with one client among them that stopped reading.
 */
export const measureLive = async (setting: Setting): Promise<Row[]> => {
  const { bus, sizes, system } = setting;
  const gateway = system.services.find(({ name }) => name === "api-gateway")?.pid ?? 0;
  const megabytes = () => (canMeasureMemory ? residentMegabytes([gateway]) : Number.NaN);
  const url = `${system.http.replace(/^http/, "ws")}/api/v1/live`;
  await stock(bus, site, items);
  await untilQuiet(setting);
  const scanned = { count: 0 };
  const scan = () => keepScanning(setting, scanned, sizes.liveSeconds);

  const emptyMegabytes = megabytes();
  const open = await openCrowds(url, system.key, sizes.liveClients);
  let even: CrowdReport[];
  let disturbed: CrowdReport[];
  let slowResets = 0;
  try {
    even = await during(open, scan);
    const says = Array.from({ length: stalledNames }, (_, index) => subscribe(`s${index}`));
    const stalled = await startCrowd({ url, protocol: liveProtocol, key: system.key, clients: 1, says });
    stalled.pause();
    const resetsBefore = await slowResetsTold(setting);
    disturbed = await during(open, scan);
    for (let run = 0; run < stalledRunsMax && (await slowResetsTold(setting)) === resetsBefore; run += 1)
      await scan();
    stalled.resume();
    for (let poll = 0; poll < resetPolls && slowResets === 0; poll += 1) {
      slowResets = (await stalled.report()).slowResets;
      if (slowResets === 0) await wait(resetPollMs);
    }
    await stalled.stop();
    if (slowResets === 0) throw new Error("a client that did not read was never reset");
  } finally {
    for (const crowd of open) await crowd.stop();
  }
  const fullMegabytes = megabytes();
  const resets = disturbed.reduce((sum, report) => sum + report.resets, 0);
  if (resets > 0) throw new Error(`${resets} clients that read were reset`);
  await untilQuiet(setting);
  const commits = await readCommits(setting);
  const committedAt = (pos: number) => commits.get(pos) ?? Number.NaN;
  const [quiet, withStalled] = [samplesOf(even, committedAt), samplesOf(disturbed, committedAt)];
  const floor = await measureFloor(setting, even);

  const { liveClients, liveScansPerSecond, rounds } = sizes;
  const rowOf = (what: string, samples: readonly Sample[], share: number, note: string): Row => ({
    measurement: "live",
    what,
    unit: "ms",
    floor: shareOf(floor.samples, share, rounds),
    product: shareOf(samples, share, rounds),
    note,
  });
  const memory: Row[] = [
    {
      measurement: "live",
      what: `api-gateway with ${liveClients} clients`,
      unit: "MB RSS",
      floor: figureOf([floor.fullMegabytes]),
      product: figureOf([fullMegabytes]),
      target: { text: `≤ ${serviceMegabytesMax} MB`, isMet: fullMegabytes <= serviceMegabytesMax },
      note: `before: ${emptyMegabytes.toFixed(0)} MB, the bare server ${floor.emptyMegabytes.toFixed(0)} MB`,
    },
  ];
  return [
    rowOf(
      `commit → frame at ${liveClients} clients, ${liveScansPerSecond} scans/s, p50`,
      quiet,
      0.5,
      `oldest change of each of ${framesIn(even)} frames; floor = bare ws server, ${floor.beat.framesPerSecond.toFixed(1)} frames/s of ${floor.beat.frameBytes} bytes to the same clients`,
    ),
    rowOf("the same, p99", quiet, 0.99, "floor: from the making of a frame to its arrival"),
    rowOf(
      "the same, p99, one client stalled",
      withStalled,
      0.99,
      `${slowResets} of its subscriptions were reset as slow, and nobody else's`,
    ),
    ...(canMeasureMemory ? memory : []),
  ];
};
