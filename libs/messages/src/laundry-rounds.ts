import Type, { type Static } from "typebox";
import { Instant } from "./ids.ts";
import { By } from "./items.ts";

/*
 * A laundry contract goes to the cleaner again and again. From one reactivation to the next is a round, and each round says for
 * itself what was counted before the wash and what came back. Who opens a contract again that was closed once everything was back has
 * the next one, too.
 */

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * What became of an item in a round. `back_later`: it was missing when the round ended and came back in a later one; `not_recorded`:
 * it turned up in the house, and nobody scanned its return; `surplus`: it came back and had not been sent in this round.
 */
export const roundFindings = ["returned", "missing", "back_later", "not_recorded", "surplus"] as const;
export type RoundFinding = (typeof roundFindings)[number];

export const RoundItem = Type.Object({
  tag: Type.String(),
  class: Type.String({ description: "empty where a tag came back that no item carries" }),
  finding: Type.Enum(roundFindings),
  sentAt: nullable(Instant),
  backAt: nullable(Instant),
  sentRound: nullable(Type.Integer({ description: "the round it went out in" })),
  backRound: nullable(Type.Integer({ description: "the round it came back in" })),
});
export type RoundItem = Static<typeof RoundItem>;

/** Sent less missing and not recorded, and surplus on top, is what came back. */
export const RoundCounts = Type.Object({
  sent: Type.Integer({ description: "counted before the wash" }),
  returned: Type.Integer({ description: "came back in this round, surplus among it" }),
  missing: Type.Integer({ description: "sent, and not back in this round" }),
  backLater: Type.Integer({ description: "of what is missing: came back in a later round" }),
  notRecorded: Type.Integer({ description: "sent, and turned up without a return" }),
  surplus: Type.Integer({ description: "came back, and was not sent in this round" }),
});
export type RoundCounts = Static<typeof RoundCounts>;

export const RoundClass = Type.Object({ class: Type.String(), ...RoundCounts.properties });
export type RoundClass = Static<typeof RoundClass>;

/** Goods without tags: of those that come back in a later round nobody can tell which round they were sent in. */
export const RoundLotCounts = Type.Pick(RoundCounts, ["sent", "returned", "missing", "surplus"]);
export type RoundLotCounts = Static<typeof RoundLotCounts>;
export const RoundLot = Type.Object({ name: Type.String(), ...RoundLotCounts.properties });
export type RoundLot = Static<typeof RoundLot>;

/** `open`: it is being counted; `finalized`: the cleaner has it; `returned`: it is back; `closed`: so is the contract. */
export const roundStates = ["open", "finalized", "returned", "closed"] as const;
export type RoundState = (typeof roundStates)[number];

/** How many tags of what did not come back are told with their round; all of them are a list of their own. */
export const roundMissingTagsMax = 200;

/**
 * A round and its difference report. `endedAt` is when it was reactivated into the next one, or the contract was closed; until the round has been
 * returned, what is missing is what the cleaner still has.
 */
export const LaundryRound = Type.Object({
  round: Type.Integer({ minimum: 1 }),
  state: Type.Enum(roundStates),
  beganAt: Instant,
  beganBy: nullable(By),
  finalizedAt: nullable(Instant),
  finalizedBy: nullable(By),
  returnedAt: nullable(Instant),
  returnedBy: nullable(By),
  endedAt: nullable(Instant),
  endedBy: nullable(By),
  items: RoundCounts,
  lots: RoundLotCounts,
  classes: Type.Array(RoundClass, { description: "scanned items, by class" }),
  lotNames: Type.Array(RoundLot, { description: "hand-counted goods, by name" }),
  missingTags: Type.Array(RoundItem, {
    description: `tags that were sent and did not come back in this round, the first ${roundMissingTagsMax} of them`,
  }),
  missingTagsMore: Type.Integer({ description: "how many more there are" }),
});
export type LaundryRound = Static<typeof LaundryRound>;
