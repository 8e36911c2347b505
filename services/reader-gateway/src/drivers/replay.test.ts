import { expect, test } from "vitest";
import { Inbox } from "./json/inbox.ts";
import { replayDriver } from "./replay.ts";
import { runDriver, warningsOf } from "./test-driver.ts";

const epc = "30395DFA8109A98000000001";
const read = { epc, antenna: 3, rssiDbm: -61.5, count: 4 };

const listen = async () => {
  const inbox = new Inbox();
  const driven = runDriver(replayDriver, { address: "", inbox });
  await driven.host.when(({ phases }) => phases.at(-1) === "inventory");
  return { inbox, ...driven };
};

test("frames, garbage and light barriers are told one by one, as old as they are said to be", async () => {
  const { inbox, host } = await listen();
  const before = Date.now();
  const became = await inbox.bring([
    { run: "a", n: 1, reads: [{ ...read, ageMs: 2_000, tid: "E280" }] },
    { run: "a", n: 2, reads: [] },
    { run: "a", n: 3, malformed: "no frame", bytes: "0102" },
    { run: "a", n: 4, input: { port: 2, ageMs: 0 } },
  ]);
  expect(became).toEqual({ taken: 4, malformed: 0, repeated: 0 });
  expect(host.frames()).toBe(2);
  expect(host.reads).toEqual([{ ...read, tid: "E280", heardAtMs: expect.any(Number) }]);
  const [heard] = host.reads;
  expect(heard?.heardAtMs).toBeGreaterThanOrEqual(before - 2_000);
  expect(heard?.heardAtMs).toBeLessThanOrEqual(Date.now() - 2_000);
  expect(host.malformedReasons).toEqual(["no frame"]);
  expect(host.notices).toMatchObject([{ kind: "input", port: 2 }]);
});

test("an event that is sent again counts once, and the same frame of another run is another", async () => {
  const { inbox, host } = await listen();
  const event = { run: "a", n: 1, reads: [{ ...read, ageMs: 0 }] };
  await inbox.bring([event]);
  expect(await inbox.bring([event, { ...event, n: 2 }])).toEqual({ taken: 1, malformed: 0, repeated: 1 });
  expect(await inbox.bring([{ ...event, run: "b" }])).toMatchObject({ taken: 1 });
  expect(host.frames()).toBe(3);
});

test.each([
  { what: "nothing", event: null },
  { what: "a tag of another family", event: { epc, antenna: 1 } },
  { what: "no number", event: { run: "a", reads: [] } },
  { what: "a read from the future", event: { run: "a", n: 1, reads: [{ ...read, ageMs: -5 }] } },
  { what: "bytes that are no hex", event: { run: "a", n: 1, malformed: "x", bytes: "zz" } },
])("$what costs only itself", async ({ event }) => {
  const { inbox, host } = await listen();
  expect(await inbox.bring([event, { run: "a", n: 2, reads: [] }])).toEqual({
    taken: 1,
    malformed: 1,
    repeated: 0,
  });
  expect(host.malformedReasons).toHaveLength(1);
  expect(host.frames()).toBe(1);
});

test("a tag that can be none is warned of, as when it was recorded", async () => {
  const { inbox, host } = await listen();
  await inbox.bring([{ run: "a", n: 1, reads: [{ ...read, epc: "", ageMs: 0 }] }]);
  expect(warningsOf(host)).toMatchObject([{ code: "tag_blank" }]);
});
