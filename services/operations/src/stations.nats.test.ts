import { ensureStream, hear, publishInOrder } from "@tagwire/bus";
import {
  newId,
  type Observation,
  Observations,
  observationSubject,
  sessionView,
  type Taken,
  takenSubject,
} from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { traceparent } from "./actors/test-acts.ts";
import { findSession } from "./store/sessions.ts";
import { testGround } from "./test-ground.ts";
import { expectSound } from "./test-operations.ts";
import { commandOf, insist, send } from "./test-service.ts";

const site = "north";
const reader = "dock-reader";

test("what a reader hears at a station goes into the session there, over the death of the process that began it", async () => {
  await using ground = await testGround();
  const { bus, sql, start, opened } = ground;
  const first = opened.use(await start());
  await insist<"site.create">(bus, site, commandOf("site.create", { id: site, name: site, timeZone: "UTC" }));
  const tags = Array.from({ length: 20 }, (_, index) => `chair-${index}`);
  for (const tag of tags)
    await insist<"item.create">(bus, site, commandOf("item.create", { tag, class: "chair" }));
  const lines = [{ class: "chair", quantity: tags.length }];
  await insist<"contract.open">(bus, site, commandOf("contract.open", { number: "100", lines }));
  await ensureStream(bus, Observations);

  const outcomes = new Map<string, string>();
  const listening = hear(bus, takenSubject(site, reader), (message) => {
    for (const { id, outcome } of message.json<Taken>().taken) outcomes.set(id, outcome);
  });
  const observed = (tag: string, more: Partial<Observation> = {}): Observation => {
    const now = new Date().toISOString();
    return {
      ...{ id: newId(), tag, place: "gate", antenna: 1, reads: 5, peakRssiDbm: -52, traceparent },
      ...{ firstHeardAt: now, lastHeardAt: now, station: { id: "gate-1", mode: "checkout" as const } },
      ...more,
    };
  };
  /** As a reader-gateway does: said again until they are taken. */
  const sayUntilTaken = async (observations: readonly Observation[]) => {
    await eventually("taken", async () => {
      const payload = JSON.stringify({ observations: observations.filter(({ id }) => !outcomes.has(id)) });
      const subject = observationSubject(site, reader);
      await publishInOrder(bus, [{ subject, id: newId(), payload, headers: {} }]);
      return observations.every(({ id }) => outcomes.has(id));
    });
    return observations.map(({ id }) => outcomes.get(id));
  };

  const early = observed("chair-0");
  expect(await sayUntilTaken([early])).toEqual(["accepted"]);
  const id = newId();
  const begin = commandOf("session.begin", { id, mode: "checkout", contract: "100", station: "gate-1" });
  await insist<"session.begin">(bus, site, begin);
  const half = tags.slice(0, 10).map((tag) => observed(tag));
  expect(new Set(await sayUntilTaken(half))).toEqual(new Set(["accepted"]));

  await first.kill();
  const second = opened.use(await start());
  const again = tags.map((tag) => observed(tag));
  const taken = await sayUntilTaken(again);
  expect(taken.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => "already_applied"));
  expect(taken.slice(10)).toEqual(Array.from({ length: 10 }, () => "accepted"));
  const other = commandOf("session.begin", { id: newId(), mode: "return", station: "gate-1" });
  await expect(send<"session.begin">(bus, site, other)).rejects.toMatchObject({
    code: "station_busy",
    detail: `session ${id} is open at gate-1`,
  });
  await insist<"session.close">(bus, site, commandOf("session.close", { session: id, close: {} }));
  const late = observed("chair-3");
  expect(await sayUntilTaken([late])).toEqual(["accepted"]);

  const { log, items } = await expectSound(sql, site);
  const found = await findSession(sql, site, id);
  if (found === undefined) throw new Error("no session");
  expect(sessionView(found.doc)).toMatchObject({
    ...{ state: "closed", expected: 20, found: 20, missing: 0, unexpected: 0, duplicates: 10 },
    ...{ devices: ["test", reader], recorded: { count: 20 } },
  });
  expect(items.every(({ status, contract }) => status === "on_rent" && contract === "100")).toBe(true);
  expect(log.filter(({ type }) => type === "item.rented.v1")).toHaveLength(20);
  const sightings = log.filter(({ type }) => type === "item.sighted.v1");
  expect(sightings.map(({ scanId, session }) => [scanId, session])).toEqual([
    [early.id, undefined],
    [late.id, undefined],
  ]);
  await listening.stop();
  expect(await second.stop()).toBe(0);
});
