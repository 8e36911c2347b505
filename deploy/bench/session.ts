import type { Receipt } from "@tagwire/messages";
import { figureOf, type Row, timed } from "./figure.ts";
import { admitSite, findBestBatch, readWritten, writeAgain } from "./rows.ts";
import { call, type Setting, untilQuiet } from "./setting.ts";
import { nextScan, requireAccepted, stock, tagOf } from "./stock.ts";

const site = "session";
const secondsMax = 2;

/** A device that comes back from a yard with everything it scanned: one request, until the last receipt is read. */
export const measureSession = async (setting: Setting): Promise<Row[]> => {
  const { bus, sql, sizes, system } = setting;
  const count = sizes.sessionScans;
  await stock(bus, site, count);
  await admitSite(sql, site);
  const product: number[] = [];
  const floor: number[] = [];

  const upload = async (round: number): Promise<number> => {
    const scans = Array.from({ length: count }, (_, index) => nextScan(tagOf(index), round));
    return timed(async () => {
      const answer = await call(system, "POST", `/sites/${site}/scans`, { scans });
      requireAccepted((answer as { receipts: Receipt[] }).receipts, count);
    });
  };
  // The site begins with its own event and one for each item.
  const writtenBy = async (round: number) => {
    const rows = await readWritten(sql, site, 1 + count + round * count);
    if (rows.events.length !== count) throw new Error(`${rows.events.length} events of ${count} scans`);
    return rows;
  };
  await upload(0);
  await untilQuiet(setting);
  const bestBatch = await findBestBatch(sql, await writtenBy(0));
  for (let round = 1; round <= sizes.rounds; round += 1) {
    product.push((await upload(round)) / 1_000);
    await untilQuiet(setting);
    const rows = await writtenBy(round);
    floor.push((await timed(() => writeAgain(sql, rows, bestBatch))) / 1_000);
  }
  const figures = { floor: figureOf(floor), product: figureOf(product) };
  return [
    {
      measurement: "session",
      what: `one session of ${count} scans, HTTP`,
      unit: "s",
      ...figures,
      target: { text: `≤ ${secondsMax} s`, isMet: figures.product.median <= secondsMax },
      note: `floor at its best, ${bestBatch} rows a batch`,
    },
  ];
};
