import { expect, test } from "vitest";
import { type FaultCode, faultCatalogue } from "./fault-catalogue.ts";
import { Fault, faultMessage, isFaultCode } from "./faults.ts";
import { receiptCodes } from "./scans.ts";

test("a fault says what it is, whether to come back, and what to do", () => {
  const cause = new Error("ECONNREFUSED");
  const fault = new Fault("store.unreachable", "operations", { cause });
  expect(fault).toMatchObject({
    message: "store.unreachable: operations",
    status: 503,
    retryable: true,
    cause,
  });
  expect(fault.advice).toBe(faultCatalogue["store.unreachable"].advice);
  expect(new Fault("malformed", "").message).toBe("malformed");
});

test.each<[FaultCode, string]>([
  ["malformed", ""],
  ["malformed", "command"],
  ["site_unknown", "north: no such site"],
  ["bus.malformed", "a.b: c"],
])("the fault %s of %j travels whole", (code, detail) => {
  const message = faultMessage(new Fault(code, detail));
  expect(message).toEqual({ code, detail });
  expect(faultMessage(new Fault(message.code, message.detail))).toEqual(message);
});

test.each([
  new Error("password=hunter2"),
  new TypeError("x"),
  "hunter2",
  { code: "malformed", detail: "x" },
  undefined,
  null,
])("what %s says stays here", (thrown) => {
  expect(faultMessage(thrown)).toEqual({ code: "internal", detail: "" });
});

test("codes are known by the catalogue, not by what objects inherit", () => {
  expect(isFaultCode("tag_unknown")).toBe(true);
  for (const not of ["constructor", "__proto__", "", 1, undefined, null])
    expect(isFaultCode(not)).toBe(false);
});

test("every code has a status that fits, and advice in a sentence", () => {
  for (const [code, { status, advice }] of Object.entries(faultCatalogue)) {
    expect(code).toMatch(/^[a-z_]+(\.[a-z_]+)?$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(advice).toMatch(/^\w.*\.$/);
  }
});

test("a refusal in a receipt has its advice too; what is only odd about a clock needs none", () => {
  const remarks = ["late_history_only", "future_scan", "backdated"];
  expect(receiptCodes.filter((code) => !isFaultCode(code))).toEqual(remarks);
});

test("the statuses that the public page promises", () => {
  const promised: Partial<Record<FaultCode, number>> = {
    ...{ malformed: 400, unauthenticated: 401, forbidden: 403, not_found: 404, transition_refused: 409 },
    ...{ version_stale: 412, too_large: 413, version_required: 428, rate_limited: 429 },
    ...{ overloaded: 503, unavailable: 503, outcome_unknown: 504 },
  };
  for (const [code, status] of Object.entries(promised))
    expect(new Fault(code as FaultCode, "").status).toBe(status);
});
