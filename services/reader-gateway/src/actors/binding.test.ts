import type { Station } from "@tagwire/messages";
import { expect, test } from "vitest";
import { bindingAt } from "./binding.ts";
import { defaultRule, sessionReReportMs } from "./read-rule.ts";
import { bound } from "./test-smoothing.ts";

const dock: Station = { id: "dock", mode: "checkout", place: "dock", rules: { minReads: 2 } };
const yard: Station = { id: "yard", mode: "zone", place: "yard", rules: { minRssiDbm: null } };

test("an antenna belongs to its own station, else to the reader's, and its own place goes first", () => {
  const antennas = [{ port: 1 }, { port: 2, station: "yard" }, { port: 3, station: "yard", place: "shed" }];
  const bindings = bound({ antennas, station: "dock" }, defaultRule, [dock, yard]);
  expect(
    [1, 2, 3, 9].map((port) => bindingAt(bindings, port)).map(({ place, station }) => [place, station?.id]),
  ).toEqual([
    ["dock", "dock"],
    ["yard", "yard"],
    ["shed", "yard"],
    ["dock", "dock"],
  ]);
});

test("the station's rule goes before the reader's, and that before everybody's", () => {
  const rules = { minReads: 5, minRssiDbm: -70, windowMs: 500 };
  const antennas = [
    { port: 1, station: "dock" },
    { port: 2, station: "yard" },
  ];
  const bindings = bound({ antennas, station: null, rules }, defaultRule, [dock, yard]);
  const ruleAt = (port: number) => bindingAt(bindings, port).rule;
  expect(ruleAt(1)).toEqual({
    ...defaultRule,
    ...{ minReads: 2, minRssiDbm: -70, windowMs: 500, reReportMs: sessionReReportMs },
  });
  expect(ruleAt(2)).toEqual({ ...defaultRule, ...rules, minRssiDbm: null });
  expect(ruleAt(3)).toEqual({ ...defaultRule, ...rules });
});

test("where sessions are held tags are said again soon, unless the station says how soon", () => {
  const reReportOf = (station: Station, reReportMs?: number) =>
    bindingAt(
      bound(
        { antennas: [], station: station.id, rules: reReportMs === undefined ? {} : { reReportMs } },
        defaultRule,
        [station],
      ),
      1,
    ).rule.reReportMs;
  expect(reReportOf(dock)).toBe(sessionReReportMs);
  expect(reReportOf(dock, 1_000)).toBe(1_000);
  expect(reReportOf({ ...dock, rules: { reReportMs: 30_000 } })).toBe(30_000);
  expect(reReportOf(yard)).toBe(defaultRule.reReportMs);
});

test("a station that there is not changes nothing", () => {
  const bindings = bound({ antennas: [{ port: 1, place: "gate", station: "later" }], station: "never" });
  expect(bindingAt(bindings, 1)).toMatchObject({ place: "gate", station: null, rule: defaultRule });
});
