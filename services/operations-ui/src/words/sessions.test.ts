import { expect, test } from "vitest";
import { noTagsText, sessionText, workersText } from "./sessions.ts";

const blank = { mode: "count", contract: null, place: null, class: null } as const;

test.each([
  { session: blank, text: "Count" },
  { session: { ...blank, place: "dock" }, text: "Count · dock" },
  {
    session: { ...blank, mode: "checkout", contract: "100", place: "dock", station: "gate" } as const,
    text: "Checkout · 100 · readers of gate",
  },
  { session: { ...blank, mode: null }, text: "Not begun yet" },
])("a session is called $text", ({ session, text }) => {
  expect(sessionText(session)).toBe(text);
});

test.each([
  { people: [], devices: [], text: undefined },
  { people: ["Ana"], devices: [], text: "Ana" },
  { people: [], devices: ["dock-reader"], text: "dock-reader" },
  { people: ["Ana", "Ben"], devices: ["tablet-3"], text: "Ana, Ben · tablet-3" },
  { people: ["Ana", "Ben", "Cem"], devices: ["a", "b", "c", "d"], text: "Ana, Ben, 1 more · a, b, 2 more" },
])("at work in a session: $text", ({ people, devices, text }) => {
  expect(workersText({ people, devices })).toBe(text);
});

test.each([
  { finding: "missing", missing: 0, text: "None." },
  { finding: "found", missing: 8, text: "None." },
  {
    finding: "missing",
    missing: 8,
    text: "8 of what was ordered by class: any of it will do, so no tag is named.",
  },
] as const)(
  "no tag is listed as $finding while $missing are missing: $text",
  ({ finding, missing, text }) => {
    expect(noTagsText({ missing }, finding)).toBe(text);
  },
);
