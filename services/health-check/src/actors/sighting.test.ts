import type { Evidence } from "@tagwire/messages";
import { expect, test } from "vitest";
import { signatureOf } from "./sighting.ts";

const row = { tag: "T1", notes: null, pos: 7, version: 3 };
const evidence: Evidence = {
  ...{ operations: row, manager: { ...row, notes: "flipped" }, folded: row, fields: ["notes"] },
};
const scanned = { ...row, pos: 9, version: 4 };

test.each<{ what: string; now: Evidence; isNews: boolean }>([
  {
    what: "a thing that was scanned meanwhile and has the same wrong with it",
    now: { ...evidence, operations: scanned, manager: { ...scanned, notes: "flipped" }, folded: scanned },
    isNews: false,
  },
  { what: "another value", now: { ...evidence, manager: { ...row, notes: "again" } }, isNews: true },
  {
    what: "another field",
    now: { ...evidence, manager: { ...row, notes: "flipped", pos: 8 }, fields: ["notes", "pos"] },
    isNews: true,
  },
  { what: "one that is gone from a side", now: { ...evidence, manager: null }, isNews: true },
  { what: "events that followed", now: { ...evidence, events: [{ pos: 9 }] }, isNews: false },
])("$what: news is $isNews", ({ now, isNews }) => {
  expect(signatureOf({ evidence: now }) !== signatureOf({ evidence })).toBe(isNews);
});

test("sums that move with every write are no news while what they are off by is the same", () => {
  const drift = { detail: "off by 0:1:0:0:0", sums: { kept: "1:2:3:4:5", counted: "1:1:3:4:5" } };
  const later = { ...drift, sums: { kept: "2:9:3:4:5", counted: "2:8:3:4:5" } };
  expect(signatureOf({ evidence: later })).toBe(signatureOf({ evidence: drift }));
  expect(signatureOf({ evidence: { ...drift, detail: "off by 0:2:0:0:0" } })).not.toBe(
    signatureOf({ evidence: drift }),
  );
});
