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
  },
  { additionalProperties: false },
);
export type ProvisionTags = Static<typeof ProvisionTags>;
