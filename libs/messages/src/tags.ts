import Type, { type Static } from "typebox";
import { ClassName, PlaceName, Role } from "./items.ts";

export const RetagItem = Type.Object(
  {
    tag: Type.String({ description: "the tag it carries" }),
    to: Type.String({ minLength: 1, maxLength: 1_024, description: "the tag it carries from now on" }),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
);
export type RetagItem = Static<typeof RetagItem>;

export const provisionedPerRequestMax = 5_000;

/**
 * Where new tags come from: SGTIN-96 of a company prefix and item reference, GIAI-96 of a company prefix (GS1 TDS 1.13 §14.5.1 and
 * §14.5.5), or the firm's own sequence: a prefix of hex digits followed by a number, 24 hex digits together, which must read as no EPC.
 */
export const TagScheme = Type.Union([
  Type.Object(
    {
      scheme: Type.Literal("sgtin-96"),
      companyPrefix: Type.String({ pattern: "^\\d{6,12}$" }),
      itemReference: Type.String({ pattern: "^\\d{1,7}$", description: "indicator digit first" }),
      filter: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 })),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      scheme: Type.Literal("giai-96"),
      companyPrefix: Type.String({ pattern: "^\\d{6,12}$" }),
      filter: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 })),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { scheme: Type.Literal("prefix"), prefix: Type.String({ pattern: "^[0-9A-Fa-f]{2,16}$" }) },
    { additionalProperties: false },
  ),
]);
export type TagScheme = Static<typeof TagScheme>;

export const ProvisionTags = Type.Object(
  {
    class: ClassName,
    quantity: Type.Integer({ minimum: 1, maximum: provisionedPerRequestMax }),
    tags: TagScheme,
    place: Type.Optional(PlaceName),
    role: Type.Optional(Role),
    reuseSold: Type.Optional(
      Type.Boolean({
        description:
          "take tags of sold things of the class first, those that were sold longest ago; new numbers for the rest",
      }),
    ),
  },
  { additionalProperties: false },
);
export type ProvisionTags = Static<typeof ProvisionTags>;

export const misprintFates = ["retire", "reprint"] as const;
export type MisprintFate = (typeof misprintFates)[number];

/** A label that came out wrong: its tag is given up, or printed once more. */
const Misprint = Type.Object(
  {
    tag: Type.String({ maxLength: 1_024 }),
    fate: Type.Enum(misprintFates, {
      description: "retire: the tag has ended; reprint: it still waits for its label",
    }),
  },
  { additionalProperties: false },
);

/**
 * What came out of the printer. Tags that wait for it are ready to rent from then on; those that do not wait stay as they are. Misprints
 * are named, and are none of the confirmed ones even where `tags` has them. `all` names a class: everything of it that waits, the first so many
 * in the order of their tags. Whoever decides it looks that up, so that a repeat says the same whatever waits by then.
 */
export const ConfirmTags = Type.Object(
  {
    tags: Type.Array(Type.String({ maxLength: 1_024 }), { maxItems: provisionedPerRequestMax }),
    all: Type.Optional(Type.Object({ class: ClassName }, { additionalProperties: false })),
    misprints: Type.Optional(Type.Array(Misprint, { maxItems: provisionedPerRequestMax })),
  },
  { additionalProperties: false },
);
export type ConfirmTags = Static<typeof ConfirmTags>;

/** How the tags stand after a confirmation: `unchanged` did not wait for their labels any more. */
export const ConfirmedTags = Type.Object({
  ready: Type.Array(Type.String()),
  retired: Type.Array(Type.String()),
  reprint: Type.Array(Type.String()),
  unchanged: Type.Array(Type.String()),
  left: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: `with \`all\`: how many of the class wait besides, since one request takes ${provisionedPerRequestMax}; ask again, under another Idempotency-Key, for the next`,
    }),
  ),
});
export type ConfirmedTags = Static<typeof ConfirmedTags>;
