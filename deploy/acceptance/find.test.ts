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
