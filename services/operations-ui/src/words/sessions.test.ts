import { expect, test } from "vitest";
import { sessionText, workersText } from "./sessions.ts";

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
