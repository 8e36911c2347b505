import { setTimeout as wait } from "node:timers/promises";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { type LiveFrame, liveProtocol } from "@tagwire/messages";
import WebSocket from "ws";
import { openBadNeighbours } from "./bad-neighbours.ts";
import { figureOf, quantile, type Row } from "./figure.ts";
import { call, type Setting } from "./setting.ts";
import { createSite, tagOf } from "./stock.ts";

const site = "find";
const lost = tagOf(0);
/** Twice as often as a hand needs it. */
const roundMs = 50;
const framesPerSecondMin = 10;
const firstFrameMsMax = 30_000;
/** What comes while the reader is being set up says nothing. */
const warmUpMs = 1_000;

const gapsOf = (instants: readonly number[]): number[] =>
  instants.slice(1).map((at, index) => at - (instants[index] ?? at));

/** Both sides of the same search: when the antenna heard the tag and when the screen was told. */
const search = async ({ system, sizes }: Setting, id: string) => {
  const heardAt: number[] = [];
  const toldAt: number[] = [];
  const world: TagSource = {
    sees: (antenna) => {
      if (antenna !== 1) return [];
      heardAt.push(performance.now());
      return [{ epc: lost, rssiDbm: -40 - (heardAt.length % 30) }];
    },
  };
  const reader = await startLlrpReader({ world, roundMs });
  const socket = new WebSocket(`${system.http.replace(/^http/, "ws")}/api/v1/live`, [liveProtocol], {
    headers: { authorization: `Bearer ${system.key}` },
  });
  socket.once("open", () => socket.send(JSON.stringify({ op: "find", id: "f", site, tags: [lost] })));
  try {
    const first = Promise.withResolvers<void>();
    const tooLate = setTimeout(
      () => first.reject(new Error(`nothing was found within ${firstFrameMsMax} ms`)),
      firstFrameMsMax,
    );
    socket.on("error", first.reject);
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data)) as LiveFrame;
      if (frame.op !== "found" || frame.reads.length === 0) return;
      toldAt.push(performance.now());
      first.resolve();
    });
    await call(system, "POST", `/sites/${site}/readers`, {
      id,
      driver: "llrp",
      address: reader.address,
    });
    await first.promise.finally(() => clearTimeout(tooLate));
    await wait(warmUpMs);
    const from = performance.now();
    await wait(sizes.findSeconds * 1_000);
    const inTime = (instants: readonly number[]) => instants.filter((at) => at >= from);
    await call(system, "POST", `/sites/${site}/readers/${id}:stop`);
    return { heard: inTime(heardAt), told: inTime(toldAt), seconds: sizes.findSeconds };
  } finally {
    socket.terminate();
    await reader.stop();
  }
};

/** The same search while other readers of the same gateway do their worst. */
const searchBesideBadOnes = async (setting: Setting) => {
  const neighbours = await openBadNeighbours();
  const ofReader = (id: string) => `/sites/${site}/readers/${id}`;
  try {
    for (const { id, address } of neighbours)
      await call(setting.system, "POST", `/sites/${site}/readers`, { id, driver: "llrp", address });
    return await search(setting, "sled-beside-bad-ones");
  } finally {
    for (const { id, stop } of neighbours) {
      stop();
      await call(setting.system, "POST", `${ofReader(id)}:stop`);
    }
  }
};

/** How often somebody who looks for a tag is told how strongly it is heard: reader, reader-gateway, bus, api-gateway, socket. */
export const measureFind = async (setting: Setting): Promise<Row[]> => {
  await createSite(setting.bus, site);
  const { heard, told, seconds } = await search(setting, "sled");
  const beside = await searchBesideBadOnes(setting);
  const rate = figureOf([told.length / seconds]);
  return [
    {
      measurement: "find",
      what: "find mode, frames at a client",
      unit: "/s",
      floor: figureOf([heard.length / seconds]),
      product: rate,
      target: { text: `≥ ${framesPerSecondMin} /s`, isMet: rate.median >= framesPerSecondMin },
      note: "floor: how often the antenna heard the tag",
    },
    {
      measurement: "find",
      what: "the same, from one frame to the next, p99",
      unit: "ms",
      floor: figureOf([quantile(gapsOf(heard), 0.99)]),
      product: figureOf([quantile(gapsOf(told), 0.99)]),
    },
    {
      measurement: "find",
      what: "the same beside readers that pour noise, hang up and are mute",
      unit: "ms",
      floor: figureOf([quantile(gapsOf(told), 0.99)]),
      product: figureOf([quantile(gapsOf(beside.told), 0.99)]),
      note: "floor: without those beside it",
    },
  ];
};
