import { figureOf, type Row, timed } from "./figure.ts";
import { admitSite, findBestBatch, readWritten, writeAgain } from "./rows.ts";
import { type Setting, untilQuiet } from "./setting.ts";
import { inFlight, nextScan, recordScans, stock, tagOf } from "./stock.ts";
import { readTurns, turnSize } from "./turn-size.ts";

const site = "bulk";
const shareMin = 0.4;

const headOf = async ({ sql }: Setting): Promise<number> => {
  const [row] = await sql<{ pos: number }[]>`select pos from operations.site where site = ${site}`;
  return row?.pos ?? 0;
};

/** Scans of one site as fast as they are taken. `scanned` counts what was handed in before, so that every scan is accepted. */
export const handIn = async ({ bus, sizes }: Setting, scanned: number, at = site): Promise<void> => {
  const { bulkItems, bulkRequestScans, bulkScansPerRound, bulkRequestsInFlight } = sizes;
  await inFlight(bulkScansPerRound / bulkRequestScans, bulkRequestsInFlight, (request) => {
    const first = scanned + request * bulkRequestScans;
    const scans = Array.from({ length: bulkRequestScans }, (_, index) => {
      const nth = first + index;
      return nextScan(tagOf(nth % bulkItems), Math.floor(nth / bulkItems));
    });
    return recordScans(bus, at, scans);
  });
};

/** Sees to it that there are so many events, of scans in bulk where other measurements have left too few. */
export const fillLog = async (setting: Setting, eventsMin: number): Promise<void> => {
  const { sizes, bus, sql } = setting;
  const [known] = await sql<{ events: number }[]>`
    select coalesce(sum(pos), 0)::int as events from operations.site`;
  if ((known?.events ?? 0) >= eventsMin) return;
  await stock(bus, site, sizes.bulkItems);
  for (let scanned = 0; scanned < eventsMin; scanned += sizes.bulkScansPerRound)
    await handIn(setting, scanned);
  await untilQuiet(setting);
};

/**
 * Scans of one site in bulk, each decided by its one writer, committed and answered. The floor writes the very same rows into
 * tables with the same indexes, in batches of the size that is best for it, and does nothing else.
 */
export const measureBulkScans = async (setting: Setting): Promise<Row[]> => {
  const { bus, sql, sizes, system } = setting;
  await stock(bus, site, sizes.bulkItems);
  await admitSite(sql, site);
  const empty = await headOf(setting);
  await handIn(setting, 0);
  await untilQuiet(setting);
  const bestBatch = await findBestBatch(sql, await readWritten(sql, site, empty));
  const product: number[] = [];
  const floor: number[] = [];
  const turns: number[] = [];
  for (let round = 1; round <= sizes.rounds; round += 1) {
    const head = await headOf(setting);
    const before = await readTurns(system);
    const ms = await timed(() => handIn(setting, round * sizes.bulkScansPerRound));
    product.push(sizes.bulkScansPerRound / (ms / 1_000));
    turns.push(turnSize(before, await readTurns(system)));
    await untilQuiet(setting);
    const rows = await readWritten(sql, site, head);
    const floorMs = await timed(() => writeAgain(sql, rows, bestBatch));
    floor.push(rows.events.length / (floorMs / 1_000));
  }
  const figures = { floor: figureOf(floor), product: figureOf(product) };
  return [
    {
      measurement: "bulk",
      what: "authoritative scans, one site, bulk",
      unit: "scans/s",
      ...figures,
      target: {
        text: `≥ ${shareMin * 100} % of floor`,
        isMet: figures.product.median >= shareMin * figures.floor.median,
      },
      note: `${sizes.bulkScansPerRound * sizes.rounds} scans, ${sizes.bulkItems} items, ${figureOf(turns).median} scans a turn; floor at its best, ${bestBatch} rows a batch`,
    },
  ];
};
