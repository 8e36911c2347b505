import { setTimeout as wait } from "node:timers/promises";
import { ensureStream, follow, hear, say } from "@tagwire/bus";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { type LiveFrame, liveProtocol, type StreamDeclaration } from "@tagwire/messages";
import WebSocket from "ws";
import { type Figure, figureOf, quantile, type Row, timedEach } from "./figure.ts";
import { admitSite, commitOne } from "./rows.ts";
import { call, type Setting } from "./setting.ts";
import { stock, tagOf } from "./stock.ts";

const site = "yard";
const place = "dock";
const p99MsMax = 100;
const roundMs = 5;
const graceMs = 10_000;
/** What happens before the reader has been set up says nothing about the road. */
const warmUpMs = 1_000;

const stream: StreamDeclaration = {
  name: "BENCH",
  subjects: ["bench.stream.>"],
  maxAgeMs: 60_000,
  maxBytes: 64 * 1024 * 1024,
  duplicateWindowMs: 1_000,
};

/** A gate where every tag comes by once, so many in a second; `handedAt` is when the reader got each. */
const passingTags = (perSecond: number, tags: number) => {
  const handedAt = new Map<string, number>();
  let startedAt: number | undefined;
  const world: TagSource = {
    sees: (antenna) => {
      if (antenna !== 1) return [];
      const now = performance.now();
      startedAt ??= now;
      const due = Math.min(tags, Math.floor(((now - startedAt) * perSecond) / 1_000));
      const fresh: string[] = [];
      while (handedAt.size < due) {
        const tag = tagOf(handedAt.size);
        handedAt.set(tag, now);
        fresh.push(tag);
      }
      return fresh.map((epc) => ({ epc, rssiDbm: -50 }));
    },
  };
  return { world, handedAt };
};

/** A screen: when it first had each tag at the place where the antenna is. */
const openScreen = async ({ system }: Setting) => {
  const socket = new WebSocket(`${system.http.replace(/^http/, "ws")}/api/v1/live`, [liveProtocol], {
    headers: { authorization: `Bearer ${system.key}` },
  });
  const seenAt = new Map<string, number>();
  const ready = Promise.withResolvers<void>();
  socket.on("error", ready.reject);
  socket.on("message", (data) => {
    const now = performance.now();
    const frame = JSON.parse(String(data)) as LiveFrame;
    if (frame.op === "snap" && frame.last) ready.resolve();
    if (frame.op !== "delta") return;
    for (const change of frame.changes) {
      if ("put" in change && change.put.place === place && !seenAt.has(change.key))
        seenAt.set(change.key, now);
    }
  });
  socket.once("open", () => socket.send(JSON.stringify({ op: "sub", id: "a", site, view: "items" })));
  await ready.promise;
  return { seenAt, close: () => socket.terminate() };
};

/** The hops of the road one after the other with nothing in between: commit, stream, commit, stream, commit, one word on the bus. */
const measureHops = async ({ bus, sql, sizes }: Setting, firstPos: number): Promise<number[]> => {
  const payload = { observations: [{ tag: tagOf(0), padding: "x".repeat(300) }] };
  let pos = firstPos;
  const commit = () => commitOne(sql, site, pos++);

  let heard: () => void = () => {};
  const subscription = hear(bus, "bench.core", () => heard());
  const sayAndHear = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
      say(bus, "bench.core", payload);
    });

  // By number, because a consumer of what is new may be made a moment after the first message.
  const { state } = await bus.manager.streams.info(stream.name);
  const from = { sequence: state.last_seq + 1 };
  const source = await follow(bus, { stream: stream.name, subjects: stream.subjects, from });
  const messages = source.messages[Symbol.asyncIterator]();
  const passThrough = async () => {
    const next = messages.next();
    await bus.jetStream.publish("bench.stream.one", JSON.stringify(payload));
    await next;
  };

  const passings = await timedEach(sizes.antennaFloorPassings, async () => {
    for (const hop of [commit, passThrough, commit, passThrough, commit, sayAndHear]) await hop();
  });
  await subscription.stop();
  // It ends once its reader has seen the end.
  const stopped = source.stop();
  await messages.next();
  await stopped;
  return passings;
};

/**
 * From a tag in front of an antenna to the changed row at a client's socket: reader, reader-gateway, operations, manager,
 * api-gateway. The emulated reader looks every few milliseconds, and the clock starts when it is handed the tag.
 */
export const measureAntenna = async (setting: Setting): Promise<Row[]> => {
  const { bus, sql, sizes, system } = setting;
  const tags = sizes.antennaSeconds * sizes.antennaTagsPerSecond;
  await stock(bus, site, tags);
  await admitSite(sql, site);
  await ensureStream(bus, stream);
  const before = await measureHops(setting, 1);

  const { world, handedAt } = passingTags(sizes.antennaTagsPerSecond, tags);
  const screen = await openScreen(setting);
  const reader = await startLlrpReader({ world, roundMs });
  try {
    await call(system, "POST", `/sites/${site}/readers`, {
      id: "gate",
      driver: "llrp",
      address: reader.address,
      antennas: [{ port: 1, place }],
    });
    const giveUpAtMs = performance.now() + sizes.antennaSeconds * 1_000 + graceMs;
    while (screen.seenAt.size < tags && performance.now() < giveUpAtMs) await wait(roundMs);
  } finally {
    await reader.stop();
    screen.close();
  }
  if (screen.seenAt.size < tags) throw new Error(`${screen.seenAt.size} of ${tags} tags reached the screen`);
  const after = await measureHops(setting, 1 + 3 * sizes.antennaFloorPassings);

  const beganAt = Math.min(...handedAt.values());
  const late = [...handedAt].filter(
    ([, at]) => at - beganAt >= Math.min(warmUpMs, sizes.antennaSeconds * 100),
  );
  const samples = late.map(([tag, at]) => ({ at, ms: (screen.seenAt.get(tag) ?? Number.NaN) - at }));
  const windowMs = (sizes.antennaSeconds * 1_000) / sizes.rounds;
  const windows = Map.groupBy(samples, ({ at }) => Math.floor((at - beganAt) / windowMs));
  const windowed = [...windows.values()].map((window) => window.map(({ ms }) => ms));
  /** Over all samples, with the least and the most of the rounds. */
  const shareOf = (rounds: readonly number[][], share: number): Figure => ({
    ...figureOf(rounds.map((round) => quantile(round, share))),
    median: quantile(rounds.flat(), share),
  });
  const rowOf = (what: string, share: number) => ({
    measurement: "antenna",
    what,
    unit: "ms",
    floor: shareOf([before, after], share),
    product: shareOf(windowed, share),
  });
  const p99 = rowOf("the same, p99", 0.99);
  const max = Math.max(...windowed.flat()).toFixed(0);
  return [
    {
      ...rowOf(`antenna → row at a client, ${sizes.antennaTagsPerSecond} tags/s, p50`, 0.5),
      note: `${samples.length} tags, max ${max} ms; floor = 3 commits + 2 streams + 1 word in a row, ${before.length + after.length} times, nothing else going on`,
    },
    {
      ...p99,
      target: { text: `≤ ${p99MsMax} ms`, isMet: p99.product.median <= p99MsMax },
      note: "both are the 99th of 100 of whole passages",
    },
  ];
};
