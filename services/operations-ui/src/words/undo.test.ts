import type { UndoneEvent } from "@tagwire/messages";
import { expect, test } from "vitest";
import { leftBehindText, undoneText } from "./undo.ts";

const event = { pos: 7, type: "item.returned.v1", outcome: "undone" } as const satisfies UndoneEvent;

test.each([
  {
    said: { ...event, set: { status: "on_rent", contract: "4711", place: null } },
    text: "at position 7 is taken back: on rent, contract 4711, no place again.",
  },
  {
    said: {
      ...event,
      set: {
        ...{ status: "wash", lastScan: { by: { device: "d" } }, lastFactAt: "2026-01-01T00:00:00Z" },
        ...{ condition: { dirty: true }, lastService: null, version: 3, placeAt: null },
      },
    },
    text: "at position 7 is taken back: wash, condition dirty again.",
  },
  { said: { ...event, set: { lastFactAt: null } }, text: "Returned at position 7 is taken back." },
  {
    said: {
      ...event,
      ...({ outcome: "refused", blockedBy: 9 } as const),
      reason: "item.returned.v1 at 9 came after it: take that back first",
    },
    text: "cannot be taken back. “Returned” at 9 came after it: take that back first.",
  },
  {
    said: {
      ...event,
      ...({ outcome: "refused", blockedBy: 9, reason: "things have moved on it since" } as const),
    },
    text: "cannot be taken back. Things have moved on it since. Take back position 9 first.",
  },
  { said: { ...event, set: { quality: "B" } }, text: "is taken back: quality B again." },
  { said: event, text: "at position 7 is taken back." },
  { said: { ...event, outcome: "nothing_to_undo" }, text: "at position 7: there is nothing to take back." },
  {
    said: { ...event, outcome: "refused", reason: "It went out again.", blockedBy: 9 },
    text: "cannot be taken back. It went out again. Take back position 9 first.",
  },
  {
    said: { ...event, outcome: "refused", instead: "closeContract" },
    text: "cannot be taken back. What is wanted is done by: closeContract.",
  },
] as const)("what becomes of an event is told: $text", ({ said, text }) => {
  expect(undoneText(said)).toContain(text);
  expect(undoneText(said).match(/first/g)?.length ?? 0).toBeLessThan(2);
});

test("an undo that stopped half way, or left some of what was chosen, is not told as all of it", () => {
  const message = "1 of 2 events were taken back";
  const undone = [event, { ...event, pos: 6 }];
  expect(leftBehindText({ receipt: { message }, undone })).toBeUndefined();
  // What was left may be beyond what the answer names.
  expect(leftBehindText({ receipt: { message, code: "undo_refused" }, undone })).toContain(message);
  const some = [event, { ...event, outcome: "refused" as const }];
  expect(leftBehindText({ receipt: { message }, undone: some })).toContain(message);
});
