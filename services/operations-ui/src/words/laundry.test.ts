import type { LaundryRound } from "@tagwire/messages";
import { expect, test } from "vitest";
import { roundSum } from "./laundry.ts";

const none = { sent: 0, returned: 0, missing: 0, backLater: 0, notRecorded: 0, surplus: 0 };
type Given = Pick<LaundryRound, "state"> & { ended?: true; items?: object; lots?: object };
const roundOf = ({ state, ended, items = {}, lots = {} }: Given): LaundryRound => ({
  ...{
    round: 1,
    state,
    beganAt: "2026-05-04T08:00:00Z",
    beganBy: null,
    finalizedAt: null,
    finalizedBy: null,
  },
  ...{ returnedAt: null, returnedBy: null, endedAt: ended ? "2026-05-05T08:00:00Z" : null, endedBy: null },
  items: { ...none, ...items },
  lots: { sent: 0, returned: 0, missing: 0, surplus: 0, ...lots },
  ...{ classes: [], lotNames: [], missingTags: [], missingTagsMore: 0 },
});

test.each<Given & { says: string }>([
  { state: "open", says: "Nothing has been counted yet." },
  { state: "open", items: { sent: 1, missing: 1 }, says: "Counted so far: 1 item." },
  {
    ...{ state: "finalized", items: { sent: 3, missing: 2 }, lots: { sent: 50, missing: 50 } },
    says: "Still there: 2 items and 50 pieces counted by hand.",
  },
  { state: "finalized", items: { sent: 3, returned: 3 }, says: "Everything is back." },
  { state: "returned", items: { sent: 3, returned: 3 }, says: "Everything came back." },
  {
    ...{
      state: "returned",
      items: { sent: 3, returned: 2, missing: 1 },
      lots: { sent: 4, returned: 6, surplus: 2 },
    },
    says: "Missing: 1 item. 2 pieces counted by hand more than was sent.",
  },
  // Whoever sent it out again before it was back was told what is missing.
  { state: "finalized", ended: true, items: { sent: 1, missing: 1 }, says: "Missing: 1 item." },
])("a round that is $state says: $says", ({ says, ...given }) => {
  expect(roundSum(roundOf(given))).toBe(says);
});
