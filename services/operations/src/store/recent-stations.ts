import { SessionWithdrawn, type SessionWithdrawn as SessionWithdrawnBody } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { TurnOutcome } from "../actors/site.ts";
import { type StationSession, stationSessionOf, withStationSessions } from "../actors/station-session.ts";
import { createRecent } from "./recent.ts";
import { findStationSessions } from "./station-sessions.ts";

/** What a station weighs with one session there. */
const stationBytes = 250;

export type Stations = ReadonlyMap<string, readonly StationSession[]>;

export type RecentStations = {
  /** The sessions at these stations. */
  readonly recall: (site: string, names: Iterable<string>) => Promise<Stations>;
  /** What a committed turn left. */
  readonly learn: (site: string, outcome: TurnOutcome) => void;
  readonly forget: (site: string) => void;
};

/** An owner's memory of the sessions at its stations, bounded in bytes. */
export const createRecentStations = (sql: Sql, bytesMax: number): RecentStations => {
  const recent = createRecent<readonly StationSession[]>(
    bytesMax,
    ({ length }) => (length + 1) * stationBytes,
  );

  /** What became of the sessions of a station, as far as it is remembered. */
  const change = (
    site: string,
    station: string,
    become: (own: readonly StationSession[]) => readonly StationSession[],
  ) => {
    const own = recent.get(site, station);
    if (own !== undefined) recent.set(site, station, become(own));
  };

  return {
    recall: async (site, names) => {
      const found = new Map<string, readonly StationSession[]>();
      const unknown: string[] = [];
      for (const name of new Set(names)) {
        const remembered = recent.get(site, name);
        if (remembered === undefined) unknown.push(name);
        else found.set(name, remembered);
      }
      for (const [name, own] of await findStationSessions(sql, site, unknown)) {
        recent.set(site, name, own);
        found.set(name, own);
      }
      return found;
    },
    learn: (site, { said, sessions }) => {
      // A session whose beginning was taken back does not say any more at which station it was.
      for (const { type, session, data } of said) {
        if (type !== SessionWithdrawn.type) continue;
        const { station } = data as SessionWithdrawnBody;
        if (station !== undefined) change(site, station, (own) => own.filter(({ id }) => id !== session));
      }
      for (const session of sessions.values()) {
        const changed = stationSessionOf(session);
        if (changed !== undefined)
          change(site, changed.station, (own) => withStationSessions(own, [changed]));
      }
    },
    forget: recent.forget,
  };
};
