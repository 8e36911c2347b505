import { newId } from "@tagwire/messages";
import { expect, test } from "vitest";
import { type Look, seenAgain } from "./finding-life.ts";
import { lateRules } from "./late-rules.ts";
import type { Sighting } from "./sighting.ts";

const look: Look = {
  ...{ site: "north", at: "2026-05-04T08:00:00.000Z", barrier: { epoch: 1, pos: 7 }, nextId: newId },
};

test("a rule that is late once is suspected, and at the next audit, too, open; each rule is a finding of its own", () => {
  const [late, other] = lateRules(["orphan_member member", "double_rental item"]) as [Sighting, Sighting];
  const once = seenAgain(undefined, late, look);
  expect(once.finding).toMatchObject({ code: "rule_late", key: "orphan_member member", state: "suspect" });
  expect(seenAgain(once, late, look).finding.state).toBe("open");
  expect(seenAgain(undefined, other, look).finding.fingerprint).not.toBe(once.finding.fingerprint);
  expect(lateRules([])).toEqual([]);
});
