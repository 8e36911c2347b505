import type { MigrationGateName, RfidproOldScanner } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { type AgreementDay, measureGates, type Sightings } from "./gates.ts";

const nowMs = Date.parse("2026-05-20T12:00:00.000Z");
const ago = (hours: number): string => new Date(nowMs - hours * 3_600_000).toISOString();

const day = (date: number, more: Partial<AgreementDay> = {}): AgreementDay => ({
  ...{ day: `2026-05-${date}`, runs: 1, worst: 0.999 },
  ...more,
});
const week = [13, 14, 15, 16, 17, 18, 19, 20].map((date) => day(date));

const good: Sightings = {
  agreement: { days: week },
  findings: { critical: 0, auditedAt: ago(0.1), whole: true },
  devices: { pulledAt: ago(10), oldScanners: [], webScanners: 4 },
  lag: { samples: 5_000, p99Ms: 240, maxMs: 4_000 },
};

const gate = (
  name: MigrationGateName,
  seen: Partial<Sightings> = {},
  stage: "parallel" | "switched" = "parallel",
) => measureGates(stage, { ...good, ...seen }, nowMs).find((one) => one.name === name);

test("a house that is ready meets every gate, each with its value", () => {
  const gates = measureGates("parallel", good, nowMs);
  expect(gates.map(({ name, met, value, needed }) => [name, met, value, needed])).toEqual([
    ["agreement", true, 0.999, true],
    ["findings", true, 0, true],
    ["devices", true, 0, true],
    ["lag", true, 240, true],
  ]);
});

describe("agreement", () => {
  test.each([
    {
      what: "today has no run yet",
      days: [...week.slice(0, 7), day(20, { runs: 0, worst: null })],
      met: true,
    },
    { what: "one day is just at the target", days: [day(13, { worst: 0.995 }), ...week.slice(1)], met: true },
    { what: "one day is just short of it", days: [day(13, { worst: 0.9949 }), ...week.slice(1)], met: false },
    { what: "today is short of it", days: [...week.slice(0, 7), day(20, { worst: 0.5 })], met: false },
    {
      what: "a day has no run",
      days: [...week.slice(0, 3), day(16, { runs: 0, worst: null }), ...week.slice(4)],
      met: null,
    },
    { what: "there are six days only", days: week.slice(1), met: null },
  ])("$what: $met", ({ days, met }) => {
    expect(gate("agreement", { agreement: { days } })?.met).toBe(met);
  });

  test("holds nobody who has switched", () => {
    expect(gate("agreement", {}, "switched")?.needed).toBe(false);
  });
});

test.each([
  { what: "a critical finding", findings: { critical: 1, auditedAt: ago(0.1), whole: true }, met: false },
  { what: "an audit of long ago", findings: { critical: 0, auditedAt: ago(1.1), whole: true }, met: null },
  {
    what: "an audit that broke off",
    findings: { critical: 0, auditedAt: ago(0.1), whole: false },
    met: null,
  },
  { what: "no audit", findings: { critical: 0, auditedAt: null, whole: true }, met: null },
])("findings with $what: $met", ({ findings, met }) => {
  expect(gate("findings", { findings })?.met).toBe(met);
});

const ann = { name: "ann", scans: 12, lastAt: ago(30) };
test.each([
  { what: "an old scanner", more: { oldScanners: [ann] }, met: false },
  { what: "a pull of two days ago", more: { pulledAt: ago(48) }, met: null },
  { what: "no pull", more: { pulledAt: null }, met: null },
  { what: "nobody at ours", more: { webScanners: 0 }, met: null },
])("devices with $what: $met", ({ more, met }) => {
  const devices = { pulledAt: ago(10), oldScanners: [], webScanners: 4, ...more };
  expect(gate("devices", { devices })?.met).toBe(met);
});

test("old scanners are named with when they were last seen, and many of them still fit into a sentence", () => {
  const many = Array.from({ length: 60 }, (_, index) => ({
    ...ann,
    name: `scanner ${index} ${"x".repeat(200)}`,
  }));
  const why = (oldScanners: readonly RfidproOldScanner[]) =>
    gate("devices", { devices: { pulledAt: ago(10), oldScanners, webScanners: 4 } })?.why ?? "";
  expect(why([ann])).toContain(`ann (12, the last at ${ann.lastAt.slice(0, 16).replace("T", " ")} UTC)`);
  expect(why(many)).toContain("52 more");
  expect(why(many).length).toBeLessThan(1_000);
});

test.each([
  { what: "slow screens", lag: { samples: 5_000, p99Ms: 1_001, maxMs: 9_000 }, met: false },
  { what: "a hundred words", lag: { samples: 100, p99Ms: 10, maxMs: 1_001 }, met: true },
  { what: "few words, all in time", lag: { samples: 99, p99Ms: 10, maxMs: 1_000 }, met: true },
  { what: "few words, one of them late", lag: { samples: 99, p99Ms: 10, maxMs: 1_001 }, met: false },
  { what: "hardly any", lag: { samples: 9, p99Ms: 10, maxMs: 10 }, met: null },
  { what: "none", lag: { samples: 0, p99Ms: null, maxMs: null }, met: null },
])("lag with $what: $met", ({ lag, met }) => {
  expect(gate("lag", { lag })?.met).toBe(met);
});

test.each(["agreement", "findings", "devices", "lag"] as const)(
  "%s says why nobody could be asked",
  (name) => {
    expect(gate(name, { [name]: { unknown: "nobody answers" } })).toMatchObject({
      ...{ met: null, value: null, why: "nobody answers" },
    });
  },
);
