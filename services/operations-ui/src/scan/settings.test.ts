import { expect, test } from "vitest";
import { defaultSettings, noWork, ofType, readSettings, scanOf, sessionAt, storedText } from "./settings.ts";

const identity = { id: "01900000-0000-7000-8000-000000000000", scannedAt: "2026-03-01T10:00:00Z" };

test("what was stored comes back; what cannot be read falls back", () => {
  const stored = {
    ...defaultSettings,
    type: "return",
    contract: "L77",
    condition: ["wet", "rip"],
    fine: ["oil", "wet"],
    other: "a pole is bent",
    session: { site: "north", id: identity.id },
    muted: true,
  };
  expect(readSettings(JSON.stringify(stored))).toMatchObject({
    type: "return",
    contract: "L77",
    session: stored.session,
    muted: true,
  });
  expect(readSettings(JSON.stringify(stored)).condition).toEqual(["rip", "wet"]);
  // A flag is not both, and words are those of one thing.
  expect(readSettings(JSON.stringify(stored))).toMatchObject({ fine: ["oil"], other: "" });
  for (const broken of [
    null,
    "",
    "{",
    "null",
    "7",
    '{"session":{"site":"north","id":"none"}}',
    '{"session":[]}',
    '{"type":"fly","status":3,"condition":"wet","fine":7,"place":null}',
  ]) {
    expect(readSettings(broken)).toEqual(defaultSettings);
  }
});

test("a scan carries what its type uses, and nothing else", () => {
  const found = { condition: ["wet"], fine: ["oil"], other: " a pole is bent " } as const;
  const settings = { ...defaultSettings, contract: " L77 ", place: " dock ", ...found };
  const condition = { wet: true, oil: false, other: "a pole is bent" };
  expect(scanOf({ ...settings, type: "touch" }, "A", identity)).toEqual({
    ...identity,
    tag: "A",
    type: "touch",
    place: "dock",
  });
  const session = "01900000-0000-7000-8000-000000000001";
  expect(scanOf({ ...settings, type: "touch" }, "A", { ...identity, session })).toMatchObject({ session });
  expect(scanOf({ ...settings, type: "rental" }, "A", identity)).toMatchObject({ contract: "L77" });
  expect(scanOf({ ...settings, type: "return" }, "A", identity)).toMatchObject({
    contract: "L77",
    condition,
  });
  expect(scanOf({ ...settings, type: "service", status: "wash" }, "A", identity)).toEqual({
    ...identity,
    tag: "A",
    type: "service",
    status: "wash",
    place: "dock",
    condition,
  });
  // What is ready again is as good as new: what was done is said instead.
  expect(scanOf({ ...settings, type: "service", status: "ready" }, "A", identity).condition).toBeUndefined();
});

test("work is said where it ends, by whoever did it, and is remembered no longer than the page is open", () => {
  const work = { technician: " Ines ", done: ["sewing", "rip"], note: " new pole " } as const;
  const settings = { ...defaultSettings, type: "service", work } as const;
  expect(scanOf({ ...settings, status: "ready" }, "A", identity)).toEqual({
    ...{ ...identity, tag: "A", type: "service", status: "ready" },
    ...{ technician: "Ines", done: ["rip mended", "sewn"], notes: "new pole" },
  });
  expect(scanOf({ ...settings, status: "ready", work: noWork }, "A", identity)).toEqual({
    ...{ ...identity, tag: "A", type: "service", status: "ready" },
  });
  for (const other of [
    { ...settings, status: "repair" },
    { ...settings, type: "return", status: "ready" },
  ] as const) {
    const scan = scanOf(other, "A", identity);
    expect([scan.technician, scan.done, scan.notes]).toEqual([undefined, undefined, undefined]);
  }
  expect(readSettings(storedText({ ...settings, status: "ready" }))).toEqual({
    ...{ ...settings, status: "ready", work: noWork },
  });
});

test("a session that was joined at one site is none at another", () => {
  const session = { site: "north", id: identity.id };
  expect(sessionAt({ session }, "north")).toBe(identity.id);
  expect(sessionAt({ session }, "training-north")).toBeUndefined();
  expect(sessionAt({ session: null }, "north")).toBeUndefined();
});

test("what comes back does not name the contract that was scanned for before", () => {
  for (const before of ["rental", "touch"] as const)
    expect(ofType({ type: before }, "return")).toEqual({ type: "return", contract: "" });
  expect(ofType({ type: "return" }, "pickup")).toEqual({ type: "pickup" });
  expect(ofType({ type: "stage" }, "rental")).toEqual({ type: "rental" });
});
