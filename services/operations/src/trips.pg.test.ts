import { newId, type StateTrip, type TripLeg } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import { originOf } from "./actors/test-acts.ts";
import { findContract } from "./store/contracts.ts";
import { expectSound, type Member, type TestOperations, tellActs } from "./test-operations.ts";
import { eachOnItsSite } from "./test-told.ts";

/* How contracts are brought and fetched. */

let operations: TestOperations;
let member: Member;
let site: string;
eachOnItsSite((ground) => {
  ({ operations, member, site } = ground);
});

const at = "2026-06-01T10:00:00.000Z";
const act = (kind: Act["kind"], body: object, id = newId()) =>
  ({ kind, id, origin: originOf({ receivedAt: at }), body }) as unknown as Act;
const trip = (leg: TripLeg, state: StateTrip) => act("contract.trip", { number: "R-1", leg, state });
const codesOf = async (acts: readonly Act[]) =>
  (await tellActs(member, site, acts)).map((answer) =>
    answer instanceof Error ? answer.message.split(":")[0] : answer.receipt.outcome,
  );
const tripsNow = async () => (await findContract(operations.sql, site, "R-1"))?.trips;

test("each leg goes its way, in the contract as in its log, and what arrived is over", async () => {
  const promisedAt = "2026-06-02T08:00:00+02:00";
  const codes = await codesOf([
    trip("delivery", { status: "scheduled" }),
    act("contract.open", { number: "R-1" }),
    trip("delivery", { promisedAt, truck: " 7 ", trip: "T-1" }),
    trip("delivery", { status: "picked_up" }),
    trip("delivery", { status: "out_for_delivery" }),
    trip("delivery", { status: "scheduled" }),
    trip("delivery", { status: "failed", notes: "nobody there" }),
    trip("delivery", { status: "delivered" }),
    trip("delivery", { status: "rescheduled" }),
    trip("delivery", { status: "rescheduled", promisedAt: "2026-06-03T08:00:00Z" }),
    trip("delivery", { actualAt: at }),
    trip("delivery", { status: "delivered", actualAt: "2026-06-03T08:10:00Z" }),
    trip("delivery", { status: "delivered" }),
    trip("delivery", { status: "failed" }),
    trip("pickup", { status: "picked_up" }),
  ]);
  const [no, yes] = ["contract_state", "accepted"];
  expect(codes).toEqual([
    ...["contract_unknown", yes, yes, no, yes, no, yes, no, no, yes, no, yes],
    ...["already_applied", no, yes],
  ]);
  const whole = { truck: "7", trip: "T-1", notes: "nobody there" };
  const delivery = {
    ...{ status: "delivered", promisedAt: "2026-06-03T08:00:00.000Z", actualAt: "2026-06-03T08:10:00.000Z" },
    ...whole,
  };
  const none = { promisedAt: null, truck: null, trip: null, notes: null };
  expect(await tripsNow()).toEqual({ delivery, pickup: { status: "picked_up", actualAt: at, ...none } });
  await expectSound(operations.sql, site);
});

test("the last word of a leg is taken back, and the one before it once that is", async () => {
  await tellActs(member, site, [
    act("contract.open", { number: "R-1" }),
    trip("delivery", { truck: "7" }),
    trip("pickup", { truck: "9" }),
    trip("delivery", { status: "delivered" }),
  ]);
  const { log } = await expectSound(operations.sql, site);
  const [planned, , arrived] = log
    .filter(({ type }) => type === "contract.trip_set.v1")
    .map(({ pos }) => pos);
  const undo = (pos = 0) => act("events.undo", { events: [pos], preview: false });
  const [blocked] = await tellActs(member, site, [undo(planned)]);
  expect(blocked).toMatchObject({ code: "undo_refused" });
  await tellActs(member, site, [undo(arrived)]);
  expect(await tripsNow()).toMatchObject({
    delivery: { status: "scheduled", truck: "7" },
    pickup: { truck: "9" },
  });
  await tellActs(member, site, [undo(planned)]);
  expect(Object.keys((await tripsNow()) ?? {})).toEqual(["pickup"]);
  await expectSound(operations.sql, site);
});

test("a merge takes trips along where nothing is planned under the other number, and brings them back", async () => {
  const of = (number: string, leg: TripLeg, state: StateTrip) => act("contract.trip", { number, leg, state });
  await tellActs(member, site, [
    act("contract.open", { number: "M-1", kind: "manual" }),
    act("contract.open", { number: "R-1" }),
    of("M-1", "delivery", { truck: "7" }),
    of("M-1", "pickup", { truck: "8" }),
    trip("pickup", { truck: "9" }),
  ]);
  const merge = () => codesOf([act("contract.merge", { number: "M-1", into: "R-1" })]);
  expect(await merge()).toEqual(["accepted"]);
  expect(await tripsNow()).toMatchObject({ delivery: { truck: "7" }, pickup: { truck: "9" } });
  const { log } = await expectSound(operations.sql, site);
  const merged = log.find(({ type }) => type === "contract.merged.v1")?.pos ?? 0;
  const undo = (pos: number) => codesOf([act("events.undo", { events: [pos], preview: false })]);
  expect(await undo(merged)).toEqual(["accepted"]);
  expect(await tripsNow()).toMatchObject({ pickup: { truck: "9" } });
  expect(Object.keys((await tripsNow()) ?? {})).toEqual(["pickup"]);
  expect((await findContract(operations.sql, site, "M-1"))?.trips).toMatchObject({
    ...{ delivery: { truck: "7" }, pickup: { truck: "8" } },
  });

  // What is stated of the leg since is the other contract's own.
  expect(await merge()).toEqual(["accepted"]);
  await tellActs(member, site, [trip("delivery", { status: "out_for_delivery" })]);
  const again = (await expectSound(operations.sql, site)).log;
  expect(await undo(again.findLast(({ type }) => type === "contract.merged.v1")?.pos ?? 0)).toEqual([
    "accepted",
  ]);
  expect(await tripsNow()).toMatchObject({ delivery: { status: "out_for_delivery", truck: "7" } });
  await expectSound(operations.sql, site);
});
