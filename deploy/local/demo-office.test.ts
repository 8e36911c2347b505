import { createWarehouse } from "@tagwire/emulators";
import { type Stack, startStack } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DemoCall } from "./demo-client.ts";
import { openDemoOffice } from "./demo-office.ts";
import { openDemoSessions } from "./demo-sessions.ts";
import { knownFrom, openDemoSite, stockDemoSite } from "./demo-stock.ts";

let stack: Stack;
let call: DemoCall;
beforeAll(async () => {
  stack = await startStack({ services: ["operations", "manager", "api-gateway"] });
  call = (method, path, body) => stack.call(method, path, body);
});
afterAll(() => stack[Symbol.asyncDispose]());

type Listed<T> = { readonly data: readonly T[] };

test("a demo's day shows contracts that fill and empty, and sessions of which every scan was recorded", {
  timeout: 180_000,
}, async () => {
  const startMs = Date.now() - 4 * 60_000;
  const stored = await openDemoSite(call);
  const warehouse = createWarehouse({ seed: 3, items: 60, startMs, speed: 25, known: knownFrom(stored) });
  await stockDemoSite(call, warehouse, stored);
  const office = openDemoOffice(call, warehouse);
  await office.describeClasses();
  for (const contract of warehouse.contracts) await office.openContract(contract);
  // A start after this one states them again, with what it made up: that changes nothing and stops nothing.
  for (const contract of warehouse.contracts) await office.openContract({ ...contract, client: "Else" });

  const upload = openDemoSessions(async () => call);
  const acts = warehouse.nextActs(Date.now());
  for (const act of acts) {
    if (act.kind === "scan-session") await upload(act);
    else if (act.kind === "contract-opened") await office.openContract(act.contract);
    else await office.closeContract(act.contract.number);
  }

  const { body: contracts } = await call("GET", "/sites/demo/contracts?limit=200");
  const stated = (
    contracts as Listed<{ stated: boolean; lines: { out: number; expected: number }[] }>
  ).data.filter((contract) => contract.stated);
  expect(stated.length).toBeGreaterThanOrEqual(warehouse.contracts.length);
  expect(stated.some(({ lines }) => lines.some(({ out, expected }) => out > 0 && expected > 0))).toBe(true);

  const uploaded = acts.filter((act) => act.kind === "scan-session" && act.scans.length > 0);
  expect(uploaded.length).toBeGreaterThan(0);
  const { body: sessions } = await call("GET", "/sites/demo/sessions?state=closed&limit=200");
  const closed = (sessions as Listed<{ complete: boolean | null; lateScans: number }>).data;
  expect(closed.length).toBeGreaterThan(0);
  expect(closed.filter(({ complete }) => complete !== true)).toEqual([]);
  const { body: classes } = await call("GET", "/sites/demo/classes?limit=200");
  expect((classes as Listed<object>).data.length).toBeGreaterThan(5);
});
