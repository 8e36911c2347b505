import { answer, defaultRequestTimeoutMs } from "@tagwire/bus";
import { AskMigrationGates, type MigrationGate, migrationGates, newId } from "@tagwire/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* The steps of a site away from the old system, in front of the real operations; what is measured is said by the test. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let measured: readonly MigrationGate[] = [];
const path = "/api/v1/sites/north/migration";

const gatesWith = (met: boolean | null): MigrationGate[] =>
  migrationGates.map((name) => ({
    ...{ name, met: name === "agreement" ? met : true, needed: true, value: met === null ? null : 0.98 },
    ...{ target: 0.995, unit: "share", why: met === null ? "no run" : null, asOf: null },
  }));

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  stack.use(await startService("operations", gateway));
  const site = { id: "north", name: "North", timeZone: "Europe/Berlin" };
  expect((await gateway.ask("POST", "/api/v1/sites", site)).status).toBe(201);
});
afterAll(() => stack.disposeAsync());

test("a site goes to the end by its gates, and back by a reason", async () => {
  // Nobody measures yet: that is told as such, and holds.
  expect((await gateway.ask("GET", path)).body).toMatchObject({
    ...{ stage: "parallel", next: "switched", gates: [], held: [...migrationGates], history: [] },
  });
  expect(await gateway.ask("POST", `${path}:advance`, { from: "parallel" })).toMatchObject({
    ...{ status: 409, body: { code: "migration.gate_not_met" } },
  });
  // Whoever does not say what they saw is not heard, in either direction.
  for (const way of ["advance", "rollback"])
    expect(await gateway.ask("POST", `${path}:${way}`, { why: "I am in a hurry" })).toMatchObject({
      status: 400,
    });

  const measuring = answer(gateway.bus, AskMigrationGates, async () => ({ gates: [...measured] }));
  await gateway.bus.connection.flush();
  measured = gatesWith(false);
  const refused = await gateway.ask("POST", `${path}:advance`, { from: "parallel", why: "we want to" });
  expect(refused.status).toBe(409);
  expect(refused.body.errors).toEqual([
    { pointer: "/gates/agreement", message: "0.98 share, the target is 0.995" },
  ]);
  expect(await gateway.ask("POST", `${path}:advance`, { from: "parallel", force: true })).toMatchObject({
    ...{ status: 400, body: { code: "migration.reason_required" } },
  });

  measured = gatesWith(true);
  const headers = { authorization: `Bearer ${adminKey}`, "idempotency-key": newId() };
  const switched = await gateway.ask("POST", `${path}:advance`, { from: "parallel" }, headers);
  expect(switched).toMatchObject({ status: 200, body: { stage: "switched", next: "realtime", held: [] } });
  expect(switched.body.history).toMatchObject([
    { from: "parallel", to: "switched", forced: false, why: null, gates: measured },
  ]);
  expect((await gateway.ask("GET", "/api/v1/sites/north")).body.stage).toBe("switched");

  measured = gatesWith(null);
  const forced = await gateway.ask("POST", `${path}:advance`, {
    from: "switched",
    force: true,
    why: "the old house is gone",
  });
  expect(forced.body).toMatchObject({ stage: "realtime", next: null, held: [] });
  expect(forced.body.history[0]).toMatchObject({
    forced: true,
    why: "the old house is gone",
    gates: measured,
  });
  expect(await gateway.ask("POST", `${path}:advance`, { from: "realtime" })).toMatchObject({
    ...{ status: 409, body: { code: "migration.no_step" } },
  });

  await measuring.stop();
  // The way back needs nobody who measures.
  const back = await gateway.ask("POST", `${path}:rollback`, { from: "realtime", why: "scans are missing" });
  expect(back).toMatchObject({ status: 200, body: { stage: "switched" } });
  expect(back.body.history).toHaveLength(3);
  // It needs no word either, and a site that is on the way back may go on again.
  const again = await gateway.ask("POST", `${path}:rollback`, { from: "switched" });
  expect(again).toMatchObject({
    status: 200,
    body: { stage: "parallel", history: [{ why: null }, {}, {}, {}] },
  });
  const on = { from: "parallel", force: true, why: "it was a slip" };
  expect(await gateway.ask("POST", `${path}:advance`, on)).toMatchObject({ body: { stage: "switched" } });
});

test("a step that is asked for twice under one key is taken once", async () => {
  const headers = { authorization: `Bearer ${adminKey}`, "idempotency-key": newId() };
  const before = (await gateway.ask("GET", path)).body.history.length;
  const first = await gateway.ask("POST", `${path}:rollback`, { from: "switched", why: "again" }, headers);
  expect(first.body.history).toHaveLength(before + 1);
  const second = await gateway.ask("POST", `${path}:rollback`, { from: "switched", why: "again" }, headers);
  expect(second).toMatchObject({ status: 200, body: { stage: "parallel" } });
  expect(second.body.history).toHaveLength(before + 1);
  // Another wish under the same key is another one.
  const other = await gateway.ask(
    "POST",
    `${path}:rollback`,
    { from: "switched", why: "otherwise" },
    headers,
  );
  expect(other).toMatchObject({ status: 409, body: { code: "id_reused" } });
});

test("two people who saw the same stage and both press take one step", async () => {
  /** Both looked before either pressed; each press has a key of its own. */
  const both = async (way: "advance" | "rollback", from: string) => {
    const said = { from, ...(way === "advance" ? { force: true, why: "both of us saw it" } : {}) };
    const answers = [];
    for (const _person of ["ann", "bob"]) answers.push(await gateway.ask("POST", `${path}:${way}`, said));
    return answers.map(({ status, body }) => [status, body.code ?? body.stage]);
  };
  const moved = [409, "migration.stage_moved"];
  expect(await both("advance", "parallel")).toEqual([[200, "switched"], moved]);
  expect(await both("advance", "switched")).toEqual([[200, "realtime"], moved]);
  expect(await both("rollback", "realtime")).toEqual([[200, "switched"], moved]);
  expect(await both("rollback", "switched")).toEqual([[200, "parallel"], moved]);
});

test("gates that take longer than a usual answer are told all the same, and a step back asks for none", async () => {
  const on = { from: "parallel", force: true, why: "nobody measures" };
  expect((await gateway.ask("POST", `${path}:advance`, on)).body.stage).toBe("switched");
  let asked = 0;
  const measuring = answer(gateway.bus, AskMigrationGates, async () => {
    asked += 1;
    // Of those who measure one may wait five seconds for somebody who is silent.
    await new Promise((resolve) => setTimeout(resolve, defaultRequestTimeoutMs + 500));
    return { gates: gatesWith(true) };
  });
  await gateway.bus.connection.flush();
  expect((await gateway.ask("GET", path)).body).toMatchObject({ gates: gatesWith(true), held: [] });
  const back = await gateway.ask("POST", `${path}:rollback`, { from: "switched" });
  expect(back.body).toMatchObject({ stage: "parallel", gates: [], held: [...migrationGates] });
  expect(asked).toBe(1);
  await measuring.stop();
});

test("of a site that there is not there is nothing to move", async () => {
  expect((await gateway.ask("GET", "/api/v1/sites/nowhere/migration")).status).toBe(404);
});
