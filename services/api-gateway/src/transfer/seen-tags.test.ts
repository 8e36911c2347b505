import { expect, test } from "vitest";
import type { RowOutcome } from "./import-answer.ts";
import { createSeenTags } from "./seen-tags.ts";

const createdAs = (tag: string, row: number): RowOutcome => ({ row, tag, outcome: "created" });
const codesOf = (outcomes: readonly RowOutcome[]) => outcomes.map(({ code }) => code);

test("a tag that comes again in a later chunk is told, and so is another tag of the same thing", () => {
  const seen = createSeenTags();
  // One SGTIN with two values of its filter, and the next number.
  const first = ["3014F4E4E400024000000001", "own-1"].map(createdAs);
  expect(codesOf(seen.mark(first))).toEqual([undefined, undefined]);
  const second = ["3034F4E4E400024000000001", "own-1", "3014F4E4E400024000000002", "OWN-1"].map(createdAs);
  const again = "duplicate_in_import";
  expect(codesOf(seen.mark(second))).toEqual([again, again, undefined, undefined]);
});
