import { Fault } from "@tagwire/messages";
import { quietLog } from "@tagwire/testing";
import type { FastifyRequest } from "fastify";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openAdmission, recheckIntervalMs, watchCredential } from "./admission.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("leaving twice makes room once", () => {
  const admission = openAdmission(1);
  const leave = admission.enter();
  expect(() => admission.check()).toThrow(/overloaded/);
  leave();
  leave();
  admission.enter();
  expect(() => admission.check()).toThrow(/overloaded/);
});

test.each([
  { what: "has ended", error: new Fault("unauthenticated", ""), ends: 1 },
  { what: "met a mistake of our own", error: new Error("unauthenticated: no"), ends: 0 },
  { what: "cannot be looked up", error: new Fault("store.unreachable", ""), ends: 0 },
])("a connection whose credential $what is looked at again", async ({ error, ends }) => {
  let valid = true;
  const identify = vi.fn(async () => {
    if (!valid) throw error;
    return undefined;
  });
  const end = vi.fn();
  const credentials = { identify, byKey: async () => undefined, forget: () => {} };
  const stop = watchCredential({ credentials, log: quietLog() }, {} as FastifyRequest, end);
  await vi.advanceTimersByTimeAsync(recheckIntervalMs);
  expect(end).not.toHaveBeenCalled();
  valid = false;
  await vi.advanceTimersByTimeAsync(3 * recheckIntervalMs);
  expect(end).toHaveBeenCalledTimes(ends);
  stop();
  await vi.advanceTimersByTimeAsync(recheckIntervalMs);
  expect(identify).toHaveBeenCalledTimes(ends === 1 ? 2 : 4);
});
