import Type, { type Static } from "typebox";
import { storableText } from "./ids.ts";

/** The condition flags a return may carry. Absent means "not looked at", which is not the same as false. */
export const conditionFlags = [
  "dirty",
  "leaves",
  "oil",
  "mold",
  "stain",
  "oxidation",
  "rip",
  "sewing",
  "grommet",
  "rope",
  "buckle",
  "wet",
  "service_required",
] as const;
export type ConditionFlag = (typeof conditionFlags)[number];

const tristate = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]));
export const Condition = Type.Object(
  {
    ...(Object.fromEntries(conditionFlags.map((flag) => [flag, tristate])) as Record<
      ConditionFlag,
      typeof tristate
    >),
    other: Type.Optional(Type.Union([Type.String({ maxLength: 500, pattern: storableText }), Type.Null()])),
  },
  { additionalProperties: false },
);
export type Condition = Static<typeof Condition>;
