import { type LoggedEvent, SessionBegun } from "@tagwire/messages";
import { expect, test } from "vitest";
import { sampleLog } from "../test-log.ts";
import { cutBySessionTags, sessionTagsPerRunMax } from "./session-tags.ts";

const log = sampleLog({ site: "house" });
log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
const [sample] = log.events;
if (sample === undefined) throw new Error("no event");

const begun = (pos: number, tags: number): LoggedEvent => ({
  ...{ ...sample, pos, type: SessionBegun.type, session: `session ${pos}` },
  data: { mode: "count", expected: Array.from({ length: tags }, (_, index) => `tag ${index}`) },
});

const positionsOf = (runs: readonly (readonly LoggedEvent[])[]) =>
  runs.map((run) => run.map(({ pos }) => pos));

test("a run begins to expect no more tags than one may, in the order of the log, and what is larger stands alone", () => {
  const half = sessionTagsPerRunMax / 2;
  const events = [
    begun(1, half),
    begun(2, half),
    begun(3, half),
    begun(4, half * 3),
    begun(5, 1),
    begun(6, 0),
  ];
  expect(positionsOf(cutBySessionTags(events))).toEqual([[1, 2], [3], [4], [5, 6]]);
  expect(cutBySessionTags([])).toEqual([]);
});
