import { expect, test } from "vitest";
import { lateAudit } from "./late-audit.ts";

const everyMs = 300_000;
const sinceMs = Date.parse("2026-05-04T09:00:00.000Z");
const said = (agoMs: number, isOver: boolean) =>
  lateAudit({ sinceMs, nowMs: sinceMs + agoMs, everyMs }, isOver).map(
    ({ code, key, evidence }) => `${code} ${key}: ${evidence.detail}`,
  );

test("that no audit came to its end for more than twice the interval is told, with the gap", () => {
  expect(said(2 * everyMs, true)).toEqual([]);
  expect(said(2 * everyMs + 1_000, true)).toEqual([
    "audit_late audits: no audit came to its end from 2026-05-04T09:00:00.000Z to 2026-05-04T09:10:01.000Z, and one is due every 300 s",
  ]);
  expect(lateAudit(undefined, true)).toEqual([]);
});

test("while it lasts every audit says the same of it, so that whoever took it up is not told anew", () => {
  expect(said(3 * everyMs, false)).toEqual([
    "audit_late audits: no audit came to its end since 2026-05-04T09:00:00.000Z, and one is due every 300 s",
  ]);
  expect(said(4 * everyMs, false)).toEqual(said(3 * everyMs, false));
});
