import { expect, test } from "vitest";
import { portionMax } from "./in-turns.ts";
import { Inbox } from "./json/inbox.ts";
import type { RecordingHost } from "./recording-host.ts";
import { runDriver } from "./test-driver.ts";
import { zebraDriver } from "./zebra.ts";

const nested = (depth: number): unknown =>
  JSON.parse(`{"type":"error","data":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`);

test("an event that nests without end costs only itself", async () => {
  const inbox = new Inbox();
  const { host } = runDriver(zebraDriver, { address: "", inbox });
  const tag = { idHex: "E28011700001" };
  expect(await inbox.bring([nested(100_000), tag, nested(20)])).toEqual({
    taken: 2,
    malformed: 1,
    repeated: 0,
  });
  expect(host.reads.map(({ epc }) => epc)).toEqual([tag.idHex]);
});

/** Looks at each turn that others have how many reads were heard since the one before. */
const mostInATurn = ({ reads }: RecordingHost) => {
  let most = 0;
  let before = 0;
  let isOver = false;
  const look = (): void => {
    most = Math.max(most, reads.length - before);
    before = reads.length;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  return {
    most: () => Math.max(most, reads.length - before),
    [Symbol.dispose]: () => {
      isOver = true;
    },
  };
};

const tags = (count: number) =>
  Array.from({ length: count }, (_, index) => index.toString(16).toUpperCase().padStart(24, "0"));
const stamped = (idHex: string, index: number) => ({
  type: "SIMPLE",
  timestamp: new Date(1_790_000_000_000 + index).toISOString(),
  data: { idHex, eventNum: index },
});
const batchOf = (many: readonly string[]) => ({
  type: "dataEVT",
  timestamp: new Date(1_790_000_000_000).toISOString(),
  data: { tagData: many.map((idHex, eventNum) => ({ idHex, eventNum })) },
});

test.each([
  { what: "ten thousand events", events: tags(10_000).map(stamped), heard: tags(10_000) },
  { what: "one event of a thousand tags", events: [batchOf(tags(1_000))], heard: tags(1_000) },
])(
  "$what leave the other readers their turns, and are heard once and in order",
  async ({ events, heard }) => {
    const inbox = new Inbox();
    const { host } = runDriver(zebraDriver, { address: "", inbox });
    using others = mostInATurn(host);
    expect(await inbox.bring(events)).toEqual({ taken: events.length, malformed: 0, repeated: 0 });
    expect(others.most()).toBeLessThanOrEqual(portionMax);
    expect(host.reads.map(({ epc }) => epc)).toEqual(heard);
    expect(await inbox.bring(events)).toEqual({ taken: 0, malformed: 0, repeated: events.length });
  },
);

test("a reader that is stopped while it is heard answers nothing, and what it sends again is heard to its end", async () => {
  const inbox = new Inbox();
  const first = runDriver(zebraDriver, { address: "", inbox });
  const events = [...tags(1_000).map(stamped), batchOf(tags(1_000))];
  const bringing = inbox.bring(events);
  await first.host.when(({ reads }) => reads.length > 0);
  first.abort();
  await expect(bringing).rejects.toMatchObject({ code: "reader.deaf" });
  const before = new Set(first.host.reads.map(({ epc }) => epc)).size;
  expect(before).toBeLessThan(1_000);
  const second = runDriver(zebraDriver, { address: "", inbox });
  const { taken, repeated } = await inbox.bring(events);
  expect(taken + repeated).toBe(events.length);
  expect(repeated).toBeGreaterThan(0);
  const again = second.host.reads.length;
  expect(first.host.reads.length + again).toBe(2_000);
});
