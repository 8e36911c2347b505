import {
  type Antenna,
  type AtStation,
  isForSessions,
  type Portal,
  type PortalSide,
  type ReadRules,
  type Station,
  type TagIdentity,
} from "@tagwire/messages";
import { type ReadRule, sessionReReportMs } from "./read-rule.ts";
import { wantedBy } from "./wanted-tags.ts";

/** What an antenna is bound to: where what it hears is, what it is for there, and what its reads are held to. */
export type Binding = {
  readonly place: string | null;
  readonly station: AtStation | null;
  readonly portal: Portal | null;
  readonly side: PortalSide | null;
  readonly rule: ReadRule;
  /** How often evidence is said again, in ms: nobody waits for it, also where sessions are held. */
  readonly evidenceMs: number;
  readonly identity: TagIdentity;
  readonly isWanted: (tag: string, isIso?: boolean) => boolean;
};

/** The binding of each antenna that is named, and of those that are not. */
export type Bindings = { readonly ports: ReadonlyMap<number, Binding>; readonly others: Binding };

export const bindingAt = ({ ports, others }: Bindings, port: number): Binding => ports.get(port) ?? others;

export const allBindings = ({ ports, others }: Bindings): Binding[] => [...ports.values(), others];

/** The places where tags are that a reader hears; of portals, where they may be by then. */
export const placesOf = (bindings: Bindings): Set<string> =>
  new Set(
    allBindings(bindings).flatMap(({ place, portal }) => {
      const own = place === null ? [] : [place];
      return portal === null ? own : [...own, portal.inside, portal.outside];
    }),
  );

/** The inputs of the reader that light barriers of its portals are at. */
export const inputsOf = (bindings: Bindings): number[] => {
  const ports = allBindings(bindings).flatMap(({ portal }) =>
    portal?.by === "triggers" && portal.triggers !== undefined ? Object.values(portal.triggers) : [],
  );
  return [...new Set(ports)].toSorted((one, other) => one - other);
};

/** Whether the chip's number names what any antenna of the reader hears, or is part of the name. */
export const wantsTid = (bindings: Bindings): boolean =>
  allBindings(bindings).some(({ identity }) => identity !== "epc");

/** What a reader is told of its antennas. */
export type Bound = {
  readonly antennas: readonly Antenna[];
  readonly station: string | null;
  readonly rules?: ReadRules;
};

/** A rule with what is said nearer to the antenna in the place of what is said further away. */
const ruleWith = (base: ReadRule, ...rules: readonly ReadRules[]): ReadRule =>
  Object.assign({}, base, ...rules);

/** Whether a reader, or one of its antennas, is bound to a station; ports that it does not name are at its own. */
export const listensAt = (
  { antennas, station }: { readonly antennas: readonly Antenna[]; readonly station?: string | null },
  id: string,
): boolean => station === id || antennas.some((antenna) => antenna.station === id);

/**
 * Binds the antennas of a reader. Each belongs to the station it names, else to the reader's; a station that there is not, or not yet,
 * changes nothing. An antenna's own place goes before that of its station.
 */
export const bindingsOf = (
  { antennas, station: ofReader, rules = {} }: Bound,
  stations: ReadonlyMap<string, Station>,
  base: ReadRule,
): Bindings => {
  const bind = ({ place, station: own, side }: Pick<Antenna, "place" | "station" | "side">): Binding => {
    const station = stations.get(own ?? ofReader ?? "");
    const isForOne = station !== undefined && isForSessions(station.mode);
    const prompt: ReadRules = isForOne
      ? { reReportMs: Math.min(rules.reReportMs ?? base.reReportMs, sessionReReportMs) }
      : {};
    const said = station?.rules ?? {};
    const rule = ruleWith(base, rules, prompt, said);
    return {
      place: place ?? station?.place ?? null,
      station: station === undefined ? null : { id: station.id, mode: station.mode },
      portal: station?.portal ?? null,
      side: side ?? null,
      rule,
      evidenceMs: ruleWith(base, rules, said).reReportMs,
      identity: rule.identity,
      isWanted: wantedBy(rule.tags),
    };
  };
  return {
    ports: new Map(antennas.map((antenna) => [antenna.port, bind(antenna)])),
    others: bind({}),
  };
};
