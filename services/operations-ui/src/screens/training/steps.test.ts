import type { LoggedEvent } from "@tagwire/messages";
import { expect, test } from "vitest";
import { exercises } from "./exercises.ts";
import { nothingMade, type Step } from "./steps.ts";

const eventOf = (event: Partial<LoggedEvent>): LoggedEvent => ({
  ...{ epoch: 1, pos: 1, id: "e", type: "", site: "training-yard", by: {}, traceId: "", traceparent: "" },
  ...{ receivedAt: "", recordedAt: "", data: {}, prevHash: "", hash: "" },
  ...event,
});
const stepOf = (exercise: string, index: number): Step => {
  const step = exercises.find(({ id }) => id === exercise)?.steps[index];
  if (step === undefined) throw new Error(`no step ${index} of ${exercise}`);
  return step;
};
const made = { ...nothingMade, session: "s", contract: "P", tags: ["A", "B"], odd: "C" };
const rented = (tag: string, session = "s") => eventOf({ type: "item.rented.v1", tag, session });

test.each([
  { what: "nothing happened", events: [], have: 0 },
  { what: "a tag comes twice", events: [rented("A"), rented("A")], have: 1 },
  { what: "a tag of somebody else", events: [rented("X"), rented("A")], have: 1 },
  { what: "another session", events: [rented("A", "other")], have: 0 },
  {
    what: "another thing happened to it",
    events: [eventOf({ type: "item.sighted.v1", tag: "A", session: "s" })],
    have: 0,
  },
  { what: "all of them", events: [rented("A"), rented("B")], have: 2 },
])("of what goes out, $what counts as it should", ({ events, have }) => {
  expect(stepOf("checkout", 1).tally({ events, isHeard: false }, made)).toEqual({ have, want: 2 });
});

test("a dirty return is one that waits to be washed, and no other", () => {
  const returned = (status: string, tag = "C") =>
    eventOf({ type: "item.returned.v1", tag, session: "s", data: { set: { status } } });
  const { tally } = stepOf("return", 2);
  expect(tally({ events: [returned("ready")], isHeard: false }, made)).toEqual({ have: 0, want: 1 });
  expect(tally({ events: [returned("wash", "A")], isHeard: false }, made)).toEqual({ have: 0, want: 1 });
  expect(tally({ events: [returned("wash")], isHeard: false }, made)).toEqual({ have: 1, want: 1 });
});

test("of nothing that happened is any step done", () => {
  for (const { id, steps } of exercises)
    for (const step of steps) {
      const { have, want } = step.tally({ events: [], isHeard: false }, made);
      expect(have, `${id}: ${step.say}`).toBeLessThan(want);
    }
});
