import type { LiveFrame } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { deadAfterMs, freshness, staleAfterMs } from "./freshness.ts";
import { ackEveryFrames, lingerMs, tooLargeRetryMs } from "./live.ts";
import { scriptedGateway } from "./scripted-gateway.ts";

const watched = { site: "north", view: "items" } as const;
const snap = (id: string, pos = 5): LiveFrame => ({
  op: "snap",
  id,
  epoch: 1,
  pos,
  part: 1,
  last: true,
  rows: [{ key: "A", version: 1, status: "ready" }],
});
const delta = (id: string, prev: number, pos: number, version = pos): LiveFrame => ({
  op: "delta",
  id,
  epoch: 1,
  prev,
  pos,
  at: "2026-03-01T10:00:00Z",
  changes: [{ key: "A", version, put: { status: `s${pos}` } }],
});

/** A client that watches one view, whose first snapshot has arrived. */
const following = () => {
  const gateway = scriptedGateway();
  const renders = { count: 0 };
  const view = () => gateway.live.view(watched);
  const stop = view().subscribe(() => {
    renders.count += 1;
  });
  gateway.open();
  const wireId = () => String(gateway.said("sub").at(-1)?.id);
  gateway.say(snap(wireId()));
  gateway.pass(0);
  return { ...gateway, view, wireId, renders, stop };
};

test("a view is subscribed once the socket is open, and holds what the snapshot says", () => {
  const { said, view } = following();
  expect(said("sub")).toEqual([{ op: "sub", id: expect.any(String), site: "north", view: "items" }]);
  expect(view().get().rows.get("A")?.status).toBe("ready");
  expect(view().get()).toMatchObject({ whole: true, following: true, pos: 5 });
});

test("two hundred changes between two frames are one render", () => {
  const { say, pass, renders, wireId, view } = following();
  const before = renders.count;
  const id = wireId();
  say(...Array.from({ length: 200 }, (_, index) => delta(id, 5 + index, 6 + index)));
  pass(0);
  expect(renders.count).toBe(before + 1);
  expect(view().get().pos).toBe(205);
});

test("a hole makes the client resume from what it holds; late frames of the old subscription are ignored", () => {
  const { say, pass, said, wireId, view } = following();
  const old = wireId();
  say(delta(old, 7, 8));
  pass(1);
  expect(said("unsub")).toEqual([{ op: "unsub", id: old }]);
  expect(said("sub").at(-1)).toMatchObject({ from: "1:5" });
  expect(wireId()).not.toBe(old);
  say(delta(old, 5, 6));
  pass(0);
  expect(view().get().pos).toBe(5);
  say(delta(wireId(), 5, 8));
  pass(0);
  expect(view().get()).toMatchObject({ pos: 8, following: true });
});

test("holes one after the other are not asked for in a tight loop", () => {
  const { say, pass, said, wireId } = following();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    say(delta(wireId(), 90, 91));
    pass(1);
  }
  expect(said("sub").length).toBeLessThan(4);
});

test("after a lost connection the client comes back with its position, later each time", () => {
  const { cut, pass, open, said, sockets, live, view } = following();
  cut();
  expect(live.link.get()).toMatchObject({ phase: "reconnecting" });
  expect(sockets).toHaveLength(1);
  pass(400);
  expect(sockets).toHaveLength(2);
  cut();
  pass(400);
  expect(sockets).toHaveLength(2);
  pass(400);
  expect(sockets).toHaveLength(3);
  open();
  expect(said("sub")).toEqual([
    { op: "sub", id: expect.any(String), site: "north", view: "items", from: "1:5" },
  ]);
  expect(view().get().rows.get("A")?.status).toBe("ready");
  expect(live.link.get()).toMatchObject({ phase: "open", attempt: 0 });
});

test("silence makes figures stale, and then the socket is given up though nothing closed it", () => {
  const { pass, sockets, live, view, nowMs } = following();
  const state = () => freshness(live.link.get(), view().get(), nowMs()).state;
  pass(staleAfterMs - 1_000);
  expect(state()).toBe("live");
  pass(1_001);
  expect(state()).toBe("stale");
  pass(deadAfterMs - staleAfterMs + 1_000);
  expect(sockets[0]?.closed).toBe(true);
  expect(state()).toBe("reconnecting");
});

test("a tick alone keeps idle figures fresh, and tells the server's clock", () => {
  const { pass, say, live, view, nowMs } = following();
  for (let beat = 0; beat < 6; beat += 1) {
    pass(10_000);
    say({ op: "tick", now: new Date(nowMs() + 3_000).toISOString(), heads: { north: "1:5" } });
  }
  pass(0);
  expect(freshness(live.link.get(), view().get(), nowMs()).state).toBe("live");
  expect(live.link.get().clockOffsetMs).toBe(3_000);
});

test("what time alone changes is another with the next tick, by the server's clock, and wakes who listens", () => {
  const { pass, say, wireId, view, nowMs, renders } = following();
  const at = (ms: number) => new Date(nowMs() + ms).toISOString();
  const row = { key: "lag", version: 6, samples: 3, validUntil: at(20_000), later: [{ samples: 0 }] };
  const gone = { key: "minute", version: 6, scans: 1, validUntil: at(40_000) };
  say({ ...snap(wireId(), 6), rows: [row, gone] } as LiveFrame);
  pass(0);
  const shown = () => [...view().get().rows.values()];
  const before = renders.count;
  // Our own clock is ten seconds behind.
  say({ op: "tick", now: at(19_999), heads: {} });
  pass(0);
  expect([shown(), renders.count]).toEqual([[row, gone], before]);
  say({ op: "tick", now: at(20_000), heads: {} });
  pass(0);
  expect(shown()).toEqual([{ key: "lag", version: 6, samples: 0 }, gone]);
  say({ op: "tick", now: at(40_000), heads: {} });
  pass(0);
  expect(shown()).toEqual([{ key: "lag", version: 6, samples: 0 }]);
  expect(renders.count).toBeGreaterThan(before + 1);
});

test("a view that is not followed is not called live, although others are heard", () => {
  const { say, pass, wireId, live, view, nowMs } = following();
  say({ op: "reset", id: wireId(), reason: "slow", retryMs: 60_000 });
  for (let beat = 0; beat < 3; beat += 1) {
    pass(7_000);
    say({ op: "tick", now: new Date(nowMs()).toISOString(), heads: {} });
  }
  pass(0);
  expect(freshness(live.link.get(), view().get(), nowMs())).toEqual({ state: "stale", ageMs: 21_000 });
});

test("what the server cannot prove to be whole is stale since it last could, and the worst of all speaks for the page", () => {
  const gateway = scriptedGateway();
  const dashboard = gateway.live.view({ site: "north", view: "dashboard" });
  const readers = gateway.live.view({ site: "north", view: "readers" });
  dashboard.subscribe(() => {});
  readers.subscribe(() => {});
  gateway.open();
  const [first = "", second = ""] = gateway.said("sub").map(({ id }) => String(id));
  expect(gateway.live.worst()).toEqual({ waits: true, behindSinceMs: undefined });
  gateway.say(snap(first), snap(second));
  const states = () => {
    gateway.pass(0);
    return [dashboard, readers].map((view) =>
      freshness(gateway.live.link.get(), view.get(), gateway.nowMs()),
    );
  };
  const tick = (stale?: Record<string, string>): void => {
    gateway.pass(1_000);
    // The server's clock is its own.
    gateway.say({ op: "tick", now: "2026-03-01T10:00:20Z", heads: {}, ...(stale && { stale }) });
  };
  tick();
  expect(states().map(({ state }) => state)).toEqual(["live", "live"]);
  expect(gateway.live.worst()).toEqual({ waits: false, behindSinceMs: undefined });
  tick({ [first]: "2026-03-01T10:00:15Z" });
  expect(states()).toEqual([
    { state: "stale", ageMs: 5_000 },
    { state: "live", ageMs: 0 },
  ]);
  expect(gateway.live.worst().behindSinceMs).toBe(gateway.nowMs() - 5_000);
  // A frame that comes proves that the line is alive, not that nothing is missing.
  gateway.say(delta(first, 5, 9));
  gateway.pass(3_000);
  expect(states()[0]).toEqual({ state: "stale", ageMs: 8_000 });
  tick();
  expect(states().map(({ state }) => state)).toEqual(["live", "live"]);
  expect(gateway.live.worst().behindSinceMs).toBeUndefined();
});

describe("a reset", () => {
  test.each([
    { reason: "epoch", from: undefined },
    { reason: "too_old", from: undefined },
    { reason: "slow", from: "1:5" },
    { reason: "gap", from: "1:5" },
  ] as const)("for $reason subscribes again after the wait, from $from", ({ reason, from }) => {
    const { say, pass, said, wireId } = following();
    say({ op: "reset", id: wireId(), reason, retryMs: 1_000 });
    pass(1_200);
    expect(said("sub")).toHaveLength(1);
    pass(100);
    expect(said("sub")).toHaveLength(2);
    expect(said("sub").at(-1)?.from).toBe(from);
  });

  test("keeps showing the old rows until the new ones are whole", () => {
    const { say, pass, view, wireId } = following();
    say({ op: "reset", id: wireId(), reason: "epoch", retryMs: 0 });
    pass(1);
    expect(view().get().rows.has("A")).toBe(true);
    expect(view().get().following).toBe(false);
    say({ ...snap(wireId(), 1), epoch: 2, rows: [{ key: "B", version: 1 }] } as LiveFrame);
    pass(0);
    expect([...view().get().rows.keys()]).toEqual(["B"]);
    expect(view().get()).toMatchObject({ epoch: 2, following: true });
  });
});

test("an error is shown, and asked again later", () => {
  const { say, pass, said, view, wireId } = following();
  say({ op: "error", id: wireId(), code: "unavailable", message: "Not now." });
  pass(1);
  expect(view().get().fault).toEqual({ code: "unavailable", message: "Not now." });
  pass(2_000);
  expect(said("sub")).toHaveLength(2);
});

test("a session that has ended is not knocked at again and again", async () => {
  const { live, pass, sockets, signOut, cut } = following();
  signOut();
  cut();
  pass(500);
  cut();
  await Promise.resolve();
  await Promise.resolve();
  expect(live.link.get().phase).toBe("signed_out");
  pass(60_000);
  expect(sockets).toHaveLength(2);
});

test("frames are acknowledged by number and by time, each position once", () => {
  const { say, pass, said, wireId } = following();
  const id = wireId();
  const first = said("ack").length;
  say(...Array.from({ length: ackEveryFrames }, (_, index) => delta(id, 5 + index, 6 + index)));
  expect(said("ack").slice(first)).toEqual([{ op: "ack", id, pos: 5 + ackEveryFrames, agoMs: 0 }]);
  pass(1_500);
  say(delta(id, 205, 206));
  expect(said("ack").at(-1)).toEqual({ op: "ack", id, pos: 206, agoMs: 0 });
  // What came within a second of that waits, and says for how long it was shown when its turn comes.
  say(delta(id, 206, 207));
  pass(700);
  say({ op: "tick", now: "2026-03-01T10:00:00Z", heads: {} });
  expect(said("ack").at(-1)).toEqual({ op: "ack", id, pos: 207, agoMs: 700 });
  expect(said("ack").filter(({ pos }) => pos === 206)).toHaveLength(1);
});

test("a view nobody looks at is given up after a while, not at once", () => {
  const { stop, pass, said, say, nowMs, wireId } = following();
  const id = wireId();
  stop();
  for (let spent = 0; spent < lingerMs - 10_000; spent += 10_000) {
    pass(10_000);
    say({ op: "tick", now: new Date(nowMs()).toISOString(), heads: {} });
  }
  expect(said("unsub")).toEqual([]);
  pass(10_001);
  expect(said("unsub")).toEqual([{ op: "unsub", id }]);
});

test("what is not of the protocol is passed over", () => {
  const { sockets, pass, view } = following();
  for (const data of ["", "{", "null", "[]", '{"op":"future"}', new ArrayBuffer(2)]) {
    sockets[0]?.onmessage?.({ data });
  }
  pass(0);
  expect(view().get().pos).toBe(5);
});

test("who resumes names the generation of what it holds", () => {
  const { say, pass, open, cut, said, wireId } = following();
  say({ ...snap(wireId(), 3), generation: "second" } as LiveFrame);
  say(delta(wireId(), 3, 4));
  pass(0);
  cut();
  pass(20_000);
  open();
  expect(said("sub").at(-1)).toMatchObject({ from: "1:4", generation: "second" });
});

test("a snapshot of many parts is shown when it is whole, and again from its first part when the server begins anew", () => {
  const { say, pass, wireId, view } = following();
  const part = (number: number, last: boolean, pos: number): LiveFrame => ({
    ...(snap(wireId(), pos) as Extract<LiveFrame, { op: "snap" }>),
    part: number,
    last,
    rows: [{ key: `${pos}.${number}`, version: pos }],
  });
  for (let number = 1; number <= 60; number += 1) say(part(number, false, 7));
  pass(0);
  expect(view().get()).toMatchObject({ pos: 5 });
  for (let number = 1; number <= 60; number += 1) say(part(number, number === 60, 8));
  pass(0);
  expect(view().get()).toMatchObject({ pos: 8 });
  expect([...view().get().rows.keys()]).toEqual(Array.from({ length: 60 }, (_, index) => `8.${index + 1}`));
});

test("an overloaded gateway is left alone as long as it asks for, and gone on with", () => {
  const { say, pass, said, wireId } = following();
  const before = said("sub").length;
  say({ op: "reset", id: wireId(), reason: "overloaded", retryMs: 4_000 });
  pass(3_999);
  expect(said("sub")).toHaveLength(before);
  pass(2_001);
  expect(said("sub").at(-1)).toMatchObject({ from: "1:5" });
});

test("a view that is too large says so, and is not asked for again and again", () => {
  const { say, pass, said, wireId, view } = following();
  const before = said("sub").length;
  say({ op: "error", id: wireId(), code: "too_large", message: "more than 250000 rows" });
  for (let waitedMs = 0; waitedMs < tooLargeRetryMs - 60_000; waitedMs += 1_000) {
    say({ op: "tick", now: "2026-03-01T10:00:00Z", heads: {} });
    pass(1_000);
  }
  expect(view().get().fault).toMatchObject({ code: "too_large" });
  expect(said("sub")).toHaveLength(before);
});
