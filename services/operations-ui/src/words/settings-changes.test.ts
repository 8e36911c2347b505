import { expect, test } from "vitest";
import { settingsTexts } from "./settings-changes.ts";

const reader = {
  ...{ driver: "llrp", address: "192.0.2.8", enabled: true, rules: { reReportMs: 90_000 } },
  antennas: [{ port: 1, place: "hall", powerDbm: 24 }, { port: 2 }],
};
const after = (change: object) => settingsTexts({ was: reader, now: { ...reader, ...change } });

test("each thing that was set is a line, with what was and what is", () => {
  expect(after({ session: 2, region: "eu" })).toEqual([
    "Gen2 session: not set → 2",
    "Region: not set → Europe",
  ]);
  const antennas = [
    { port: 1, place: "hall", powerDbm: 27 },
    { port: 10, station: "door" },
  ];
  expect(after({ antennas })).toEqual([
    "Antenna 1, power: 24 dBm → 27 dBm",
    "Antenna 2 is not named any more",
    "Antenna 10 is named",
    "Antenna 10, station: not set → door",
  ]);
  expect(after({ rules: { minRssiDbm: -62.5 } })).toEqual([
    "Rules, say again after: 90 s → not set",
    "Rules, least strength: not set → −62.5 dBm",
  ]);
});

test.each([
  { what: "stopped", change: { enabled: false }, said: ["Stopped"] },
  { what: "given a key", change: { keyMadeAt: "2026-03-02T07:15:04Z" }, said: ["Got a key of its own"] },
  { what: "left as it was", change: {}, said: [] },
])("a reader that was $what", ({ change, said }) => {
  expect(after(change)).toEqual(said);
});

test("what was added or removed says so, a portal with its sides", () => {
  const portal = { inside: "hall", outside: "yard", by: "antennas" };
  const door = { id: "door", mode: "portal", portal, rules: {} };
  expect(settingsTexts({ was: null, now: door })).toEqual([
    "Added",
    "For: not set → Portal: sees which way things pass",
    "Inside: not set → hall",
    "Outside: not set → yard",
    "Which way by: not set → Which side hears it first",
  ]);
  expect(settingsTexts({ was: door, now: null })).toEqual(["Removed"]);
});

test("a zone's corners are written as people write them", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 4.5, y: 0 },
    { x: 4, y: 3 },
  ];
  expect(settingsTexts({ was: null, now: { points } })).toEqual([
    "Added",
    "Corners: not set → 0,0 4.5,0 4,3 m",
  ]);
  expect(settingsTexts({ was: { points }, now: null })).toEqual(["Removed"]);
});
