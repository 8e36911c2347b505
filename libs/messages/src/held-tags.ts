import Type, { type Static } from "typebox";
import { visibleText } from "./ids.ts";

/** A row of the live view `quarantine`, with its tag as the key: how many scans wait until somebody commissions it, and since when. */
export const HeldTag = Type.Object({
  tag: Type.String(),
  scans: Type.Integer(),
  since: Type.String({ description: "when the first of them was recorded, RFC 3339" }),
});
export type HeldTag = Static<typeof HeldTag>;

/** Says that the scans which wait for a tag are never to be decided, since nobody will commission it, and why. */
export const DismissHeld = Type.Object(
  {
    tag: Type.String({ minLength: 1, maxLength: 1_024, description: "the tag that they name" }),
    reason: Type.String({
      minLength: 1,
      maxLength: 500,
      pattern: visibleText,
      description: "why, for the log",
    }),
  },
  { additionalProperties: false },
);
export type DismissHeld = Static<typeof DismissHeld>;
