import { Fault, type PutStation, type Station, type StationId } from "@tagwire/messages";

const mistakeOf = ({ mode, place, portal }: PutStation): string | undefined => {
  if (mode === "portal" && portal === undefined)
    return "a portal has two places: portal.inside and portal.outside";
  if (mode !== "portal" && portal !== undefined)
    return `only a portal has two places, and this is for ${mode}`;
  if (mode === "portal" && place !== undefined)
    return "a portal is between two places and has no place of its own";
  if (mode !== "portal" && place === undefined) return "a station has a place";
  if (portal === undefined) return undefined;
  const { by, triggers, inside, outside } = portal;
  if (inside === outside) return "the places inside and outside are the same";
  if (by === "triggers" && triggers === undefined)
    return "portal.triggers names the inputs of the light barriers";
  if (triggers !== undefined && triggers.inside === triggers.outside)
    return "both light barriers are at one input";
  return undefined;
};

/**
 * A station as it is kept.
 *
 * @throws Fault `station.settings`, naming what does not fit.
 */
export const stationOf = (id: StationId, settings: PutStation): Station => {
  const mistake = mistakeOf(settings);
  if (mistake !== undefined) throw new Fault("station.settings", mistake);
  const { mode, place, portal, rules = {} } = settings;
  return {
    id,
    mode,
    ...(place === undefined ? {} : { place }),
    ...(portal === undefined ? {} : { portal }),
    rules,
  };
};
