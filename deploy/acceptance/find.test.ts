import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { eventually, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openLive } from "./live-client.ts";

const lost = "3074257BF7194E4000001A85";
const framesWanted = 30;

test("who looks for a tag hears it louder while the reader comes nearer", async () => {
  await using stack = await startStack({});
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  let nearness = -70;
  const world: TagSource = {
    sees: (antenna) => {
      if (antenna !== 1) return [];
      nearness = Math.min(-30, nearness + 0.5);
      return [{ epc: lost, rssiDbm: Math.round(nearness) }];
    },
  };
  const reader = await startLlrpReader({ world, seed: 7 });
  try {
    await stack.call("POST", "/sites/yard/readers", { id: "sled", driver: "llrp", address: reader.address });
    await using live = await openLive(stack.http, stack.key);
    live.send({ op: "find", id: "f", site: "yard", tags: [lost] });
    const found = await eventually("it is heard again and again", () => {
      const frames = live.frames.flatMap((frame) => (frame.op === "found" ? frame.reads : []));
      return frames.length >= framesWanted ? frames : undefined;
    });
    expect(new Set(found.map(({ tag, reader: id, antenna }) => `${tag} ${id} ${antenna}`))).toEqual(
      new Set([`${lost} sled 1`]),
    );
    const strengths = found.map(({ rssiDbm }) => rssiDbm ?? Number.NaN);
    expect(strengths).toEqual(strengths.toSorted((one, other) => one - other));
    expect(new Set(strengths).size).toBeGreaterThan(1);
    const telling = live.frames.flatMap((frame) =>
      frame.op === "found" && frame.reads.length > 0 ? [frame] : [],
    );
    expect(new Set(telling.map(({ reading }) => reading))).toEqual(new Set([1]));
    live.send({ op: "unsub", id: "f" });
  } finally {
    await reader.stop();
  }
});

const sought = ["3074257BF7194E4000001A91", "3074257BF7194E4000001A92", "3074257BF7194E4000001A93"];
/** Ten messages a second are promised, over as many seconds. */
const promised = { perSecond: 10, overMs: 2_000 };

test("who looks for several tags hears each ten times a second, also when reader and reader-gateway were gone meanwhile", async () => {
  await using stack = await startStack({});
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  const world: TagSource = {
    sees: (antenna) =>
      antenna === 1 ? [...sought, lost].map((epc, index) => ({ epc, rssiDbm: -60 - index })) : [],
  };
  const reader = await startLlrpReader({ world, seed: 8 });
  try {
    await stack.call("POST", "/sites/yard/readers", { id: "sled", driver: "llrp", address: reader.address });
    await using live = await openLive(stack.http, stack.key);
    live.send({ op: "find", id: "f", site: "yard", tags: sought });
    const heard: { atMs: number; tag: string }[] = [];
    let seen = 0;
    /** Whether each tag was told often enough in the seconds before now. */
    const isQuick = () => {
      const nowMs = performance.now();
      for (const frame of live.frames.slice(seen))
        if (frame.op === "found") heard.push(...frame.reads.map(({ tag }) => ({ atMs: nowMs, tag })));
      seen = live.frames.length;
      const recent = heard.filter(({ atMs }) => atMs > nowMs - promised.overMs);
      return sought.every(
        (tag) =>
          recent.filter((one) => one.tag === tag).length >= (promised.perSecond * promised.overMs) / 1_000,
      );
    };
    const quickAgain = async (what: string) => {
      heard.length = 0;
      seen = live.frames.length;
      await eventually(`ten times a second ${what}`, isQuick);
    };
    await quickAgain("at first");
    reader.dropConnections();
    await quickAgain("after the reader was gone");
    await stack.service("reader-gateway").kill("SIGKILL");
    await stack.start("reader-gateway");
    await quickAgain("after the reader-gateway was killed");
    const { body } = await stack.call("POST", "/sites/yard/readers/sled:stop");
    expect(body).toBeDefined();
    await eventually("no reader reads", () => {
      const last = live.frames.findLast((frame) => frame.op === "found");
      return last?.op === "found" && last.reading === 0;
    });
    await stack.call("POST", "/sites/yard/readers/sled:start");
    await quickAgain("after it was stopped and started");
    // Nobody looked for this one.
    expect(
      live.frames.some((frame) => frame.op === "found" && frame.reads.some(({ tag }) => tag === lost)),
    ).toBe(false);
  } finally {
    await reader.stop();
  }
});
