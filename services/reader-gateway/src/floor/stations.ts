import { Fault, type PutStation, type SiteId, type Station, type StationId } from "@tagwire/messages";
import type { Sql } from "../store/database.ts";
import { type Asker, noteOf } from "../store/settings-notes.ts";
import { deleteStation, putStation } from "../store/stations.ts";
import { stationOf } from "./station-settings.ts";

export const stationsPerSiteMax = 256;

/** The stations of one site. Who changes them sees to it that changes go one at a time. */
export type Stations = {
  readonly byId: ReadonlyMap<StationId, Station>;
  readonly list: () => readonly Station[];
  /** Takes a station from the store. */
  readonly add: (station: Station) => void;
  /** @throws Fault `station.settings`, naming what does not fit. */
  readonly put: (
    id: StationId,
    settings: PutStation,
    asker: Asker,
  ) => Promise<{ readonly station: Station; readonly created: boolean }>;
  /** False when there is none. */
  readonly remove: (id: StationId, asker: Asker) => Promise<boolean>;
};

export const createStations = (sql: Sql, site: SiteId): Stations => {
  const byId = new Map<StationId, Station>();
  const note = (asker: Asker, id: StationId, now: Station | null) =>
    noteOf(asker, { about: "station", subject: id, was: byId.get(id) ?? null, now });

  return {
    byId,
    list: () => [...byId.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    add: (station) => void byId.set(station.id, station),
    put: async (id, settings, asker) => {
      const station = stationOf(id, settings);
      const created = !byId.has(id);
      if (created && byId.size >= stationsPerSiteMax)
        throw new Fault("station.settings", `a site has at most ${stationsPerSiteMax} stations`);
      await putStation(sql, site, station, note(asker, id, station));
      byId.set(id, station);
      return { station, created };
    },
    remove: async (id, asker) => {
      if (!byId.has(id)) return false;
      await deleteStation(sql, site, id, note(asker, id, null));
      byId.delete(id);
      return true;
    },
  };
};
