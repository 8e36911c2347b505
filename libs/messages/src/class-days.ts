import Type, { type Static } from "typebox";
import { Day } from "./contract-board.ts";
import { itemStatuses } from "./item-statuses.ts";

/**
 * A row of the live view `utilisation`: how many items of a class were in each status at the end of one of the site's days, of the
 * present one so far. A day on which nothing moved has no row: it ended as the one before did. Its key is {@link classDayKey}.
 */
export const ClassDay = Type.Object({
  class: Type.String(),
  day: Day,
  statuses: Type.Partial(Type.Record(Type.Enum(itemStatuses), Type.Integer()), {
    description: "items by status; absent is none",
  }),
  pos: Type.Integer(),
});
export type ClassDay = Static<typeof ClassDay>;

export const classDayKey = ({ class: name, day }: Pick<ClassDay, "class" | "day">): string =>
  `${day}:${name}`;
