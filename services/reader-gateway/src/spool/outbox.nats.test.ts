import { randomUUID } from "node:crypto";
import type { Sql } from "@tagwire/store";
import { eventually, quietLog } from "@tagwire/testing";
import { afterEach, expect, test, vi } from "vitest";
import { type Ground, listen, testGround } from "../floor/test-floor.ts";
import { insertReader } from "../store/readers.ts";
import { saveObservations } from "../store/saves.ts";
import { testNote } from "../store/test-note.ts";
import { createOutbox, outboxLimits } from "./outbox.ts";
import { deltaOf, observation, site } from "./test-spool.ts";

const keep = (sql: Sql, number: number, tags: readonly string[]) =>
  saveObservations(
    sql,
    { keeper: randomUUID(), save: 1 },
    [deltaOf(number, { frames: 1, observed: tags.length, observations: tags.length })],
    tags.map((tag) => ({ reader: number, observation: observation(tag) })),
  );

/** Two readers of a site, so that two saves do not wait for one row, and what the outbox of that site said. */
const stage = async (ground: Ground, earlier: readonly string[] = []) => {
  const { sql } = ground.store;
  const settings = { driver: "llrp" as const, address: "127.0.0.1", antennas: [], station: null };
  const dock = await insertReader(sql, { site, id: "dock" }, settings, testNote("dock"));
  const gate = await insertReader(sql, { site, id: "gate" }, settings, testNote("gate"));
  if (dock === undefined || gate === undefined) throw new Error("not made");
  if (earlier.length > 0) await keep(sql, gate.number, earlier);
  const listener = await listen(ground.bus, () => undefined);
  const said = () =>
    new Set(listener.batches.flatMap(({ observations }) => observations.map(({ tag }) => tag)));
  /** The former owner's statement has its place in the order, but nobody sees it before its commit. */
  const former = await sql.reserve();
  await former`begin`;
  await keep(former, dock.number, ["EARLY"]);
  const commit = async () => {
    await former`commit`;
    former.release();
  };
  return { sql, gate: gate.number, said, commit, stop: listener.stop };
};

afterEach(() => vi.useRealTimers());

test("what a former owner saved late, before or after what was said already, is found by looking again", async () => {
  await using ground = await testGround();
  const { sql, gate, said, commit, stop } = await stage(ground);
  await keep(sql, gate, ["LATER"]);
  vi.useFakeTimers({ toFake: ["setInterval"] });
  const outbox = createOutbox({ site, sql, bus: ground.bus, log: quietLog() });
  await eventually("what can be seen is said", () => said().has("LATER"));
  await commit();
  await keep(sql, gate, ["LAST"]);
  expect([...said()]).toEqual(["LATER"]);
  vi.advanceTimersByTime(outboxLimits.lookAgainMs);
  await eventually("what came late is said", () => said().has("EARLY") && said().has("LAST"));
  expect(outbox.unconfirmed()).toBe(3);
  await outbox.stop();
  await stop();
});

test("looking again takes a handful of statements, however many are unconfirmed and however little room is left", async () => {
  await using ground = await testGround();
  const tags = Array.from({ length: 2_500 }, (_, index) => `TAG${index}`);
  const { sql, gate, said, commit, stop } = await stage(ground, tags.slice(0, 2_000));
  await keep(sql, gate, tags.slice(2_000));
  let statements = 0;
  const counting = new Proxy(sql, {
    apply: (target, self, args: unknown[]) => {
      statements += 1;
      return Reflect.apply(target, self, args);
    },
  });
  vi.useFakeTimers({ toFake: ["setInterval"] });
  const unconfirmedMax = tags.length + 1;
  const outbox = createOutbox({ site, sql: counting, bus: ground.bus, log: quietLog(), unconfirmedMax });
  await eventually("what can be seen is said", () => said().size === tags.length);
  await commit();
  statements = 0;
  vi.advanceTimersByTime(outboxLimits.lookAgainMs);
  await eventually("what came late is said", () => said().has("EARLY"));
  expect(statements).toBeLessThanOrEqual(1 + Math.ceil(unconfirmedMax / outboxLimits.lookAgainRowsMax));
  await outbox.stop();
  await stop();
});
