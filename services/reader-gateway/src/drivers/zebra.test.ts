import { startPushingReader, type TagSource } from "@tagwire/emulators";
import { expect, test } from "vitest";
import { Inbox } from "./json/inbox.ts";
import { during, hasHeard, inputsTold, runDriver, warningsOf } from "./test-driver.ts";
import { zebraDriver } from "./zebra.ts";

const tags = [
  { epc: "330DE29525C0210005F5F8F2", rssiDbm: -43 },
  { epc: "00112233445566778899AABBCCDDEEFF", rssiDbm: -64 },
];
const world: TagSource = { sees: () => tags };

const listen = async (antenna = 1, inputs: readonly number[] = []) => {
  const inbox = new Inbox();
  const driven = runDriver(zebraDriver, { address: "", inbox, antennas: [{ port: antenna }], inputs });
  await driven.host.when(({ phases }) => phases.at(-1) === "inventory");
  return { inbox, ...driven };
};

test.each([
  { what: "with all metadata", zebra: {} },
  { what: "with nothing but the EPC", zebra: { bare: true, type: "CUSTOM" } },
  { what: "without the envelope", zebra: { unwrapped: true } },
])("tags $what are heard, and the heartbeat with its antennas", async ({ zebra }) => {
  const { inbox, host } = await listen(2);
  const carry = async (body: string): Promise<void> => {
    const said: unknown = JSON.parse(body);
    await inbox.bring(Array.isArray(said) ? said : [said]);
  };
  await during(
    Promise.resolve(startPushingReader({ make: "zebra", world, antennas: [2], carry, zebra, roundMs: 2 })),
  );
  await host.when(hasHeard(tags));
  expect(new Set(host.reads.map(({ antenna }) => antenna))).toEqual(new Set([2]));
  expect(host.notices).toContainEqual({ kind: "antenna", antenna: 2, connected: true });
  expect(host.malformedReasons).toEqual([]);
});

test("an input that is broken is told once, however often it is sent, and one that nobody listens to is not", async () => {
  const { inbox, host } = await listen(1, [2]);
  let carried = 0;
  const carry = async (body: string): Promise<void> => {
    const said: unknown = JSON.parse(body);
    await inbox.bring(Array.isArray(said) ? said : [said]);
    carried += 1;
    if (carried % 2 === 0) throw new Error("the answer was lost");
  };
  const pushing = startPushingReader({ make: "zebra", world, antennas: [1], carry, roundMs: 2, retryMs: 1 });
  const beforeMs = Date.now();
  for (const port of [1, 2, 2]) pushing.breakInput(port);
  await host.when((one) => inputsTold(one).length >= 2);
  const soFar = host.reads.length;
  await host.when(({ reads }) => reads.length > soFar + 20);
  await pushing.stop();
  expect(pushing.retries()).toBeGreaterThan(0);
  expect(inputsTold(host).map(({ port }) => port)).toEqual([2, 2]);
  for (const { atMs } of inputsTold(host)) expect(Math.abs(atMs - beforeMs)).toBeLessThan(1_000);
});

test("what was not acknowledged comes again and is heard once", async () => {
  const { inbox, host } = await listen();
  let carried = 0;
  const carry = async (body: string): Promise<void> => {
    const said: unknown = JSON.parse(body);
    await inbox.bring(Array.isArray(said) ? said : [said]);
    carried += 1;
    if (carried % 2 === 0) throw new Error("the answer was lost");
  };
  const pushing = startPushingReader({ make: "zebra", world, antennas: [1], carry, roundMs: 1, retryMs: 1 });
  await host.when(({ reads }) => reads.length >= 20);
  await pushing.stop();
  expect(pushing.retries()).toBeGreaterThan(0);
  const unacknowledged = host.reads.length - pushing.acknowledged();
  expect(unacknowledged).toBeGreaterThanOrEqual(0);
  expect(unacknowledged).toBeLessThanOrEqual(tags.length);
});

test("sorts of events that nobody knows are told once each, and not without end", async () => {
  const { inbox, host } = await listen();
  const events = Array.from({ length: 100 }, (_, index) => ({ type: `sort-${index % 50}`, data: {} }));
  expect(await inbox.bring(events)).toEqual({ taken: 100, malformed: 0, repeated: 0 });
  expect(warningsOf(host)).toHaveLength(20);
});

test("a clock that is years off costs no read its time", async () => {
  const { inbox, host } = await listen();
  const startedMs = Date.now();
  const event = (second: number) => ({
    type: "SIMPLE",
    timestamp: `1999-01-01T00:00:0${second}.000+0000`,
    data: { idHex: "AABBCCDD", eventNum: second },
  });
  await inbox.bring([event(1)]);
  await inbox.bring([event(2)]);
  for (const { heardAtMs } of host.reads) expect(heardAtMs).toBeGreaterThanOrEqual(startedMs - 5 * 60_000);
  expect(host.reads).toHaveLength(2);
});
