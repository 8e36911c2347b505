import type { HeardReads, ItemChange } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { EventRow } from "./events.ts";

/** Of what readers heard of a thing so many are shown. */
const readsShown = 10;

/** What readers heard of a thing last, newest first; `isOf` says which events are of it. */
export const readsOf = async (sql: Sql, site: string, isOf: ReturnType<Sql>): Promise<HeardReads[]> => {
  const rows = await sql<Pick<EventRow, "epoch" | "pos" | "by" | "data" | "scanned_at">[]>`
    select epoch, pos, by, data, scanned_at from event
    where site = ${site} and ${isOf} and by ? 'reader' and data->'scan' ? 'reads'
    order by epoch desc, pos desc limit ${readsShown}`;
  return rows.map(({ epoch, pos, by, data, scanned_at: scannedAt }) => {
    const { reads = 0, peakRssiDbm = null, firstHeardAt = null } = (data as Partial<ItemChange>).scan ?? {};
    return {
      ...{
        epoch,
        pos,
        reader: by.reader ?? "",
        antenna: by.antenna ?? null,
        reads,
        peakRssiDbm,
        firstHeardAt,
      },
      lastHeardAt: scannedAt?.toISOString() ?? null,
    };
  });
};
