import type { MonthAct } from "@tagwire/emulators";
import { type LiveView, liveProtocol, liveViews, newId, type Reader } from "@tagwire/messages";
import { startCrowd } from "./crowd-words.ts";
import { busyDay } from "./day-acts.ts";
import { type DayRecord, openDayCalls } from "./day-calls.ts";
import { requireSound } from "./day-checks.ts";
import { openGate } from "./day-gate.ts";
import { figureOf, quantile, type Row, timed } from "./figure.ts";
import { canMeasureMemory } from "./memory.ts";
import { peakMegabytes } from "./process-memory.ts";
import { admitSite, findBestBatch, readWritten, writeAgain } from "./rows.ts";
import { call, type Setting, untilQuiet } from "./setting.ts";
import { createItems, createSite } from "./stock.ts";

const site = "day";
const scansPerRequest = 500;
/** Screens on a wall that show every board at once. */
const wallScreens = 2;
const boardViews = liveViews.filter((view) => view !== "events");
/** Statuses that only scans lead to: such goods begin ready and are scanned out. */
const fromScansAlone: ReadonlySet<string> = new Set(["on_rent", "delivered"]);

type Day = ReturnType<typeof busyDay>;

/** The house as its books have it in the morning. */
const stockHouse = async (setting: Setting, { warehouse }: Day): Promise<void> => {
  const { bus, system } = setting;
  await createSite(bus, site);
  const { items } = warehouse;
  await createItems(bus, site, items.length, (index) => {
    const item = items[index];
    if (item === undefined) throw new RangeError(`no item ${index}`);
    const { tag, name, status, place, role } = item;
    return {
      tag,
      class: name,
      status: fromScansAlone.has(status) ? "ready" : status,
      ...(place === null ? {} : { place }),
      ...(role === null ? {} : { role }),
    };
  });
  const { record, tell } = openDayCalls(system, site, warehouse);
  const nowMs = Date.now();
  for (const contract of warehouse.contracts) await tell({ kind: "contract-opened", atMs: nowMs, contract });
  if (record.refused.size > 0) throw new Error(`refused: ${[...record.refused.keys()].join(", ")}`);
};

const rentOut = async ({ system }: Setting, { warehouse }: Day): Promise<void> => {
  const out = warehouse.items.filter(({ contract }) => contract !== null);
  const scannedAt = new Date(Date.now() - 86_400_000).toISOString();
  for (let from = 0; from < out.length; from += scansPerRequest) {
    const scans = out
      .slice(from, from + scansPerRequest)
      .map(({ tag, contract }) => ({ id: newId(), tag, type: "rental", contract, scannedAt }));
    await call(system, "POST", `/sites/${site}/scans`, { scans });
  }
};

/**
 * What happens in these many ms of the day is over before the next begins: nobody runs hours ahead of the others. Within it each device
 * does what it did, one after the other, and the office is one more.
 */
const windowMs = 900_000;

const deviceOf = (act: MonthAct): string => {
  if (act.kind === "scan-session") return act.device;
  return act.kind === "upload-repeated" ? act.upload.device : "office";
};

const liveThrough = async (
  acts: readonly MonthAct[],
  tell: (act: MonthAct) => Promise<void>,
): Promise<void> => {
  const lane = async (own: readonly MonthAct[]) => {
    for (const act of own) await tell(act);
  };
  const windows = Map.groupBy(acts, ({ atMs }) => Math.floor(atMs / windowMs));
  for (const window of windows.values())
    await Promise.all([...Map.groupBy(window, deviceOf).values()].map(lane));
};

/** Screens, each with all of these views. */
const openScreens = ({ system }: Setting, clients: number, views: readonly LiveView[]) =>
  startCrowd({
    url: `${system.http.replace(/^http/, "ws")}/api/v1/live`,
    protocol: liveProtocol,
    key: system.key,
    clients,
    says: views.map((view) => JSON.stringify({ op: "sub", id: view, site, view })),
  });

const headOf = async ({ sql }: Setting): Promise<number> => {
  const [row] = await sql<
    { pos: number }[]
  >`select pos::int as pos from operations.site where site = ${site}`;
  return row?.pos ?? 0;
};

/** How long after its commit each frame came, in ms. */
const framesAfter = async (
  { sql }: Setting,
  { marks, arrivals }: { readonly marks: readonly number[]; readonly arrivals: readonly number[] },
): Promise<number[]> => {
  const rows = await sql<{ pos: number; at: number }[]>`
    select pos::int as pos, (extract(epoch from recorded_at) * 1000)::float8 as at
    from operations.event where site = ${site} and epoch = 1`;
  const commits = new Map(rows.map(({ pos, at }) => [pos, at]));
  return marks.flatMap((mark, index) => {
    const at = commits.get(mark);
    return at === undefined ? [] : [(arrivals[index] ?? 0) - at];
  });
};

/** The floor: the rows that the day left, written again as plainly as can be, in ms. */
const floorMs = async ({ sql, sizes }: Setting, head: number): Promise<readonly number[]> => {
  const written = await readWritten(sql, site, head);
  const rows = { ...written, receipts: [...new Set(written.receipts)] };
  const batch = await findBestBatch(sql, rows);
  const rounds: number[] = [];
  for (let round = 0; round < sizes.rounds; round += 1) {
    await sql`truncate bench.event, bench.receipt`;
    rounds.push(await timed(() => writeAgain(sql, rows, batch)));
  }
  return rounds;
};

const inWords = ({ refused }: DayRecord): string =>
  refused.size === 0
    ? "nothing refused"
    : [...refused].map(([reason, count]) => `${count} × ${reason}`).join(", ");

/**
 * The busiest day of a real house through the real processes, as fast as they take it: tablets upload their sessions in the order in
 * which they got through, what they scan passes a reader at the dock, the office opens contracts, counts linen and takes back what was
 * wrong, and screens follow: those of the floor the events, those on the wall every board. When it is over, the ledgers, the counts, the
 * boards, the digests and the chain are looked at; a day that does not add up is no figure.
 */
export const measureDay = async (setting: Setting): Promise<Row[]> => {
  const { system, sizes, sql } = setting;
  const day = busyDay(sizes, Date.now());
  await stockHouse(setting, day);
  await rentOut(setting, day);
  await untilQuiet(setting);
  await admitSite(sql, site);
  const head = await headOf(setting);
  const { tell, record } = openDayCalls(system, site, day.warehouse);
  const gate = await openGate(setting, site);
  const screens = await openScreens(setting, sizes.dayClients, ["events"]);
  const walls = await openScreens(setting, wallScreens, boardViews);
  let frames: number[];
  let dayMs: number;
  let counts: Reader["counts"];
  try {
    screens.begin();
    const passAndTell = async (act: MonthAct) => {
      if (act.kind === "scan-session") gate.pass(act.scans.map(({ tag }) => tag));
      await tell(act);
    };
    dayMs = await timed(() => liveThrough(day.acts, passAndTell));
    counts = await gate.settled();
    await untilQuiet(setting);
    const report = await screens.report();
    const resets = report.resets + (await walls.report()).resets;
    if (resets > 0) throw new Error(`${resets} subscriptions of screens were reset`);
    frames = await framesAfter(setting, report);
  } finally {
    for (const one of [gate, screens, walls]) await one.stop();
  }
  const events = await requireSound(setting, site, record);
  const scans = record.sent;
  const devices = new Set(day.acts.map(deviceOf).filter((device) => device !== "office"));
  const rate = (ms: number): number => scans / (ms / 1_000);
  const floor = figureOf((await floorMs(setting, head)).map(rate));
  const rowOf = (what: string, unit: string, value: number, note: string): Row => ({
    measurement: "day",
    what,
    unit,
    product: figureOf([value]),
    note,
  });
  const peaks = canMeasureMemory
    ? system.services.map(({ name, pid }) => `${name} ${peakMegabytes(pid).toFixed(0)} MB`).join(", ")
    : "memory is told on Linux only";
  return [
    {
      ...rowOf("the busiest day, HTTP", "scans/s", rate(dayMs), ""),
      floor,
      note: `${scans} scans (${record.replayed} of them again) of ${sizes.dayItems} items, ${record.uploadsMs.length} uploads of ${devices.size} devices, ${events} events; ${inWords(record)}; a gate's reader saw ${counts.reads} reads of them pass and made ${counts.observations} observations; ledgers, counts, boards, digests and chain hold`,
    },
    rowOf("the same, from the first act to the last", "s", dayMs / 1_000, `peaks so far: ${peaks}`),
    rowOf(
      "upload → last receipt, p50",
      "ms",
      quantile(record.uploadsMs, 0.5),
      "uploads of 1 scan to thousands",
    ),
    rowOf("the same, p99", "ms", quantile(record.uploadsMs, 0.99), ""),
    rowOf(
      `commit → frame at ${sizes.dayClients} clients, p99`,
      "ms",
      quantile(frames, 0.99),
      `oldest change of each of ${frames.length} frames`,
    ),
  ];
};
