import Type, { type Static } from "typebox";

/** A field of an item that an edit sets back. */
export const FieldBack = Type.Object({
  field: Type.String(),
  is: Type.Union([Type.String(), Type.Null()]),
  becomes: Type.Union([Type.String(), Type.Null()]),
});
export type FieldBack = Static<typeof FieldBack>;

/** What a remedy does, in numbers and values that a person can check before it is done. */
export const RemedyPlan = Type.Union([
  Type.Object({
    remedy: Type.Literal("replay"),
    events: Type.Integer({ description: "how many events are applied anew" }),
    isStaleMeanwhile: Type.Boolean({ description: "whether the boards of the site are behind until then" }),
  }),
  Type.Object({
    remedy: Type.Literal("recount"),
    side: Type.String({ description: "operations or manager" }),
    entity: Type.String(),
    bucket: Type.Integer(),
    kept: Type.String({ description: "what was kept of the bucket: rows, and four sums of them" }),
    counted: Type.String({ description: "what its rows come to" }),
  }),
  Type.Object({
    remedy: Type.Literal("edit"),
    tag: Type.String(),
    version: Type.Integer({ description: "of the item, as it was read for this" }),
    fields: Type.Array(FieldBack),
  }),
]);
export type RemedyPlan = Static<typeof RemedyPlan>;

/**
 * What becomes of healing, or in a preview would become of it. `proposed`: a critical finding is healed when a second person says so, too.
 * `refused`: whoever proposed it asks for the preview, and somebody else has to do it.
 */
export const healingOutcomes = ["healing", "proposed", "refused"] as const;
export type HealingOutcome = (typeof healingOutcomes)[number];

export const Healing = Type.Object({ outcome: Type.Enum(healingOutcomes), plan: RemedyPlan });
export type Healing = Static<typeof Healing>;
