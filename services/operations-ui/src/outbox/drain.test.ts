import type { Receipt } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Answer, Refusal } from "../api/http.ts";
import type { Command } from "./command.ts";
import { type DrainEnd, type DrainMemory, drain, triesMax } from "./drain.ts";
import { firstPace } from "./pace.ts";

/* A queue in memory, drained again and again into a server that is scripted, until nothing is left or nothing changes. */

const commandOf = (order: number, more: Partial<Command> = {}): Command => ({
  ...{
    v: 1,
    id: `c${order}`,
    order,
    seq: order,
    deviceId: "d",
    incarnation: "i",
    type: "scan",
    site: "yard",
  },
  payload: { id: `c${order}`, tag: `T${order}`, type: "touch", scannedAt: "2026-03-01T10:00:00Z" },
  ...{ capturedBy: "ann", capturedAtMs: order, monoMs: order, clockOffsetMs: 0, state: "queued", tries: 0 },
  ...more,
});
const commands = (count: number) => Array.from({ length: count }, (_, at) => commandOf(at + 1));

type Script = (sent: readonly Command[], request: number) => Answer<readonly Receipt[]>;
const receiptsOf = (
  sent: readonly Command[],
  outcome: Receipt["outcome"] = "accepted",
): Answer<Receipt[]> => ({
  kind: "ok",
  value: sent.map(({ id }) => ({ id, outcome, replayed: false })),
});
const refused = (change: Partial<Refusal>): Answer<Receipt[]> => ({
  kind: "refused",
  refusal: { status: 500, code: "internal", message: "No.", retryable: true, ...change },
});
const lost = refused({ status: 0, code: "unreachable" });

const stand = (queue: readonly Command[], script: Script) => {
  const stored = new Map(queue.map((command) => [command.id, command]));
  const sent: string[][] = [];
  const memory: DrainMemory = { pace: firstPace };
  const world = {
    next: async (limit: number, aside: string | undefined) =>
      [...stored.values()].filter(({ id, state }) => state === "queued" && id !== aside).slice(0, limit),
    post: async (batch: readonly Command[]) => {
      sent.push(batch.map(({ id }) => id));
      return script(batch, sent.length);
    },
    keep: async (kept: readonly Command[]) => {
      for (const command of kept) stored.set(command.id, command);
    },
    nowMs: () => 0,
    random: () => 0,
  };
  const run = async (drains = 1): Promise<DrainEnd[]> => {
    const ends: DrainEnd[] = [];
    for (let turn = 0; turn < drains && ends.at(-1)?.kind !== "empty"; turn += 1)
      ends.push(await drain(world, memory));
    return ends;
  };
  const states = () => Object.groupBy([...stored.values()], ({ state }) => state);
  return { run, sent, stored, states };
};

test("all is sent oldest first, one request after the other, until nothing is left", async () => {
  const { run, sent, states } = stand(commands(60), (batch) => receiptsOf(batch));
  expect(await run()).toEqual([{ kind: "empty" }]);
  expect(sent.flat()).toEqual(commands(60).map(({ id }) => id));
  expect(sent.length).toBeLessThan(4);
  expect(states().done).toHaveLength(60);
});

test("a refusal on record is stored with its receipt, and waits for a person", async () => {
  const { run, stored } = stand([commandOf(1)], (batch) => receiptsOf(batch, "rejected"));
  await run();
  expect(stored.get("c1")).toMatchObject({ state: "attention", receipt: { outcome: "rejected" } });
});

test("a network that is lost for ever parks nothing, and pauses grow", async () => {
  const { run, states } = stand(commands(3), () => lost);
  const ends = await run(30);
  expect(states().queued).toHaveLength(3);
  expect(ends.map((end) => (end.kind === "later" ? end.delayMs : 0)).slice(0, 4)).toEqual([
    250, 500, 1_000, 2_000,
  ]);
});

test.each([
  { what: "401", answer: { kind: "signed_out" } as const },
  { what: "403", answer: refused({ status: 403, code: "forbidden", retryable: false }) },
])("$what stops the drain, and loses nothing", async ({ answer }) => {
  const { run, states, sent } = stand(commands(3), () => answer);
  expect((await run())[0]?.kind).toBe("needs_auth");
  expect([sent.length, states().queued?.length]).toEqual([1, 3]);
});

test("a busy server is left alone for as long as it asks, and nothing is held against a scan", async () => {
  const { run, stored } = stand([commandOf(1)], () =>
    refused({ status: 503, code: "unavailable", retryAfterMs: 30_000 }),
  );
  expect(await run()).toEqual([{ kind: "later", delayMs: 30_000 }]);
  expect(stored.get("c1")).toMatchObject({ state: "queued", tries: 0 });
});

test("a scan that the server cannot read does not take its neighbours along", async () => {
  const { run, states } = stand(commands(40), (batch) =>
    batch.some(({ id }) => id === "c17")
      ? refused({ status: 400, code: "malformed", retryable: false })
      : receiptsOf(batch),
  );
  await run(5);
  expect(states().attention).toMatchObject([{ id: "c17", trouble: { code: "malformed" } }]);
  expect(states().done).toHaveLength(39);
});

test.each([
  { what: "is never answered", answer: refused({ status: 0, code: "timeout" }) },
  { what: "makes the server fail", answer: refused({}) },
])("a scan that $what waits for a person once its neighbour got through", async ({ answer }) => {
  const { run, states } = stand(commands(30), (batch) =>
    batch.some(({ id }) => id === "c5") ? answer : receiptsOf(batch),
  );
  await run(triesMax * 4);
  expect(states().attention?.map(({ id }) => id)).toEqual(["c5"]);
  expect(states().done).toHaveLength(29);
});

test.each(Array.from({ length: 12 }, (_, more) => 50 + more))(
  "a server that is ill for all of them for %i requests parks none, and takes all of them when it is well",
  async (ill) => {
    const { run, sent, states } = stand(commands(4), (batch, request) =>
      request > ill ? receiptsOf(batch) : refused({ status: 504, code: "outcome_unknown" }),
    );
    await run(100);
    expect(states().done).toHaveLength(4);
    // The one that was passed over is at most one behind.
    const order = [...new Set(sent.slice(ill).flat())];
    expect([order.slice().sort(), order.indexOf("c1") <= 1]).toEqual([["c1", "c2", "c3", "c4"], true]);
  },
);

test("an answer that speaks of none of them is no reason to ask in a tight loop", async () => {
  const { run, sent } = stand(commands(2), () => ({ kind: "ok", value: [] }));
  expect((await run())[0]?.kind).toBe("later");
  expect(sent).toHaveLength(1);
});

test("of an answer that leaves one out the others are stored, and that one is asked for again", async () => {
  const { run, states, sent } = stand(commands(3), (batch, request) =>
    receiptsOf(request === 1 ? batch.filter(({ id }) => id !== "c2") : batch),
  );
  await run();
  expect(sent).toEqual([["c1", "c2", "c3"], ["c2"]]);
  expect(states().done).toHaveLength(3);
});
