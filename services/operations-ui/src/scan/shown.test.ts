import type { Receipt } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Sending } from "./sender.ts";
import { sendingShown } from "./shown.ts";

const answered = (receipt: Partial<Receipt>): Sending =>
  ({ state: "answered", by: "ann", tries: 1, times: 1, receipt: { replayed: false, ...receipt } }) as never;

test("what was taken and is odd is told, and does not look like any other", () => {
  const item = { tag: "A", status: "on_rent", version: 3 };
  const plain = sendingShown(answered({ outcome: "accepted", item }), []);
  expect(plain).toMatchObject({ word: "Accepted", tone: "ready", note: "Now on rent." });
  const odd = sendingShown(answered({ outcome: "accepted", flags: ["seen_while_out"], item }), []);
  expect(odd).toMatchObject({
    ...{ word: "Accepted", tone: "inService" },
    note: "Now on rent. Seen here while out on a contract.",
  });
});

test("what a code says already is not told again as a flag", () => {
  const code = "late_history_only";
  const late = sendingShown(answered({ outcome: "accepted", code, flags: [code] }), []);
  expect(late).toMatchObject({
    tone: "inService",
    note: "Something newer is known, so this is history only.",
  });
  const refused = sendingShown(answered({ outcome: "rejected", code: "contract_required" }), []);
  expect(refused).toMatchObject({ word: "Refused", tone: "missing" });
});
