import type { UndoneEvent } from "@tagwire/messages";
import { expect, test } from "vitest";
import { leftBehindText, undoneText } from "./undo.ts";

const event = { pos: 7, type: "item.returned.v1", outcome: "undone" } as const satisfies UndoneEvent;

test.each([
  {
    said: { ...event, set: { status: "on_rent", contract: "4711", place: null } },
    text: "at position 7 is taken back: on rent, contract 4711, no place again.",
  },
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
