import { onFloorStatuses, type PlaceCount, seenBandsHours, statusGroups } from "@tagwire/messages";
import type { Reader } from "./rows.ts";

type Row = {
  readonly place: string;
  readonly items: number;
  readonly in_service: number;
  readonly missing: number;
  /** How many stand in each band, by its number; bands that nothing stands in may be left out. */
  readonly seen: Readonly<Record<string, number>>;
  readonly last_seen_at: Date | null;
};

const onFloor: readonly string[] = onFloorStatuses;
const limitsSeconds = seenBandsHours.map((hours) => hours * 3_600);
const inService: readonly string[] = statusGroups.inService;

/** What is at each place, in the order of their names, behind one of them when it is given. */
export const listPlaceCounts = async (
  sql: Reader,
  query: {
    readonly site: string;
    readonly after: string | undefined;
    readonly limit: number;
    readonly nowMs: number;
  },
): Promise<PlaceCount[]> => {
  const { site, after, limit, nowMs } = query;
  const now = new Date(nowMs).toISOString();
  // The band of a thing is how many of the limits it has passed; what was never scanned has passed all of them.
  const rows = await sql<Row[]>`
    select place, sum(items)::int as items, sum(in_service)::int as in_service, sum(missing)::int as missing,
      jsonb_object_agg(band, items) as seen,
      max(last_seen_at) as last_seen_at
    from (
      select place, coalesce(width_bucket(extract(epoch from ${now}::text::timestamptz - seen_at)::float8,
          ${limitsSeconds}::float8[]), ${limitsSeconds.length}::int) as band,
        count(*) filter (where status = any(${[...onFloor]}::text[])) as items,
        count(*) filter (where status = any(${[...inService]}::text[])) as in_service,
        count(*) filter (where status = 'missing') as missing,
        max(seen_at) filter (where status = any(${[...onFloor]}::text[])) as last_seen_at
      from item
      where site = ${site} and place is not null and status = any(${[...onFloor, "missing"]}::text[])
        ${after === undefined ? sql`` : sql`and place collate "C" > ${after}`}
      group by 1, 2
    ) banded
    group by place order by place collate "C" limit ${limit}`;
  return rows.map((row) => ({
    place: row.place,
    items: row.items,
    inService: row.in_service,
    missing: row.missing,
    seen: [...seenBandsHours, null].map((underHours, band) => ({ underHours, items: row.seen[band] ?? 0 })),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
  }));
};
