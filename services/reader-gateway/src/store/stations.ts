import { partitionOf, type SiteId, type Station, type StationId } from "@tagwire/messages";
import { reached, type Sql } from "./database.ts";
import { noted, type SettingsNote } from "./settings-notes.ts";

export type StoredStation = { readonly site: SiteId; readonly station: Station };

type Row = { site: string; id: string; settings: Omit<Station, "id"> };

const stationOf = ({ site, id, settings }: Row): StoredStation => ({ site, station: { id, ...settings } });

export const findStationsOfPartition = async (sql: Sql, partition: number): Promise<StoredStation[]> => {
  const rows = await reached(
    sql<Row[]>`select site, id, settings from station where partition = ${partition} order by site, id`,
  );
  return rows.map(stationOf);
};

/** Sets the station as it is given, so repeating it changes nothing more. */
export const putStation = async (
  sql: Sql,
  site: SiteId,
  { id, ...settings }: Station,
  note: SettingsNote,
): Promise<void> => {
  await reached(sql`
    with changed as (
      insert into station (site, id, partition, settings)
      values (${site}, ${id}, ${partitionOf(site)}, ${JSON.stringify(settings)}::text::jsonb)
      on conflict (site, id) do update set settings = excluded.settings
      where station.settings <> excluded.settings
      returning id
    ), ${noted(sql, site, note)}
    select from changed`);
};

export const deleteStation = async (
  sql: Sql,
  site: SiteId,
  id: StationId,
  note: SettingsNote,
): Promise<void> => {
  await reached(sql`
    with changed as (delete from station where site = ${site} and id = ${id} returning id), ${noted(sql, site, note)}
    select from changed`);
};
