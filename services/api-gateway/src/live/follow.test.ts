import { expect, test } from "vitest";
import type { Channel } from "./channel.ts";
import { follow } from "./follow.ts";
import type { Following } from "./following.ts";

/** A view that is always readable and never changes. `live` is called whenever a subscription goes live. */
const quietFollowing = (live: () => void) => {
  const seen = { snapshots: 0, resets: 0 };
  const page = {
    known: true,
    epoch: 1,
    pos: 1,
    generation: undefined,
    parts: ["[]"],
    rowCount: 0,
    next: null,
  };
  const channel: Partial<Channel> = {
    head: () => page,
    covers: () => true,
    after: () => [],
    breaks: () => 0,
  };
  const following = {
    wanted: { id: "a", site: "north", view: "items", from: undefined },
    hub: { snapshotRowsMax: 1, snapshots: { page: async () => page }, observe: () => {} },
    channel,
    connection: {
      waitForRoom: async () => true,
      alone: (_signal: AbortSignal, work: () => Promise<unknown>) => work(),
      carry: () => {},
    },
    signal: new AbortController().signal,
    covered: () => 1,
    part: () => {
      seen.snapshots += 1;
    },
    settle: () => {},
    dropHeld: () => {},
    setLive: (now: boolean) => {
      if (now) live();
    },
    reset: () => {
      seen.resets += 1;
    },
  } as unknown as Following;
  return { seen, following };
};

// Whoever reads a snapshot or hears of a reconnect tells the others in a microtask: it may come between any two of ours.
test.each(Array.from({ length: 12 }, (_, microtasks) => microtasks))(
  "a gap that is told %i microtasks after going live is not missed",
  async (microtasks) => {
    let times = 0;
    const { seen, following } = quietFollowing(() => {
      times += 1;
      if (times > 1) return;
      let later = Promise.resolve();
      for (let count = 0; count < microtasks; count += 1) later = later.then(() => {});
      void later.then(() => loop.heal());
    });
    const loop = follow(following);
    loop.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual({ snapshots: 2, resets: 0 });
  },
);
