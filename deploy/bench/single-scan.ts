import { setTimeout as wait } from "node:timers/promises";
import type { Receipt, Scan } from "@tagwire/messages";
import { echoSubject } from "./echo-subject.ts";
import { figureOf, median, quantile, type Row, timed } from "./figure.ts";
import { admitSite, commitOne } from "./rows.ts";
import { call, type Setting } from "./setting.ts";
import { nextScan, recordScans, requireAccepted, stock, tagOf } from "./stock.ts";

const site = "single";
const ratioMax = 2;
/** Between two samples the system comes to rest: what a scan sets in motion behind its receipt is not in the way of the next. */
const restMs = 15;

type Road = { readonly p50: number[]; readonly p99: number[]; readonly go: () => Promise<unknown> };
const roadOf = (go: Road["go"]): Road => ({ p50: [], p99: [], go });

const rowOf = (what: string, floor: Road, product: Road, floorIs: string): Row => ({
  measurement: "scan",
  what,
  unit: "ms p50",
  floor: figureOf(floor.p50),
  product: figureOf(product.p50),
  note: `floor = ${floorIs}; p99: floor ${median(floor.p99).toFixed(2)}, product ${median(product.p99).toFixed(2)} ms`,
});

/** The promise compares with a floor of one commit and one request; a floor with more in it says nothing about it. */
const judged = (row: Row): Row => {
  const isMet = row.product.median <= ratioMax * (row.floor?.median ?? Number.NaN);
  return { ...row, target: { text: `≤ ${ratioMax} × floor`, isMet } };
};

/** One sample of each road in turn, with a rest before each, so that whatever the machine does hits all of them. */
const travel = async (roads: readonly Road[], count: number): Promise<void> => {
  const samples = roads.map((): number[] => []);
  for (let index = 0; index < count; index += 1) {
    for (const [at, { go }] of roads.entries()) {
      await wait(restMs);
      samples[at]?.push(await timed(go));
    }
  }
  for (const [at, road] of roads.entries()) {
    road.p50.push(quantile(samples[at] ?? [], 0.5));
    road.p99.push(quantile(samples[at] ?? [], 0.99));
  }
};

/**
 * From a scan to its receipt, one at a time, with nothing else to do. The floor is what a receipt cannot be had without: one
 * commit of one event, and one request with its reply; over HTTP one bare round trip besides.
 */
export const measureSingleScan = async ({ bus, sql, sizes, system }: Setting): Promise<Row[]> => {
  const echoHttp = await system.startBeside("echo.ts");
  await stock(bus, site, 1);
  await admitSite(sql, site);
  let pos = 0;
  let scans = 0;
  const scan = (): Scan => nextScan(tagOf(0), scans++);
  const payload = () => JSON.stringify({ scans: [nextScan(tagOf(0), pos)] });

  const commitAndExchange = async () => {
    pos += 1;
    await commitOne(sql, site, pos);
    await bus.connection.request(echoSubject, payload());
  };
  const withHttp = async () => {
    await commitAndExchange();
    const headers = { "content-type": "application/json" };
    const response = await fetch(echoHttp, { method: "POST", headers, body: payload() });
    await response.json();
  };
  const overHttp = async () => {
    const answer = await call(system, "POST", `/sites/${site}/scans`, { scans: [scan()] });
    requireAccepted((answer as { receipts: Receipt[] }).receipts, 1);
  };
  const floor = { bus: roadOf(commitAndExchange), http: roadOf(withHttp) };
  const product = { bus: roadOf(() => recordScans(bus, site, [scan()])), http: roadOf(overHttp) };

  const roads = [floor.bus, product.bus, floor.http, product.http];
  const warmingUp = roads.map(({ go }) => roadOf(go));
  await travel(warmingUp, sizes.singleScans);
  for (let round = 0; round < sizes.rounds; round += 1) await travel(roads, sizes.singleScans);
  return [
    judged(rowOf("scan → receipt, one at a time, bus", floor.bus, product.bus, "1 commit + 1 request")),
    rowOf("scan → receipt, one at a time, HTTP", floor.http, product.http, "the same + 1 HTTP call"),
  ];
};
