import { itemStatuses } from "@tagwire/messages";
import fc from "fast-check";
import type { Happening } from "./test-log.ts";
import type { Entry } from "./test-records.ts";

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
    fc.record({ kind: fc.constantFrom("sight" as const, "refuse" as const, "dismiss" as const), tag }),
    fc.record({ kind: fc.constantFrom("novelty" as const, "garble" as const) }),
  ),
  { maxLength: 60 },
);

const contract = fc.constantFrom("1001", "1002", "L7", "M-1");
const session = fc.constantFrom(
  "01990000-0000-7000-8000-000000000001",
  "01990000-0000-7000-8000-000000000002",
);
const maybeSession = fc.option(session, { nil: undefined });

/** Anything that may happen to a few contracts, sessions and classes, in any order. */
export const entries: fc.Arbitrary<Entry[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("rent" as const), tag, contract, session: maybeSession }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom("bring" as const, "see" as const, "undo" as const),
        tag,
        session: maybeSession,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("open" as const),
        contract,
        outAt: fc.constant("2026-01-02T09:00:00Z"),
        dueAt: fc.constantFrom("2026-01-03T03:00:00Z", "2026-01-05T17:00:00Z"),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom("amend" as const, "close" as const, "reopen" as const, "lot" as const),
        contract,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("merge" as const), contract, into: contract }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("unmerge" as const), contract }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("goOn" as const), session }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("begin" as const), session, expected: fc.uniqueArray(tag) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("end" as const),
        session,
        complete: fc.constantFrom(true, false, null),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("describe" as const),
        class: fc.constantFrom("tent", "table"),
        category: fc.constantFrom("Frame Tent Tops", "Napkins"),
      }),
    },
  ),
  { maxLength: 60 },
);
