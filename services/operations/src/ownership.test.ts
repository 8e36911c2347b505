import { createTurns } from "@tagwire/actor";
import { Fault, type Position, partitionOf } from "@tagwire/messages";
import { quietLog } from "@tagwire/testing";
import { expect, test } from "vitest";
import { createOwnership } from "./ownership.ts";
import type { SiteHead } from "./store/sites.ts";
import type { SiteAnswer, SiteMessage } from "./turns.ts";

const headAt = (pos: number): SiteHead => ({ epoch: 1, pos, hash: "", recordedAtMs: 0 });
const acts: SiteMessage = { kind: "acts", acts: [] };
/** Two sites of one partition. */
const [north, south] = (() => {
  const names = Array.from({ length: 1_000 }, (_, index) => `site-${index}`);
  const [first = ""] = names;
  return [first, names.find((name) => name !== first && partitionOf(name) === partitionOf(first)) ?? ""];
})();
const partition = partitionOf(north);

/** Turns that run until they are let go, and what became of heads, the relay and the subscription. */
const testOwnership = (options: { sitesOf?: Parameters<typeof createOwnership>[0]["sitesOf"] } = {}) => {
  const heads = new Map<string, SiteHead>();
  const relayed: [string, number][] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const turns = createTurns<SiteMessage, SiteAnswer>({
    weightOf: () => 1,
    take: async (site, batch) => {
      const gate = Promise.withResolvers<void>();
      gates.set(site, gate);
      await gate.promise;
      return batch.map(() => ({ answers: [] }));
    },
  });
  let heard = 0;
  const ownership = createOwnership({
    turns: {
      ...turns,
      head: (site) => heads.get(site),
      heads: () => heads,
      adopt: (site, head) => void heads.set(site, head),
      forget: (site) => void heads.delete(site),
    },
    relay: { adopt: (site: string, _mark: Position, head: number) => void relayed.push([site, head]) },
    sitesOf: options.sitesOf ?? (async () => []),
    hear: () => {
      heard += 1;
      return {
        stop: async () => {
          heard -= 1;
        },
      };
    },
    changed: () => {},
    log: quietLog(),
  });
  return {
    ownership,
    turns,
    heads,
    relayed,
    heard: () => heard,
    letGo: (site: string) => gates.get(site)?.resolve(),
  };
};

const answerOf = (told: Promise<SiteAnswer>) =>
  told.then(
    () => "answered",
    (error: unknown) => (error instanceof Fault ? error.code : "another error"),
  );

test("a partition that leaves waits for turns that run, also of a site that was forgotten meanwhile", async () => {
  const { ownership, turns, heads, heard, letGo } = testOwnership();
  await ownership.gained(partition);
  expect([heard(), ownership.partitions()]).toEqual([1, [partition]]);
  heads.set(south, headAt(3));
  const order: string[] = [];
  const running = turns.tell(north, acts).then(() => order.push("turn ended"));
  const leaving = ownership.lost(partition).then(() => order.push("left"));
  // Whatever did not wait for the turn would have ended by now.
  await new Promise((resolve) => setImmediate(resolve));
  letGo(north);
  await Promise.all([running, leaving]);
  expect(order).toEqual(["turn ended", "left"]);
  expect([heard(), heads.size, ownership.partitions()]).toEqual([0, 0, []]);
});

test("all sites of a partition leave side by side: what waits at one is refused while the turn of another runs", async () => {
  const { ownership, turns, letGo } = testOwnership();
  await ownership.gained(partition);
  const running = [north, south].map((site) => answerOf(turns.tell(site, acts)));
  const waiting = [north, south].map((site) => answerOf(turns.tell(site, acts)));
  const leaving = ownership.lost(partition);
  expect(await Promise.all(waiting)).toEqual(["unavailable", "unavailable"]);
  for (const site of [north, south]) letGo(site);
  expect(await Promise.all(running)).toEqual(["answered", "answered"]);
  await leaving;
});

test("what a turn moved while its site was being read is not moved back", async () => {
  const { heads, relayed, ownership } = testOwnership({
    sitesOf: async () => {
      const read = [north, south].map((site) => ({ site, head: headAt(5), relayed: { epoch: 1, pos: 5 } }));
      // An observation came, and its turn looked its site up and committed.
      heads.set(north, headAt(6));
      return read;
    },
  });
  await ownership.gained(partition);
  expect(heads).toEqual(
    new Map([
      [north, headAt(6)],
      [south, headAt(5)],
    ]),
  );
  expect(relayed).toEqual([[south, 5]]);
});
