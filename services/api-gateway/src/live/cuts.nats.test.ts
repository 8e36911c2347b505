import { type LiveView, liveViewOf, liveViews, normaliseTag } from "@tagwire/messages";
import { eventually, holdRows, openCable } from "@tagwire/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import type { Pace } from "./pace.ts";
import { type LiveClient, type Owner, openLive, ownView } from "./test-live.ts";

/*
 * Sockets are cut again and again while much happens, and the gateway gathers now less, now more, as one that is busy. The views are the
 * tests' own here, so that they can be quiet, begin anew or lose a word; `deploy/acceptance/live-cuts.test.ts` does it with the real ones.
 */

const cutsMin = 60;
const eventsCount = 3_000;
/** Between two looks of the clients at what has come. */
const burst = 25;
/** Less than a ring, so that who comes back finds all that it missed. */
const aheadMax = 600;

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let sites = 0;
/** Numbers that look random and are the same each time. */
const seeded = (seed: number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};
const busyness = seeded(3);
/** Whoever comes back mostly finds something gathered of which it has a part. */
const pace: Pace = {
  spend: () => {},
  restMs: ({ most }) => (busyness() < 0.3 ? 0 : most * busyness()),
};

beforeAll(async () => {
  gateway = stack.use(await testGateway({}, { pace }));
});
afterAll(() => stack.disposeAsync());

/** A client that is cut now and then, and comes back with the position that it has. */
const openFollower = async (site: string, view: LiveView, filter?: Record<string, string>) => {
  const { held, receive } = holdRows();
  const seen: string[] = [];
  const cable = await openCable(gateway.url);
  let client: LiveClient = await openLive(cable.url);
  let read = 0;
  let resets = 0;
  let frames = 0;
  const sub = () => {
    const { generation } = held;
    const build = generation === undefined ? {} : { generation };
    const from = held.snapshots === 0 ? {} : { from: `${held.epoch}:${held.pos}`, ...build };
    client.send({ op: "sub", id: "a", site, view, ...(filter === undefined ? {} : { filter }), ...from });
  };
  const take = () => {
    for (; read < client.frames.length; read += 1) {
      const frame = client.frames[read];
      if (frame === undefined) continue;
      if (frame.op === "reset" || frame.op === "error") resets += 1;
      if (frame.op === "delta") {
        frames += 1;
        seen.push(...frame.changes.map(({ key }) => key));
      }
      receive(frame);
    }
  };
  sub();
  return {
    held,
    seen,
    take,
    resets: () => resets,
    frames: () => frames,
    cut: async () => {
      cable.cut();
      await client.closed;
      take();
      client = await openLive(cable.url);
      read = 0;
      sub();
    },
    close: async () => {
      await client.close();
      cable.close();
    },
  };
};
type Follower = Awaited<ReturnType<typeof openFollower>>;

/** Lets `commit` make every event while the followers are cut, and waits until all of them have all of it. */
const cutWhile = async (owner: Owner, followers: readonly Follower[], commit: (event: number) => void) => {
  const random = seeded(7);
  let cuts = 0;
  const isLevel = (behindMax: number) => () => {
    for (const one of followers) one.take();
    return followers.every(({ held }) => held.pos >= owner.position.pos - behindMax);
  };
  await eventually("the snapshots", () => {
    for (const one of followers) one.take();
    return followers.every(({ held }) => held.snapshots === 1);
  });
  const bursts = eventsCount / burst;
  for (let round = 0; round < bursts; round += 1) {
    for (let event = 0; event < burst; event += 1) commit(round * burst + event);
    // Cuts come before anything of the burst has arrived, in the middle of it, or after it.
    if (random() < 0.5) await gateway.bus.connection.flush();
    if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
    const isDue = cuts < (cutsMin * (round + 1)) / bursts;
    if (isDue) {
      const [whose] = followers.slice(Math.floor(random() * followers.length));
      await whose?.cut();
      cuts += 1;
    }
    await eventually("nobody is too far behind", isLevel(aheadMax));
  }
  await eventually("everything", isLevel(0));
  expect(cuts).toBeGreaterThanOrEqual(cutsMin);
  for (const one of followers) expect([one.held.snapshots, one.resets()]).toEqual([1, 0]);
};

const siteOf = () => {
  sites += 1;
  return `cut-${sites}`;
};
const rowsOf = (rows: Iterable<[string, unknown]>) =>
  [...rows].sort(([one], [other]) => (one < other ? -1 : 1));

const timeoutMs = 60_000;

test(
  "items: after 60 cuts in 3,000 events, with everything merged by key, a client holds what the owner holds",
  async () => {
    const site = siteOf();
    const owner = ownView(gateway.bus, "items", site, 50);
    const random = seeded(11);
    for (let key = 0; key < 150; key += 1) owner.commit({ key: `k${key}`, row: { round: -1 } });
    const followers = [await openFollower(site, "items"), await openFollower(site, "items")];
    await cutWhile(owner, followers, (event) => {
      const key = `k${Math.floor(random() * 200)}`;
      owner.say(owner.commit(random() < 0.2 ? { key } : { key, row: { event } }));
    });
    for (const one of followers) {
      expect(rowsOf(one.held.rows)).toEqual(rowsOf(owner.rows));
      expect(one.frames()).toBeLessThan(eventsCount);
    }
    await Promise.all([...followers.map((one) => one.close()), owner.stop()]);
  },
  timeoutMs,
);

test(
  "a filtered view: after 60 cuts in 3,000 events a client holds what of the owner's rows meets the filter",
  async () => {
    const site = siteOf();
    const owner = ownView(gateway.bus, "items", site, 50);
    const random = seeded(13);
    const statuses = ["ready", "wash", "on_rent", "repair"];
    const commit = () => {
      const key = normaliseTag(`e2${Math.floor(random() * 200)}`) ?? "";
      const row = { tag: key, status: statuses[Math.floor(random() * statuses.length)] };
      return owner.commit(random() < 0.1 ? { key } : { key, row });
    };
    for (let count = 0; count < 150; count += 1) commit();
    const followers = [
      await openFollower(site, "items", { status: "ready,wash" }),
      await openFollower(site, "items", { status: "ready,wash", q: "E21" }),
    ];
    // So that the last position is one that every filter lets through.
    await cutWhile(owner, followers, (event) => {
      if (event < eventsCount - 1) owner.say(commit());
      else owner.put("E21", { tag: "E21", status: "ready" });
    });
    const [ready, narrow] = followers;
    const wanted = [...owner.rows].filter(([, { status }]) => status === "ready" || status === "wash");
    expect(rowsOf(ready?.held.rows ?? [])).toEqual(rowsOf(wanted));
    expect(rowsOf(narrow?.held.rows ?? [])).toEqual(rowsOf(wanted.filter(([key]) => key.includes("E21"))));
    expect(wanted.length).toBeGreaterThan(20);
    await Promise.all([...followers.map((one) => one.close()), owner.stop()]);
  },
  timeoutMs,
);

test(
  "events: after 60 cuts in 3,000 events a client was told each of them once and in order, and of a filter those it asked for",
  async () => {
    const site = siteOf();
    const owner = ownView(gateway.bus, "events", site);
    const followers = [
      await openFollower(site, "events"),
      await openFollower(site, "events", { contract: "C-1" }),
    ];
    const contractOf = (event: number) => (event % 3 === 0 ? "C-1" : "C-2");
    await cutWhile(owner, followers, (event) => {
      owner.put(`1:${event + 1}`, { tag: "A1", contract: contractOf(event) });
    });
    const all = Array.from({ length: eventsCount }, (_, event) => event);
    const [every, some] = followers;
    expect(every?.seen).toEqual(all.map((event) => `1:${event + 1}`));
    expect(some?.seen).toEqual(
      all.filter((event) => contractOf(event) === "C-1").map((event) => `1:${event + 1}`),
    );
    // Many in one frame where they come faster than frames do; on a slow machine each may have its own.
    expect(every?.frames()).toBeLessThanOrEqual(eventsCount);
    await Promise.all([...followers.map((one) => one.close()), owner.stop()]);
  },
  timeoutMs,
);

/* A view is quieter than its site: most of what happens there does not concern it, so its snapshots are of later positions than
 * the last that was said of it. Only the events are told of every position, and what counts its own has no other. */
const isQuieter = (view: LiveView) => view !== "events" && liveViewOf(view).clock === "site";
const quietRounds = 40;

test.each(liveViews)(
  "%s: whoever is cut with a snapshot or a delta in hand goes on from there, however far the site has run ahead of the view",
  async (view) => {
    const site = siteOf();
    const owner = ownView(gateway.bus, view, site);
    onTestFinished(() => owner.stop());
    if (liveViewOf(view).clock === "site") owner.position.generation = "first";
    const random = seeded(17);
    const put = () => {
      // The key of an event is its position.
      const key = view === "events" ? `1:${owner.position.pos + 1}` : `k${Math.floor(random() * 40)}`;
      owner.put(key, { id: key, round: owner.position.pos });
    };
    for (let count = 0; count < 30; count += 1)
      owner.commit({ key: `k${count}`, row: { id: `k${count}`, round: -1 } });
    const followers: Follower[] = [];
    const level = () =>
      eventually("what was said last", () => {
        for (const one of followers) one.take();
        return followers.every(({ held }) => held.pos >= owner.position.pos);
      });
    for (let round = 0; round < quietRounds; round += 1) {
      if (isQuieter(view)) owner.pass(1 + Math.floor(random() * 9));
      if (round % 10 === 0) {
        const newcomer = await openFollower(site, view);
        followers.push(newcomer);
        await eventually("a snapshot", () => {
          newcomer.take();
          return newcomer.held.snapshots === 1;
        });
        expect(newcomer.held.pos).toBe(owner.position.pos);
        await newcomer.cut();
      }
      if (random() < 0.5) put();
      for (const one of followers) if (random() < 0.2) await one.cut();
      if (random() < 0.3) {
        put();
        await level();
      }
    }
    put();
    await level();
    for (const one of followers) {
      expect([one.held.snapshots, one.resets()]).toEqual([1, 0]);
      if (view !== "events") expect(rowsOf(one.held.rows)).toEqual(rowsOf(owner.rows));
    }
    await Promise.all(followers.map((one) => one.close()));
  },
  timeoutMs,
);

test("a position that the rows before had reached while nothing was said of them is not taken for one of the new ones", async () => {
  const site = siteOf();
  const owner = ownView(gateway.bus, "queues", site);
  onTestFinished(() => owner.stop());
  owner.position.generation = "first";
  owner.put("1");
  owner.pass(9);
  const one = await openLive(gateway.url);
  one.send({ op: "sub", id: "a", site, view: "queues" });
  expect(await one.frame("snap")).toMatchObject({ pos: 10, generation: "first" });
  owner.rebuild("second");
  for (let count = 0; count < 12; count += 1) owner.put("1", { count });
  await eventually("the new rows", () => one.frames.some((frame) => "pos" in frame && frame.pos === 12));
  one.send({ op: "sub", id: "b", site, view: "queues", from: "1:10" });
  expect(await one.frame("reset")).toMatchObject({ id: "b", reason: "too_old" });
  await one.close();
});

test(
  "who is cut while words are lost, too, ends up with the owner's rows all the same",
  async () => {
    const site = siteOf();
    const owner = ownView(gateway.bus, "items", site, 7);
    const { held, receive } = holdRows();
    let follower = await openLive(gateway.url);
    let seen = 0;
    let cuts = 0;
    const sub = (more: object = {}) => follower.send({ op: "sub", id: "a", site, view: "items", ...more });
    const take = () => {
      for (; seen < follower.frames.length; seen += 1) {
        const frame = follower.frames[seen];
        if (frame?.op === "reset") sub();
        else if (frame !== undefined) receive(frame);
      }
    };
    sub();
    for (let round = 0; round < 400; round += 1) {
      const key = String((round * 7_919) % 41);
      const delta = owner.commit(round % 5 === 4 ? { key } : { key, row: { round } });
      // Now and then a delta is never said.
      if (round % 61 !== 60) owner.say(delta);
      if (round % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      take();
      if (round % 20 !== 19) continue;
      await follower.close();
      take();
      cuts += 1;
      follower = await openLive(gateway.url);
      seen = 0;
      sub(held.snapshots === 0 ? {} : { from: `${held.epoch}:${held.pos}` });
    }
    owner.put("end");
    await eventually("everything", () => {
      take();
      return held.pos === owner.position.pos;
    });
    expect(cuts).toBe(20);
    expect(rowsOf(held.rows)).toEqual(rowsOf(owner.rows));
    await Promise.all([follower.close(), owner.stop()]);
  },
  timeoutMs,
);
