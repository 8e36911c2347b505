import { type Bus, openBus } from "@tagwire/bus";
import {
  type AntennaCounts,
  type LiveDelta,
  liveSubject,
  pastFaultsMax,
  type Reader,
} from "@tagwire/messages";
import { eventually, quietLog, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { createSiteView } from "./site-view.ts";

const site = "north";

/** As many digits as a count can have. */
const most = Number.MAX_SAFE_INTEGER;
const antenna: AntennaCounts = {
  reads: most,
  filtered: most,
  held: most,
  observed: most,
  observations: most,
  accepted: most,
  alreadyApplied: most,
  rejected: most,
  quarantined: most,
  pending: most,
  filteredBy: {
    impossible: most,
    unwanted: most,
    no_tid: most,
    no_room: most,
    test: most,
    unattributed: most,
  },
  strays: { weak: most, few: most, elsewhere: most, undecided: most },
};

/** The largest row that settings and a reader can make. */
const largest = (id: string, version: number): Reader => ({
  id,
  driver: "llrp",
  address: "h".repeat(255),
  antennas: Array.from({ length: 64 }, (_, index) => ({
    port: index + 1,
    place: "门".repeat(64),
    role: "门".repeat(32),
    powerDbm: 27.25,
  })),
  station: "门".repeat(64),
  enabled: true,
  status: "inventory",
  since: "2026-01-01T00:00:00.000Z",
  firmware: "门".repeat(200),
  model: "门".repeat(200),
  fault: { code: "reader.error", message: "门".repeat(200), advice: "a".repeat(400) },
  retryAt: null,
  faults: Array.from({ length: pastFaultsMax }, () => ({
    ...{ kind: "warning" as const, code: "c".repeat(64), message: "门".repeat(200), advice: "a".repeat(400) },
    ...{ at: "2026-01-01T00:00:00.000Z", times: most },
  })),
  lastReadAt: "2026-01-01T00:00:00.000Z",
  antennasConnected: Object.fromEntries(Array.from({ length: 64 }, (_, index) => [index + 1, false])),
  counts: {
    frames: most,
    malformed: most,
    ...antenna,
    antennas: Object.fromEntries([
      ...Array.from({ length: 64 }, (_, index) => [index + 1, antenna]),
      ["unattributed", antenna],
    ]),
  },
  rate: 0,
  version,
});

const listening = async (bus: Bus) => {
  const deltas: LiveDelta[] = [];
  bus.connection.subscribe(liveSubject(site, "readers"), {
    callback: (_error, message) => void deltas.push(message.json<LiveDelta>()),
  });
  await bus.connection.flush();
  return deltas;
};

const open = async () => {
  const nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  const deltas = await listening(bus);
  return {
    view: createSiteView(bus, site, 7),
    deltas,
    [Symbol.asyncDispose]: async () => {
      await bus.close();
      await nats[Symbol.asyncDispose]();
    },
  };
};

test("as many readers as a site can have, each as large as it can be, are shown whole, one message after another", async () => {
  await using at = await open();
  const ids = Array.from({ length: 256 }, (_, index) => `reader-${index}`);
  at.view.show(ids, largest);
  await eventually("all shown", () => at.deltas.at(-1)?.pos === at.view.position().pos);
  const changes = at.deltas.flatMap((delta) => delta.changes);
  expect(changes.map(({ key }) => key)).toEqual(ids);
  for (const [index, { prev, pos, changes: own }] of at.deltas.entries()) {
    expect({ prev, pos }).toEqual({ prev: index, pos: index + 1 });
    for (const change of own) {
      expect(change.version).toBe(7e9 + pos);
      expect(change).toMatchObject({ put: { version: change.version } });
      expect(at.view.versionOf(change.key)).toBe(change.version);
    }
  }
});

test("small changes go in one message, and what is gone is said to be gone", async () => {
  await using at = await open();
  at.view.show(["a", "b"], (id, version) =>
    id === "b" ? undefined : { ...largest(id, version), antennas: [] },
  );
  at.view.show([], largest);
  await eventually("shown", () => at.deltas.length > 0);
  expect(at.view.position()).toEqual({ epoch: 7, pos: 1 });
  expect(at.deltas[0]?.changes).toMatchObject([
    { key: "a", put: { id: "a" } },
    { key: "b", del: true },
  ]);
});

test("a row that no message can carry costs itself, and is missed", async () => {
  await using at = await open();
  const model = "x".repeat(2 * 1024 * 1024);
  expect(() => at.view.show(["a"], (id, version) => ({ ...largest(id, version), model }))).not.toThrow();
  at.view.show(["b"], largest);
  await eventually("the next is shown", () => at.deltas.length === 1);
  expect(at.deltas[0]).toMatchObject({ prev: 1, pos: 2, changes: [{ key: "b" }] });
});
