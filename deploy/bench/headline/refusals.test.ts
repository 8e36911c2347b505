import type { Receipt } from "@tagwire/messages";
import { expect, test } from "vitest";
import { leftRefused, refusedWords } from "./refusals.ts";

test("what is refused and answered by nobody is told by its code, and what was answered or came is not", () => {
  const receipt = (id: string, outcome: Receipt["outcome"], code?: string): Receipt => ({
    ...{ id, outcome, replayed: false, event: { epoch: 1, pos: 1 } },
    ...(code === undefined ? {} : { code }),
  });
  const receipts = [
    receipt("a", "accepted"),
    receipt("b", "rejected", "transition_refused"),
    receipt("c", "rejected", "contract_required"),
    receipt("d", "already_applied", "duplicate_in_session"),
    receipt("e", "rejected", "session_closed"),
  ];
  const left = leftRefused(receipts, new Set(["b", undefined]));
  expect(left).toEqual([
    ["c", "contract_required"],
    ["e", "session_closed"],
  ]);
  expect(refusedWords(new Map(left))).toBe("2 (contract_required 1, session_closed 1)");
  expect(refusedWords(new Map())).toBe("0");
});
