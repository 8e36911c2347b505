import Type, { type Static } from "typebox";
import { PlaceName } from "./items.ts";
import { ReadRules } from "./read-rules.ts";

/**
 * What a station is for. At a `zone` a tag is seen to be; at a `portal` it passes from one place to another; at the others it is scanned
 * into the session that is open there, if one is, and seen to be there if none is.
 */
export const stationModes = ["zone", "portal", "checkout", "return", "count", "service", "laundry"] as const;
export type StationMode = (typeof stationModes)[number];
export const StationMode = Type.Enum(stationModes, { description: "what a station is for" });

/** Whether what is heard at such a station becomes scans of the session that is open there. */
export const isForSessions = (mode: StationMode): boolean => mode !== "zone" && mode !== "portal";

export const StationId = Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$", description: "station id" });
export type StationId = Static<typeof StationId>;

/**
 * How it is known which way a tag passes a portal: by the order in which the antennas of both sides hear it, by the order of two light
 * barriers at the reader's inputs, or by whether it gets louder or fainter at an antenna.
 */
export const portalSigns = ["antennas", "triggers", "trend"] as const;
export type PortalSign = (typeof portalSigns)[number];

/** The sides of a portal; an antenna that looks at one of them has that `side`. */
export const portalSides = ["inside", "outside"] as const;
export type PortalSide = (typeof portalSides)[number];

export const Portal = Type.Object(
  {
    inside: PlaceName,
    outside: PlaceName,
    by: Type.Enum(portalSigns),
    triggers: Type.Optional(
      Type.Object(
        {
          inside: Type.Integer({ minimum: 1, maximum: 16 }),
          outside: Type.Integer({ minimum: 1, maximum: 16 }),
        },
        {
          additionalProperties: false,
          description: "the inputs of the reader that the light barriers are at",
        },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Portal = Static<typeof Portal>;

const settings = {
  mode: StationMode,
  place: Type.Optional(PlaceName),
  portal: Type.Optional(Portal),
  rules: Type.Optional(ReadRules),
};

/** A portal has `portal` and no `place`; every other station has a `place`. */
export const PutStation = Type.Object(settings, { additionalProperties: false });
export type PutStation = Static<typeof PutStation>;

/** Where readers or single antennas are bound to, by its id. */
export const Station = Type.Object({ id: StationId, ...settings, rules: ReadRules });
export type Station = Static<typeof Station>;

/** What an observation says of the station where it was made. */
export const AtStation = Type.Object({ id: StationId, mode: StationMode });
export type AtStation = Static<typeof AtStation>;
