import Type, { type Static } from "typebox";
import { event } from "./events.ts";
import { Instant, storableText, visibleText } from "./ids.ts";
import { ContractNumber } from "./items.ts";

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A contract is driven twice: what was ordered is brought, and it is fetched again. */
export const tripLegs = ["delivery", "pickup"] as const;
export type TripLeg = (typeof tripLegs)[number];
export const TripLeg = Type.Enum(tripLegs, { description: "the way there, or the way back" });

/**
 *   (nothing) ──► scheduled ──► out_for_delivery │ out_for_pickup ──► delivered │ picked_up, for good
 *   whatever is not over ──► failed │ rescheduled;  failed ──► rescheduled or on its way again
 *
 * Who hears of it late may say what became of it at once.
 */
export const tripStatuses = [
  "scheduled",
  "out_for_delivery",
  "out_for_pickup",
  "delivered",
  "picked_up",
  "failed",
  "rescheduled",
] as const;
export type TripStatus = (typeof tripStatuses)[number];
export const TripStatus = Type.Enum(tripStatuses, { description: "how far the trip is" });

/** What the end of each leg, and being on its way, is called. */
export const tripWords: Readonly<
  Record<TripLeg, { readonly underWay: TripStatus; readonly done: TripStatus }>
> = {
  delivery: { underWay: "out_for_delivery", done: "delivered" },
  pickup: { underWay: "out_for_pickup", done: "picked_up" },
};

/** The statuses that a leg may have: nothing is picked up on the way there. */
export const statusesOfLeg = (leg: TripLeg): readonly TripStatus[] => [
  "scheduled",
  tripWords[leg].underWay,
  tripWords[leg].done,
  "failed",
  "rescheduled",
];

const VehicleText = Type.String({ minLength: 1, maxLength: 40, pattern: visibleText });
const TripNotes = Type.String({ maxLength: 500, pattern: storableText });

/** One leg of a contract as it stands: promised by the office, actual as it came to be. */
export const Trip = Type.Object({
  status: TripStatus,
  promisedAt: nullable(Instant),
  actualAt: nullable(Instant),
  truck: nullable(Type.String({ description: "the number of the truck" })),
  trip: nullable(Type.String({ description: "the number of the trip" })),
  notes: nullable(Type.String()),
});
export type Trip = Static<typeof Trip>;

export const Trips = Type.Object({ delivery: Type.Optional(Trip), pickup: Type.Optional(Trip) });
export type Trips = Static<typeof Trips>;

/** What is stated of a leg; what is not named stays as it was. */
export const StateTrip = Type.Object(
  {
    status: Type.Optional(TripStatus),
    promisedAt: Type.Optional(nullable(Instant)),
    actualAt: Type.Optional(nullable(Instant)),
    truck: Type.Optional(nullable(VehicleText)),
    trip: Type.Optional(nullable(VehicleText)),
    notes: Type.Optional(nullable(TripNotes)),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type StateTrip = Static<typeof StateTrip>;

export const SetTrip = Type.Object({ number: ContractNumber, leg: TripLeg, state: StateTrip });
export type SetTrip = Static<typeof SetTrip>;

const TripSetBody = Type.Object({
  leg: TripLeg,
  set: nullable(Trip),
  was: nullable(Trip),
  undoes: Type.Optional(Type.Integer()),
  reason: Type.Optional(Type.String({ description: "why it was taken back, as somebody said" })),
});
export type ContractTripSet = Static<typeof TripSetBody>;

/**
 * A trip of a contract was planned, went on its way, arrived or did not: `set` is the leg from then on, null where nothing is planned.
 *
 * operations says it once it is committed; manager, live screens and subscribers listen. In the site's order, at least once.
 */
export const ContractTripSet = event({
  type: "contract.trip_set.v1",
  entity: "contract",
  body: TripSetBody,
});
