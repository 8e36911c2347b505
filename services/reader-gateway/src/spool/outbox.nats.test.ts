import { randomUUID } from "node:crypto";
import { newId, type Observation } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { eventually, quietLog } from "@tagwire/testing";
import { afterEach, expect, test, vi } from "vitest";
import { listen, testGround } from "../floor/test-floor.ts";
import { insertReader } from "../store/readers.ts";
import { saveObservations } from "../store/saves.ts";
import { createOutbox, outboxLimits } from "./outbox.ts";

const site = "north";
const observation = (tag: string): Observation => ({
  id: newId(),
  tag,
  place: "gate",
  antenna: 1,
  reads: 1,
  peakRssiDbm: -50,
  firstHeardAt: "2026-03-01T10:00:00.123Z",
  lastHeardAt: "2026-03-01T10:00:01.456Z",
  traceparent: "00-11111111111111111111111111111111-2222222222222222-01",
});

const keep = (sql: Sql, number: number, tag: string) =>
  saveObservations(
    sql,
    { keeper: randomUUID(), save: 1 },
    [{ number, frames: 1, malformed: 0, filtered: 0, observed: 1, observations: 1, rejected: 0 }],
    [{ reader: number, observation: observation(tag) }],
  );

afterEach(() => vi.useRealTimers());

test("what a former owner saved late, before what was said already, is found by looking again", async () => {
  await using ground = await testGround();
  const { sql } = ground.store;
  const settings = { driver: "llrp" as const, address: "127.0.0.1", antennas: [], station: null };
  const dock = await insertReader(sql, site, "dock", settings);
  const gate = await insertReader(sql, site, "gate", settings);
  if (dock === undefined || gate === undefined) throw new Error("not made");
  const listener = await listen(ground.bus, () => undefined);
  const said = () =>
    new Set(listener.batches.flatMap(({ observations }) => observations.map(({ tag }) => tag)));

  // The former owner's statement has its place in the order, but nobody sees it before its commit.
  const former = await sql.reserve();
  await former`begin`;
  await keep(former, dock.number, "EARLY");
  await keep(sql, gate.number, "LATER");

  vi.useFakeTimers({ toFake: ["setInterval"] });
  const outbox = createOutbox({ site, sql, bus: ground.bus, log: quietLog() });
  await eventually("what can be seen is said", () => said().has("LATER"));
  await former`commit`;
  former.release();
  expect([...said()]).toEqual(["LATER"]);
  vi.advanceTimersByTime(outboxLimits.lookAgainMs);
  await eventually("what came late is said", () => said().has("EARLY"));
  expect(outbox.unconfirmed()).toBe(2);
  await outbox.stop();
  await listener.stop();
});
