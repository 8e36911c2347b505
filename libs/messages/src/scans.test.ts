import { Compile } from "typebox/compile";
import { describe, expect, test } from "vitest";
import { Command, RecordScans } from "./commands.ts";
import { newId } from "./ids.ts";
import { Observation } from "./observations.ts";
import { Scan, scansPerRequestMax } from "./scans.ts";

const scan = { id: newId(), tag: "A1", type: "rental", scannedAt: "2026-05-04T10:00:00Z" };
const check = Compile(Scan);

describe("a scan", () => {
  test.each<[string, object]>([
    ["with nothing more", {}],
    [
      "with everything",
      {
        contract: "C-1",
        session: newId(),
        place: "dock",
        status: "wet",
        quality: "A+",
        notes: "",
        force: true,
        reason: "now",
        condition: { wet: true, rip: null, other: "bent" },
      },
    ],
    ["of a tag that nobody can have", { tag: "" }],
    ["with an id in capitals", { id: newId().toUpperCase() }],
  ])("%s can be said", (_, more) => {
    expect(check.Check({ ...scan, ...more })).toBe(true);
  });

  test.each<[string, object]>([
    ["of another type", { type: "borrow" }],
    ["with an id that is none", { id: "7" }],
    ["with a member that nobody knows", { colour: "red" }],
    ["with a blank contract", { contract: "  " }],
    ["with a contract of 41 characters", { contract: "x".repeat(41) }],
    ["with a NUL in its notes", { notes: "\u0000" }],
    ["with half a character in its reason", { reason: "\ud83e" }],
    ["with a NUL in its condition", { condition: { other: "\u0000" } }],
    ["with a condition that nobody knows", { condition: { burnt: true } }],
    ["that leads to a state of its own", { status: "on_rent" }],
    ["with notes of 2,001 characters", { notes: "x".repeat(2_001) }],
    ["without an instant", { scannedAt: undefined }],
  ])("%s cannot", (_, more) => {
    expect(check.Check({ ...scan, ...more })).toBe(false);
  });
});

test("a request holds 1 to 5,000 scans", () => {
  const record = Compile(RecordScans);
  const of = (count: number) => ({ scans: Array.from({ length: count }, () => scan) });
  expect([0, 1, scansPerRequestMax, scansPerRequestMax + 1].map((count) => record.Check(of(count)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(scansPerRequestMax).toBe(5_000);
});

test("a command says who asks, when, and for what", () => {
  const command = Compile(Command);
  const whole = {
    kind: "scans.record",
    id: newId(),
    by: {},
    receivedAt: scan.scannedAt,
    traceparent: "",
    body: { scans: [scan] },
  };
  expect(command.Check(whole)).toBe(true);
  for (const member of Object.keys(whole))
    expect(command.Check({ ...whole, [member]: undefined })).toBe(false);
});

test("an observation's id becomes a scan's, so it is one", () => {
  const at = scan.scannedAt;
  const whole = {
    id: newId(),
    tag: "A1",
    place: null,
    antenna: 1,
    reads: 1,
    peakRssiDbm: null,
    firstHeardAt: at,
    lastHeardAt: at,
    traceparent: "",
  };
  const observation = Compile(Observation);
  expect(observation.Check(whole)).toBe(true);
  expect(observation.Check({ ...whole, id: "one" })).toBe(false);
  expect(observation.Check({ ...whole, reads: 0 })).toBe(false);
});
