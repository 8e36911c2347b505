import type { Station } from "@tagwire/messages";
import { expect, test } from "vitest";
import { draftOfStation, emptyStation, stationOfDraft } from "./station-draft.ts";

const gate: Station = {
  id: "gate",
  mode: "portal",
  portal: { inside: "hall", outside: "yard", by: "triggers", triggers: { inside: 3, outside: 4 } },
  rules: { minRssiDbm: -60 },
};
const shelf: Station = { id: "shelf", mode: "count", place: "shelf 4", rules: {} };

test.each([gate, shelf])("$id that nobody touched is put as it is, with its rules", (station) => {
  const { id: _, ...put } = station;
  expect(stationOfDraft(draftOfStation(station), station)).toEqual({ station: put });
});

test("the rules in the fields are the station's; emptied, it has none", () => {
  const draft = draftOfStation(gate);
  const set = { ...draft, rules: { ...draft.rules, minRssiDbm: "", minReads: "4", tags: "30" } };
  expect(stationOfDraft(set, gate)).toMatchObject({ station: { rules: { minReads: 4, tags: ["30"] } } });
  expect(stationOfDraft({ ...draft, rules: emptyStation.rules }, gate)).toMatchObject({
    station: { rules: {} },
  });
  expect(stationOfDraft({ ...draft, rules: { ...draft.rules, dwellMs: "soon" } }, gate)).toHaveProperty(
    "wrong",
  );
});

test("what a mode does not have is left out", () => {
  const draft = { ...draftOfStation({ ...gate, rules: {} }), mode: "zone" as const, place: " arch " };
  expect(stationOfDraft(draft)).toEqual({ station: { mode: "zone", place: "arch" } });
  const portal = { ...draftOfStation(shelf), mode: "portal" as const, inside: "hall", outside: "yard" };
  expect(stationOfDraft(portal)).toEqual({
    station: { mode: "portal", portal: { inside: "hall", outside: "yard", by: "antennas" } },
  });
});

test.each([
  { draft: { id: "dock 1" }, wrong: /^A name is/ },
  { draft: { id: "dock", place: " " }, wrong: /^A station has a place/ },
  { draft: { id: "dock", mode: "portal" as const, inside: "hall" }, wrong: /name both/ },
  {
    draft: { ...draftOfStation(gate), outsideInput: "17" },
    wrong: /^Inputs of a reader are numbers from 1 to 16/,
  },
])("$wrong", ({ draft, wrong }) => {
  expect(stationOfDraft({ ...emptyStation, ...draft })).toEqual({ wrong: expect.stringMatching(wrong) });
});
