import Type, { type Static } from "typebox";
import { Instant } from "./ids.ts";

/*
 * Time moves no position, so what time alone changes is never said. Where a row does not say since when something is so, but is itself
 * of a window of time, it says beforehand how it ages: from which instant on it is no more, and what takes its place. Whoever shows
 * it has then, at any instant, what a snapshot of that instant would give.
 */

/** How a row of a live view ages. */
export const Ageing = Type.Object({
  validUntil: Type.Optional(
    Type.Unsafe<string>({
      ...Instant,
      description:
        "from this instant on the row is no more as it is said here: it is as the first of `later` says, or gone where there is none",
    }),
  ),
  later: Type.Optional(
    Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description:
        "what takes the place of the row's other members, one after the other, each until its own `validUntil`, or for good where it has none",
    }),
  ),
});
export type Ageing = Static<typeof Ageing>;
