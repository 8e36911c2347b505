import { createWarehouse } from "@tagwire/emulators";
import { normaliseTag } from "@tagwire/messages";
import { type Stack, startStack } from "@tagwire/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DemoCall } from "./demo-client.ts";
import { openDemoSessions } from "./demo-sessions.ts";
import { knownFrom, openDemoSite, type StoredItems, stockDemoSite } from "./demo-stock.ts";

let stack: Stack;
let call: DemoCall;
beforeEach(async () => {
  stack = await startStack({ services: ["operations", "manager", "api-gateway"] });
  call = (method, path, body) => stack.call(method, path, body);
});
afterEach(() => stack[Symbol.asyncDispose]());

const minuteMs = 60_000;
const warehouseOf = (stored: StoredItems, startMs = Date.now()) =>
  createWarehouse({ seed: 1, items: 120, startMs, speed: 25, known: knownFrom(stored) });
const start = async (through = call, startMs = Date.now()) => {
  const stored = await openDemoSite(through);
  const warehouse = warehouseOf(stored, startMs);
  await stockDemoSite(through, warehouse, stored);
  return warehouse;
};
const onRent = (items: Iterable<{ readonly tag: string; readonly status: string }>): string[] =>
  [...items].flatMap(({ tag, status }) => (status === "on_rent" ? [tag.trim()] : [])).sort();

test.each([1, 60, 119])(
  "a first start that was interrupted after %i calls is completed by the next",
  async (calls) => {
    let left = calls;
    const cut: DemoCall = async (method, path, body) => {
      if (path.endsWith("/items") && method === "POST") left -= 1;
      if (left < 0) throw new Error("interrupted");
      return call(method, path, body);
    };
    await expect(start(cut)).rejects.toThrow("interrupted");
    const { items } = await start();
    const stored = await openDemoSite(call);
    expect(stored.size).toBe(items.length);
    expect(onRent(stored.values())).toEqual(onRent(items));
    expect(onRent(items).length).toBeGreaterThan(0);
  },
);

test("a second start changes nothing, and its warehouse goes on from what is stored", async () => {
  const startedMs = Date.now();
  const first = await start(call, startedMs - 4 * minuteMs);
  const upload = openDemoSessions(async () => call);
  for (const act of first.nextActs(startedMs)) if (act.kind === "scan-session") await upload(act);
  const before = await openDemoSite(call);

  const second = await start();
  expect(await openDemoSite(call)).toEqual(before);
  expect(second.items.map(({ tag }) => tag)).toEqual(first.items.map(({ tag }) => tag));
  expect(second.items.map(({ status }) => status)).not.toEqual(first.items.map(({ status }) => status));
  for (const { tag, status, contract, place } of second.items) {
    const item = before.get(normaliseTag(tag) ?? "");
    const isOut = status === "on_rent" || status === "delivered";
    expect(item).toMatchObject(isOut ? { status, contract } : { status, place });
  }
  const roles = new Map([...before.values()].map(({ tag, role }) => [tag, role]));
  expect(first.items.filter(({ tag, role }) => roles.get(normaliseTag(tag) ?? "") !== role)).toEqual([]);
  expect([...roles.values()]).toEqual(expect.arrayContaining(["resale", "pack", null]));
});
