import type { Receipt, Scan } from "@tagwire/messages";
import { echoSubject } from "./echo-subject.ts";
import { type Figure, figureOf, quantile, type Row, timed, timedEach } from "./figure.ts";
import { admitSite, commitOne } from "./rows.ts";
import { call, type Setting } from "./setting.ts";
import { nextScan, recordScans, requireAccepted, stock, tagOf } from "./stock.ts";

const site = "single";
const ratioMax = 2;
const warmUpShare = 0.2;

type Rounds = { readonly p50: number[]; readonly p99: number[] };
const newRounds = (): Rounds => ({ p50: [], p99: [] });
const add = (rounds: Rounds, samples: readonly number[]): void => {
  rounds.p50.push(quantile(samples, 0.5));
  rounds.p99.push(quantile(samples, 0.99));
};

const row = (what: string, floor: Rounds, product: Rounds): Row => {
  const figures: { floor: Figure; product: Figure } = {
    floor: figureOf(floor.p50),
    product: figureOf(product.p50),
  };
  const p99 = (rounds: Rounds) => figureOf(rounds.p99).median.toFixed(2);
  const isMet = figures.product.median <= ratioMax * figures.floor.median;
  return {
    measurement: "scan",
    what,
    unit: "ms p50",
    ...figures,
    target: { text: `≤ ${ratioMax} × floor`, isMet },
    note: `p99: floor ${p99(floor)}, product ${p99(product)} ms`,
  };
};

/**
 * From a scan to its receipt, one at a time, with nothing else to do. The floor is what a receipt cannot be had without: one
 * commit of one event, and one request with its reply; over HTTP one bare round trip besides.
 */
export const measureSingleScan = async (setting: Setting): Promise<Row[]> => {
  const { bus, sql, sizes, system } = setting;
  const echoHttp = await system.startBeside("echo.ts");
  await stock(bus, site, 1);
  await admitSite(sql, site);
  let pos = 0;
  let scans = 0;

  const overBus = async () => {
    const scan = nextScan(tagOf(0), scans++);
    return timed(() => recordScans(bus, site, [scan]));
  };
  const overHttp = async () => {
    const scan = nextScan(tagOf(0), scans++);
    return timed(async () => {
      const answer = await call(system, "POST", `/sites/${site}/scans`, { scans: [scan] });
      requireAccepted((answer as { receipts: Receipt[] }).receipts, 1);
    });
  };
  const payloadOf = (scan: Scan) => JSON.stringify({ scans: [scan] });
  const exchange = async () => {
    await commitOne(sql, site, ++pos);
    await bus.connection.request(echoSubject, payloadOf(nextScan(tagOf(0), pos)));
  };
  const exchangeAndHttp = async () => {
    await exchange();
    const response = await fetch(echoHttp, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: payloadOf(nextScan(tagOf(0), pos)),
    });
    await response.json();
  };
  const sample = async (count: number, one: () => Promise<number>) => {
    const samples: number[] = [];
    for (let index = 0; index < count; index += 1) samples.push(await one());
    return samples;
  };

  const floor = { bus: newRounds(), http: newRounds() };
  const product = { bus: newRounds(), http: newRounds() };
  const warmUp = Math.ceil(sizes.singleScans * warmUpShare);
  await timedEach(warmUp, exchangeAndHttp);
  await sample(warmUp, overBus);
  await sample(warmUp, overHttp);
  for (let round = 0; round < sizes.rounds; round += 1) {
    add(floor.bus, await timedEach(sizes.singleScans, exchange));
    add(product.bus, await sample(sizes.singleScans, overBus));
    add(floor.http, await timedEach(sizes.singleScans, exchangeAndHttp));
    add(product.http, await sample(sizes.singleScans, overHttp));
  }
  return [
    row("scan → receipt, one at a time, bus", floor.bus, product.bus),
    row("scan → receipt, one at a time, HTTP", floor.http, product.http),
  ];
};
