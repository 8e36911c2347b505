import { figureOf, type Row, timed } from "./figure.ts";
import { importFile } from "./import-file.ts";
import { canMeasureMemory } from "./memory.ts";
import { residentMegabytes } from "./process-memory.ts";
import { admitSite, findBestBatch, readImported, writeAgain } from "./rows.ts";
import { type Setting, untilQuiet } from "./setting.ts";
import { stock } from "./stock.ts";

/** Where memory is looked at first: if it grows with the file, the rest of it shows. */
const earlyShare = 0.1;
/** Rows that the floor finds its best batch with. */
const tryRowsMax = 10_000;

/** So many times what it took at most by a tenth of a file may the edge have taken by its end: what is kept of each row would show tenfold. */
const growthMax = 1.25;

/** How often it says how far it is, and how often it looks at what the services have in memory. */
const tenthsInAll = 10;
const looksInAll = 100;

const watched = ["api-gateway", "operations"] as const;
const edgeOf = (peaks: readonly number[]): number => peaks[watched.indexOf("api-gateway")] ?? Number.NaN;

/** What the watched services have in memory, in MB. The peak that the system keeps of them is one of the loads before, and would hide growth. */
const residentOf = ({ system }: Setting): number[] =>
  watched.map((wanted) => {
    const service = system.services.find(({ name }) => name === wanted);
    return service === undefined || !canMeasureMemory ? Number.NaN : residentMegabytes([service.pid]);
  });

/** Whether the edge takes a file in flat memory. */
const grownRow = (growth: number, rows: number): Row => ({
  measurement: "import",
  what: `api-gateway, peak memory after all of ${rows} rows`,
  unit: "× after a tenth",
  product: figureOf([growth]),
  target: { text: `≤ ${growthMax}`, isMet: growth <= growthMax },
});

/**
 * A file of new items through the public door: read, decided, committed and answered row by row. The floor writes the same rows
 * into tables with the same indexes, in batches of the size that is best for it, and does nothing else.
 *
 * The peaks tell whether memory grows with the file. Operations remembers the tags it owns, up to a share of its heap, so its peak
 * grows with new items however they come in.
 */
export const measureImport = async (setting: Setting): Promise<Row[]> => {
  const { bus, sql, sizes, system } = setting;
  const { importRows, importRounds } = sizes;
  const product: number[] = [];
  const floor: number[] = [];
  const notes: string[] = [];
  let bestBatch: number | undefined;
  let growth = Number.NaN;

  for (let round = 1; round <= importRounds; round += 1) {
    const site = `import-${round}`;
    await stock(bus, site, 0);
    await admitSite(sql, site);
    await untilQuiet(setting);
    let peaks = residentOf(setting);
    let early: number[] | undefined;
    let tenths = 0;
    let looks = 0;
    const ms = await timed(() =>
      importFile(system, site, importRows, (rows) => {
        if (rows < ((looks + 1) * importRows) / looksInAll) return;
        looks = Math.floor((rows * looksInAll) / importRows);
        const now = residentOf(setting);
        peaks = peaks.map((peak, at) => Math.max(peak, now[at] ?? Number.NaN));
        if (rows >= importRows * earlyShare) early ??= peaks;
        if (rows < ((tenths + 1) * importRows) / tenthsInAll) return;
        tenths = Math.floor((rows * tenthsInAll) / importRows);
        const told = watched.map((name, at) => `${name} ${peaks[at]?.toFixed(0)} MB`);
        process.stderr.write(`  import ${rows} of ${importRows} rows, peaks ${told.join(", ")}\n`);
      }),
    );
    product.push(importRows / (ms / 1_000));
    // What a file took once is kept for the next one: the first tells what a file takes.
    if (round === 1 && early !== undefined) growth = edgeOf(peaks) / edgeOf(early);
    if (round === 1)
      notes.push(
        ...watched.map((name, at) => `${name} ${early?.[at]?.toFixed(0)} → ${peaks[at]?.toFixed(0)} MB`),
      );
    await untilQuiet(setting);

    bestBatch ??= await findBestBatch(sql, await readImported(sql, site, tryRowsMax));
    await sql`truncate bench.event, bench.receipt, bench.item`;
    const rows = await readImported(sql, site, importRows);
    if (rows.receipts.length !== importRows)
      throw new Error(`${rows.receipts.length} receipts of ${importRows}`);
    const floorMs = await timed(() => writeAgain(sql, rows, bestBatch ?? importRows));
    floor.push(importRows / (floorMs / 1_000));
  }
  return [
    {
      measurement: "import",
      what: `import of ${importRows} new items, one CSV, HTTP`,
      unit: "rows/s",
      floor: figureOf(floor),
      product: figureOf(product),
      note: `floor at its best, ${bestBatch} rows a batch; most RSS seen by a tenth of the first file → by its end: ${notes.join(", ")}`,
    },
    ...(canMeasureMemory ? [grownRow(growth, importRows)] : []),
  ];
};
