import { type DeviceLedger, gapsToldMax, ledgersPerPageMax } from "@tagwire/messages";
import type { Migration, Sql } from "@tagwire/store";
import type { DeviceTally } from "../actors/device-tally.ts";

/**
 * What became of the scans of each device, counted in the commit that decides them. `seen` are the device's own numbers of those that
 * came: its holes are scans that were made and never came.
 */
export const deviceLedgerTables: Migration = {
  name: "device-ledgers-1",
  sql: `
    create table device_ledger (
      site text not null,
      device text collate "C" not null,
      accepted bigint not null default 0,
      already_applied bigint not null default 0,
      rejected bigint not null default 0,
      quarantined bigint not null default 0,
      received bigint not null default 0,
      seen int8multirange not null default '{}',
      reused bigint not null default 0,
      reused_at timestamptz,
      clock_offset_ms bigint,
      clock_measured_at timestamptz,
      last_at timestamptz not null,
      primary key (site, device)
    );

    -- Whoever counts at random leaves a hole at every scan: beyond so many the oldest are let go, and the row stays small.
    create function bounded_ranges(ranges int8multirange, most int) returns int8multirange language sql immutable as $$
      select case when (select count(*) from unnest(ranges)) <= most then ranges
        else (
          select range_agg(case when at = 1 then int8range(lower(ranges), upper(one)) else one end)
          from (
            select one, row_number() over (order by lower(one)) as at
            from (select one from unnest(ranges) one order by lower(one) desc limit most) newest
          ) kept
        ) end
    $$;

    create function ranges_size(ranges int8multirange) returns bigint language sql immutable as $$
      select coalesce(sum(upper(one) - lower(one)), 0)::bigint from unnest(ranges) one
    $$;
  `,
};

/** Of one device so many stretches of numbers are kept. */
const rangesMax = 1_000;
/** A clock is measured anew after so long; until then the request counts that was least long on its way. */
const clockWindowSeconds = 64;

/** The part of a turn's commit that counts what it decided of scans by who handed them in. */
export const countingDevices = (sql: Sql, tallies: readonly DeviceTally[]) =>
  tallies.length === 0
    ? sql``
    : sql`, devices as (
      insert into device_ledger as kept (site, device, accepted, already_applied, rejected, quarantined, received, seen, reused, reused_at,
        clock_offset_ms, clock_measured_at, last_at)
      select head.site, device, (outcomes->>'accepted')::bigint, (outcomes->>'already_applied')::bigint,
        (outcomes->>'rejected')::bigint, (outcomes->>'quarantined')::bigint,
        (select sum(value::bigint) from json_each_text(outcomes)),
        coalesce((select range_agg(int8range(value::bigint, value::bigint, '[]')) from json_array_elements_text(seqs)), '{}'),
        reused, case when reused > 0 then "lastAt" end, "offsetMs", case when "offsetMs" is null then null else "lastAt" end, "lastAt"
      from head, json_to_recordset(${JSON.stringify(tallies)}::text::json) as given (device text, outcomes json, seqs json,
        reused bigint, "offsetMs" bigint, "lastAt" timestamptz)
      on conflict (site, device) do update set
        accepted = kept.accepted + excluded.accepted,
        already_applied = kept.already_applied + excluded.already_applied,
        rejected = kept.rejected + excluded.rejected,
        quarantined = kept.quarantined + excluded.quarantined,
        received = kept.received + excluded.received,
        reused = kept.reused + excluded.reused + ranges_size(kept.seen * excluded.seen),
        reused_at = case when excluded.reused > 0 or not isempty(kept.seen * excluded.seen) then excluded.last_at else kept.reused_at end,
        seen = bounded_ranges(kept.seen + excluded.seen, ${rangesMax}),
        (clock_offset_ms, clock_measured_at) = (
          select case when is_news then excluded.clock_offset_ms else kept.clock_offset_ms end,
            case when is_news then excluded.clock_measured_at else kept.clock_measured_at end
          from (select excluded.clock_offset_ms is not null and (
            kept.clock_offset_ms is null or excluded.clock_offset_ms > kept.clock_offset_ms
            or excluded.clock_measured_at > kept.clock_measured_at + ${clockWindowSeconds} * interval '1 second') as is_news) judged
        ),
        last_at = greatest(kept.last_at, excluded.last_at)
    )`;

type Row = {
  device: string;
  accepted: number;
  already_applied: number;
  rejected: number;
  quarantined: number;
  received: number;
  counted: number;
  missing: number;
  gaps: { from: number; to: number }[];
  reused: number;
  reused_at: Date | null;
  clock_offset_ms: number | null;
  clock_measured_at: Date | null;
  last_at: Date;
};

const ledgerOf = (row: Row): DeviceLedger => ({
  device: row.device,
  received: row.received,
  accepted: row.accepted,
  alreadyApplied: row.already_applied,
  rejected: row.rejected,
  quarantined: row.quarantined,
  counted: row.counted,
  missing: row.missing,
  gaps: row.gaps,
  reused: row.reused,
  reusedAt: row.reused_at?.toISOString() ?? null,
  clockOffsetMs: row.clock_offset_ms,
  clockMeasuredAt: row.clock_measured_at?.toISOString() ?? null,
  lastAt: row.last_at.toISOString(),
});

/** A page of the ledgers of a site, by device; one more than a page holds says that there is a next one. */
export const listDeviceLedgers = async (
  sql: Sql,
  { site, after }: { readonly site: string; readonly after: string | null },
): Promise<DeviceLedger[]> => {
  // What a device counts begins with 1: what is before the first number that came is missing, too.
  const rows = await sql<Row[]>`
    select ledger.*, coalesce(upper(seen) - 1, 0) as counted, ranges_size(holes) as missing,
      coalesce((
        select jsonb_agg(jsonb_build_object('from', lower(one), 'to', upper(one) - 1) order by lower(one))
        from (select one from unnest(holes) one order by lower(one) limit ${gapsToldMax}) first
      ), '[]') as gaps
    from device_ledger ledger,
      lateral (select case when isempty(seen) then '{}'::int8multirange else int8multirange(int8range(1, upper(seen))) - seen end as holes) left_out
    where site = ${site} ${after === null ? sql`` : sql`and device > ${after}`}
    order by device limit ${ledgersPerPageMax + 1}`;
  return rows.map(ledgerOf);
};

/** How far the clocks of some devices are ahead, in ms, as measured; null for one that was never measured. */
export const clockOffsets = async (
  sql: Sql,
  site: string,
  devices: readonly string[],
): Promise<Record<string, number | null>> => {
  const rows = await sql<{ device: string; offset: number | null }[]>`
    select given.device, ledger.clock_offset_ms as offset
    from unnest(${devices as string[]}::text[]) as given (device)
      left join device_ledger ledger on ledger.site = ${site} and ledger.device = given.device`;
  return Object.fromEntries(rows.map(({ device, offset }) => [device, offset]));
};
