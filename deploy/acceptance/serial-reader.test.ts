import { type M100Reader, startM100Reader, startMercuryReader, type TagSource } from "@tagwire/emulators";
import type { Item, Reader, TimelineRow } from "@tagwire/messages";
import { eventually, type Stack, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";

const tag = "3074257BF7194E4000001A85";
const unknown = "E28011606000020000007EBB";
const rounds = 150;

/** Two tags for so many rounds, then an empty field. */
const endingWorld = (): TagSource & { readonly isOver: () => boolean } => {
  let left = rounds;
  return {
    isOver: () => left === 0,
    sees: () => {
      if (left === 0) return [];
      left -= 1;
      return [
        { epc: tag, rssiDbm: -48 },
        { epc: unknown, rssiDbm: -60 },
      ];
    },
  };
};

const readerOf = async (stack: Stack): Promise<Reader> =>
  (await stack.call("GET", "/sites/yard/readers/shelf")).body as Reader;
const timelineOf = async (stack: Stack, wanted: string): Promise<readonly TimelineRow[]> => {
  const { status, body } = await stack.call("GET", `/sites/yard/items/${wanted}/timeline`);
  return status === 200 ? (body as { data: TimelineRow[] }).data : [];
};
const hang = (stack: Stack, { path }: M100Reader) =>
  stack.call("POST", "/sites/yard/readers", {
    id: "shelf",
    driver: "m100",
    address: path,
    antennas: [{ port: 1, place: "shelf 7", powerDbm: 22 }],
  });

test("what a serial module hears through a bad cable becomes a sighting, and no read is lost on the way", async () => {
  await using stack = await startStack();
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  await stack.call("POST", "/sites/yard/items", { tag, class: "Chair" });

  const world = endingWorld();
  const module = await startM100Reader({
    world,
    antenna: 1,
    seed: 3,
    flaky: { mergeFrames: true, garbageShare: 0.2, brokenShare: 0.05 },
  });
  try {
    expect((await hang(stack, module)).status).toBe(201);
    const { counts, status, firmware, model } = await eventually(
      "every read was counted and decided",
      async () => {
        const reader = await readerOf(stack);
        const isHeard = world.isOver() && reader.counts.reads >= module.stats().wholeNotices;
        return isHeard && reader.counts.observations > 0 && reader.counts.pending === 0 ? reader : undefined;
      },
    );
    expect({ status, firmware, model }).toEqual({
      status: "inventory",
      firmware: "V2.3.5",
      model: "M100 26dBm V1.0",
    });
    expect(module.powerCentiDbm()).toBe(2200);
    expect(module.stats().notices).toBe(2 * rounds);
    expect(counts.reads).toBe(module.stats().wholeNotices);
    expect(counts.malformed).toBeGreaterThan(0);
    expect(counts).toMatchObject({ filtered: 0, reads: counts.held + counts.observed, quarantined: 1 });

    const { body } = await stack.call("GET", `/sites/yard/items/${tag}`);
    expect(body as Item).toMatchObject({
      place: "shelf 7",
      lastScan: { type: "touch", by: { reader: "shelf" } },
    });
    const sighting = (await timelineOf(stack, tag)).find(({ kind }) => kind === "sighting");
    expect(sighting).toMatchObject({ type: "item.sighted.v1", by: { reader: "shelf" }, outcome: "accepted" });
    expect(sighting?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(await timelineOf(stack, unknown)).toMatchObject([{ outcome: "quarantined", code: "tag_unknown" }]);
  } finally {
    await module.stop();
  }

  // The cable is pulled: the reader says so, and that it will be tried again.
  const gone = await eventually("the loss was told", async () => {
    const reader = await readerOf(stack);
    return reader.status === "backoff" && reader.fault !== null ? reader : undefined;
  });
  expect(["reader.closed", "reader.unreachable"]).toContain(gone.fault?.code);
  expect(gone.retryAt).not.toBeNull();
});

test("a hot Mercury module is set from the API, spared until it is cool, and no read of it is lost", async () => {
  await using stack = await startStack();
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "Europe/Berlin" });
  await stack.call("POST", "/sites/yard/items", { tag, class: "Chair" });
  const world = endingWorld();
  const module = await startMercuryReader({
    world,
    antennas: [2],
    region: 0,
    beatMs: 50,
    seed: 4,
    flaky: { mergeFrames: true, brokenShare: 0.05, hotAboveCentiDbm: 2_500 },
  });
  try {
    const { status: created } = await stack.call("POST", "/sites/yard/readers", {
      id: "shelf",
      driver: "mercury",
      address: module.path,
      antennas: [{ port: 2, place: "shelf 7", powerDbm: 27 }],
      region: "eu",
      session: 1,
    });
    expect(created).toBe(201);
    const reader = await eventually("every read was counted and decided", async () => {
      const now = await readerOf(stack);
      const isHeard = world.isOver() && now.counts.reads >= module.stats().wholeRecords;
      return isHeard && now.counts.observations > 0 && now.counts.pending === 0 ? now : undefined;
    });
    expect(reader).toMatchObject({
      model: "M6e",
      firmware: "01.21.01.07 (2021-03-15)",
      region: "eu",
      session: 1,
      antennasConnected: { "1": false, "2": true },
    });
    expect(module.settings()).toMatchObject({ region: 8, session: 1, ports: [2] });
    await eventually("it was given less power", () => module.settings().powerCentiDbm <= 2_500);
    expect(reader.counts.reads).toBe(module.stats().wholeRecords);
    expect(reader.counts.malformed).toBeGreaterThan(0);
    const { body } = await stack.call("GET", `/sites/yard/items/${tag}`);
    expect(body as Item).toMatchObject({ place: "shelf 7", lastScan: { by: { reader: "shelf" } } });

    const { status: refused, body: problem } = await stack.call("PATCH", "/sites/yard/readers/shelf", {
      driver: "llrp",
      address: "192.0.2.1",
      region: "eu",
    });
    expect({ refused, code: (problem as { code: string }).code }).toEqual({
      refused: 400,
      code: "reader.settings",
    });
  } finally {
    await module.stop();
  }
});
