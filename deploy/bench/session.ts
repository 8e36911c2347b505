import type { Receipt } from "@tagwire/messages";
import { figureOf, type Row, timed } from "./figure.ts";
import { admitSite, readWritten, writeAgain } from "./rows.ts";
import { call, type Setting, untilQuiet } from "./setting.ts";
import { nextScan, requireAccepted, stock, tagOf } from "./stock.ts";
import { readTurns, turnSize } from "./turn-size.ts";

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
  await upload(0);
  await untilQuiet(setting);
  for (let round = 1; round <= sizes.rounds; round += 1) {
    const before = await readTurns(system);
    product.push((await upload(round)) / 1_000);
    const batch = turnSize(before, await readTurns(system));
    await untilQuiet(setting);
    // The site begins with its own event and one for each item.
    const rows = await readWritten(sql, site, 1 + count + round * count);
    if (rows.events.length !== count) throw new Error(`${rows.events.length} events of ${count} scans`);
    floor.push((await timed(() => writeAgain(sql, rows, batch))) / 1_000);
  }
  const figures = { floor: figureOf(floor), product: figureOf(product) };
  return [
    {
      measurement: "session",
      what: `one session of ${count} scans, HTTP`,
      unit: "s",
      ...figures,
      target: { text: `≤ ${secondsMax} s`, isMet: figures.product.median <= secondsMax },
    },
  ];
};
