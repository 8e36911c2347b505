import type { Receipt } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Row } from "../outbox/rows.ts";
import { isConfirmed, rowShown } from "./shown.ts";

const answered = (receipt: Partial<Receipt>): Row =>
  ({ state: "answered", by: "ann", times: 1, receipt: { replayed: false, ...receipt } }) as never;

test("what was taken and is odd is told, and does not look like any other", () => {
  const item = { tag: "A", status: "on_rent", version: 3 };
  const plain = rowShown(answered({ outcome: "accepted", item }), []);
  expect(plain).toMatchObject({ word: "Accepted", tone: "ready", note: "Now on rent." });
  const odd = rowShown(answered({ outcome: "accepted", flags: ["seen_while_out"], item }), []);
  expect(odd).toMatchObject({
    ...{ word: "Accepted", tone: "inService" },
    note: "Now on rent. Seen here while out on a contract.",
  });
});

test("what a code says already is not told again as a flag", () => {
  const code = "late_history_only";
  const late = rowShown(answered({ outcome: "accepted", code, flags: [code] }), []);
  expect(late).toMatchObject({
    tone: "inService",
    note: "Something newer is known, so this is history only.",
  });
  const refused = rowShown(answered({ outcome: "rejected", code: "contract_required" }), []);
  expect(refused).toMatchObject({ word: "Refused", tone: "missing" });
});

test("what is to be done with a thing is told as that", () => {
  const item = { tag: "A", status: "repair", version: 3 };
  const back = rowShown(answered({ outcome: "accepted", item }), []);
  expect(back.note).toBe("Now to be repaired.");
});

test("a refused scan does not sound as if it had led to where the item is", () => {
  const item = { tag: "A", status: "on_rent", version: 3 };
  const refused = rowShown(answered({ outcome: "rejected", code: "transition_refused", item }), []);
  expect(refused.note).toBe("Still on rent. The item's status does not allow this.");
});

test.each([
  { seen: undefined, is: false },
  { seen: { epoch: 1, pos: 6 }, is: false },
  { seen: { epoch: 1, pos: 7 }, is: true },
  { seen: { epoch: 2, pos: 1 }, is: true },
])("what is recorded at 1:7 is confirmed ($is) when the screens are at $seen", ({ seen, is }) => {
  const receipt: Receipt = { id: "a", outcome: "accepted", replayed: false, event: { epoch: 1, pos: 7 } };
  expect(isConfirmed(receipt, seen)).toBe(is);
});

test.each([
  { state: "saved", absent: [], word: "Saved here" },
  { state: "saved", absent: ["ann"], word: "Not sent yet" },
  { state: "sending", absent: [], word: "Sending" },
  { state: "unanswered", absent: [], word: "No answer yet" },
  { state: "held", absent: [], word: "Not saved" },
  { state: "refused", absent: [], word: "Not recorded" },
] as const)("without a receipt nothing looks like success: $state", ({ state, absent, word }) => {
  const shown = rowShown({ state, by: "ann", times: 1 } as unknown as Row, absent);
  expect([shown.word, shown.tone === "ready"]).toEqual([word, false]);
});
