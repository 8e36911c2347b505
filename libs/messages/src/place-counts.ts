import Type, { type Static, type TSchema } from "typebox";
import { AsOf, boardPage } from "./board-questions.ts";
import { SiteId } from "./ids.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** The ages by which it is told when things were seen last, in hours; one more band takes what is older or was never scanned. */
export const seenBandsHours = [1, 24, 168, 720] as const;

/**
 * What the record says is at a place: things of the house that were there when they were last placed. `seen` tells `items` apart by when a
 * scan last touched them. What is out, sold or retired is at no place of the house.
 */
export const PlaceCount = Type.Object({
  place: Type.String(),
  items: Type.Integer({ description: "things that are there: at hand, or in service" }),
  inService: Type.Integer({ description: "those of them that are in service" }),
  missing: Type.Integer({ description: "things that are missing and were there last; none of `items`" }),
  seen: Type.Array(
    Type.Object({
      underHours: nullable(Type.Integer({ description: "null for what was seen longer ago, or never" })),
      items: Type.Integer(),
    }),
    { description: "`items` by when a scan last touched them, latest first" },
  ),
  lastSeenAt: nullable(
    Type.String({ description: "when a scan last touched one of `items`, RFC 3339; null if none ever did" }),
  ),
});
export type PlaceCount = Static<typeof PlaceCount>;

/** How much is at each place of a site and when it was seen last, in the order of the places' names. */
export const AskPlaceCounts = question({
  service: "manager",
  name: "place-counts",
  question: Type.Object({ site: SiteId, ...boardPage }),
  answer: Type.Object({
    ...AsOf.properties,
    rows: Type.Array(PlaceCount),
    next: nullable(Type.String()),
  }),
});
