import { itemStatuses } from "@tagwire/messages";
import fc from "fast-check";
import type { Happening } from "./test-log.ts";

const tag = fc.constantFrom("A", "B", "C", "D");
const status = fc.constantFrom(...itemStatuses);
/** Anything that may happen to a few tags in two classes, in any order. */
export const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("create" as const),
      tag,
      class: fc.constantFrom("tent", "table"),
      status,
    }),
    fc.record({ kind: fc.constant("move" as const), tag, status }),
    fc.record({ kind: fc.constantFrom("sight" as const, "refuse" as const), tag }),
    fc.record({ kind: fc.constant("novelty" as const) }),
  ),
  { maxLength: 60 },
);
