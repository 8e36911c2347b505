import { expect, test } from "vitest";
import { defaultSettings, readSettings, scanOf } from "./settings.ts";

const identity = { id: "01900000-0000-7000-8000-000000000000", scannedAt: "2026-03-01T10:00:00Z" };

test("what was stored comes back; what cannot be read falls back", () => {
  const stored = {
    ...defaultSettings,
    type: "return",
    contract: "L77",
    condition: ["wet", "rip"],
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
  for (const broken of [
    null,
    "",
    "{",
    "null",
    "7",
    '{"session":{"site":"north","id":"none"}}',
    '{"session":[]}',
    '{"type":"fly","status":3,"condition":"wet","place":null}',
  ]) {
    expect(readSettings(broken)).toEqual(defaultSettings);
  }
});

test("a scan carries what its type uses, and nothing else", () => {
  const settings = { ...defaultSettings, contract: " L77 ", place: " dock ", condition: ["wet"] as const };
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
    condition: { wet: true },
  });
  expect(scanOf({ ...settings, type: "service", status: "wash" }, "A", identity)).toEqual({
    ...identity,
    tag: "A",
    type: "service",
    status: "wash",
    place: "dock",
  });
});
