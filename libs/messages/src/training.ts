import Type, { type Static } from "typebox";
import { ReaderId, SiteId } from "./ids.ts";
import { ClassName, ContractNumber } from "./items.ts";
import { question } from "./question.ts";
import { StationId } from "./stations.ts";

/* Practice: a reader without hardware hears what a trainer puts before it, at a site that exists for nothing else. */

/** Tags that lie or walk before one training reader at a time: a full trolley and more. */
export const fieldTagsMax = 100;
/** Tags without an item that are made at once. */
export const unknownTagsMax = 10;

/** Which way through a gate: `in` is from its outside to its inside. */
export const walkDirections = ["in", "out"] as const;
export type WalkDirection = (typeof walkDirections)[number];

const FieldTag = Type.String({ minLength: 1, maxLength: 64, description: "EPC, as hex digits" });
const FieldTags = Type.Array(FieldTag, { minItems: 1, maxItems: fieldTagsMax, uniqueItems: true });

/** What lies before a training reader, and how many tags walk past it now. */
export const TrainingField = Type.Object({
  tags: Type.Array(Type.Object({ tag: Type.String(), station: StationId })),
  walking: Type.Array(Type.String()),
});
export type TrainingField = Static<typeof TrainingField>;

/** What is put at a station: one or several of these at once. A tag that lies elsewhere before the reader is moved. */
export const PutInField = Type.Object(
  {
    station: StationId,
    tags: Type.Optional(FieldTags),
    class: Type.Optional(ClassName),
    count: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: fieldTagsMax,
        description: "ready items of the class; one without it",
      }),
    ),
    contract: Type.Optional(ContractNumber),
    unknown: Type.Optional(
      Type.Integer({ minimum: 1, maximum: unknownTagsMax, description: "tags that no item carries" }),
    ),
  },
  {
    additionalProperties: false,
    description:
      "tags; ready items of a class; of a contract, at a station for checkout what is still to go out, and at any other what is out; and tags that nobody knows",
  },
);
export type PutInField = Static<typeof PutInField>;

/** What is taken away; without `tags`, everything. */
export const TakeFromField = Type.Object({ tags: Type.Optional(FieldTags) }, { additionalProperties: false });
export type TakeFromField = Static<typeof TakeFromField>;

/** What walks through the gate; without `tags`, everything that lies before the reader. */
export const WalkThroughGate = Type.Object(
  { direction: Type.Enum(walkDirections), tags: Type.Optional(FieldTags) },
  { additionalProperties: false },
);
export type WalkThroughGate = Static<typeof WalkThroughGate>;

export const FieldChange = Type.Union([
  Type.Object({ act: Type.Literal("put"), station: StationId, tags: FieldTags }),
  Type.Object({ act: Type.Literal("take"), ...TakeFromField.properties }),
  Type.Object({ act: Type.Literal("walk"), ...WalkThroughGate.properties }),
]);
export type FieldChange = Static<typeof FieldChange>;

/** Asked of the reader-gateway that runs the training reader; without a change, only what is there. */
export const AskTrainingField = question({
  service: "reader-gateway",
  name: "training-field",
  question: Type.Object({
    site: SiteId,
    id: ReaderId,
    change: Type.Optional(FieldChange),
  }),
  answer: Type.Object({ field: TrainingField }),
});
