import Type, { type Static, type TSchema } from "typebox";
import { event } from "./events.ts";
import { Instant, SiteId } from "./ids.ts";
import { By, PlaceName } from "./items.ts";
import { question } from "./question.ts";
import { recordPosition } from "./record-position.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** How far a plan reaches from its corner, in m. */
export const planMetresMax = 1_000;
export const zonePointsMax = 32;
/** How many places of a site may have a zone. */
export const zonesMax = 300;

const metres = (description: string) => Type.Number({ minimum: 0, maximum: planMetresMax, description });

export const ZonePoint = Type.Object(
  { x: metres("m to the right of the plan's corner"), y: metres("m down from it") },
  { additionalProperties: false },
);
export type ZonePoint = Static<typeof ZonePoint>;

/** Where a place lies on the plan of its site: its outline, corner by corner, in metres from the upper left corner of the plan. */
export const ZoneShape = Type.Object(
  {
    points: Type.Array(ZonePoint, {
      minItems: 3,
      maxItems: zonePointsMax,
      description: "its corners in order; the last is joined to the first. Kept to the centimetre",
    }),
  },
  { additionalProperties: false },
);
export type ZoneShape = Static<typeof ZoneShape>;

/** Gives a place a zone, or another one, or takes it off the plan: null. */
export const SetZone = Type.Object({ place: PlaceName, shape: nullable(ZoneShape) });
export type SetZone = Static<typeof SetZone>;

const ZoneConfiguredBody = Type.Object({
  id: Type.String({ description: "the place" }),
  was: nullable(ZoneShape),
  now: nullable(ZoneShape),
});
export type ZoneConfigured = Static<typeof ZoneConfiguredBody>;

/** A place was drawn on the plan of its site, drawn otherwise, or taken off it. operations says it; in the site's order, at least once. */
export const ZoneConfigured = event({
  type: "zone.configured.v1",
  entity: "zone",
  body: ZoneConfiguredBody,
});

/** A place on the plan, and by which event it got its outline. */
export const Zone = Type.Object({
  place: Type.String(),
  points: ZoneShape.properties.points,
  setAt: Type.Union([Instant], { description: "when it was drawn so" }),
  by: By,
  setPos: Type.Integer({ description: "position of the event that says so" }),
});
export type Zone = Static<typeof Zone>;

/** The plan of a site: every place that has a zone, in the order of their names, as the log says. */
export const AskZones = question({
  service: "operations",
  name: "zones",
  question: Type.Object({ site: SiteId }),
  answer: Type.Object({ zones: Type.Array(Zone), ...recordPosition }),
});
