import type { Migration } from "@tagwire/store";

/**
 * `antenna_counts` is what of the ledger is of which antenna: port → column → count, in the same row because only a row that was
 * locked is read as it is now, where a table beside it would be read as it was when the statement began, and not add up with it.
 * Port 0 is whatever comes under no port of 1 to 64. What was counted before there was this column, or is counted by a version that
 * does not know it, is in the reader's columns only: so antennas are at most what the reader has, and the rest is told as such.
 *
 * Columns are called as in `actors/antenna-ledger.ts`. Rules and reasons are told by what their names begin with, so that one more of
 * them needs no migration. Both functions are kept as they were understood when they were made, whatever the search path is later.
 */
export const antennaCounts: Migration = {
  name: "antennas-1",
  sql: `
    alter table reader add column antenna_counts jsonb not null default '{}';
    alter table observation add column port int;

    create function antenna_sum(jsonb, jsonb) returns jsonb language sql immutable parallel safe
    begin atomic
      select coalesce(jsonb_object_agg(port, counts), '{}')
      from (
        select port, jsonb_object_agg(name, total) as counts
        from (
          select antenna.key as port, count.key as name, sum(count.value::bigint) as total
          from (select * from jsonb_each($1) union all select * from jsonb_each($2)) antenna,
            jsonb_each_text(antenna.value) count
          group by 1, 2
        ) summed group by port
      ) antennas;
    end;

    create function antennas_add_up(antennas jsonb, reader_reads bigint, reader_filtered bigint, reader_observed bigint,
      reader_observations bigint, reader_accepted bigint, reader_already_applied bigint, reader_rejected bigint,
      reader_quarantined bigint) returns boolean language sql immutable parallel safe
    begin atomic
      select coalesce(bool_and(
          least >= 0 and reads = filtered + observed and filtered = by_rule and strays <= observations
          and observations >= accepted + already_applied + rejected + quarantined
        ), true)
        and coalesce(sum(reads), 0) <= reader_reads
        and coalesce(sum(filtered), 0) <= reader_filtered
        and coalesce(sum(observed), 0) <= reader_observed
        and coalesce(sum(observations), 0) <= reader_observations
        and coalesce(sum(accepted), 0) <= reader_accepted
        and coalesce(sum(already_applied), 0) <= reader_already_applied
        and coalesce(sum(rejected), 0) <= reader_rejected
        and coalesce(sum(quarantined), 0) <= reader_quarantined
      from (
        select
          min(n) as least,
          coalesce(sum(n) filter (where name = 'reads'), 0) as reads,
          coalesce(sum(n) filter (where name = 'filtered'), 0) as filtered,
          coalesce(sum(n) filter (where starts_with(name, 'filtered.')), 0) as by_rule,
          coalesce(sum(n) filter (where name = 'observed'), 0) as observed,
          coalesce(sum(n) filter (where name = 'observations'), 0) as observations,
          coalesce(sum(n) filter (where starts_with(name, 'stray.')), 0) as strays,
          coalesce(sum(n) filter (where name = 'accepted'), 0) as accepted,
          coalesce(sum(n) filter (where name = 'alreadyApplied'), 0) as already_applied,
          coalesce(sum(n) filter (where name = 'rejected'), 0) as rejected,
          coalesce(sum(n) filter (where name = 'quarantined'), 0) as quarantined
        from (
          select antenna.key as port, count.key as name, count.value::bigint as n
          from jsonb_each(antennas) antenna, jsonb_each_text(antenna.value) count
        ) counts group by port
      ) ports;
    end;

    alter table reader add constraint antennas_add_up check (antennas_add_up(antenna_counts, reads, filtered, observed,
      observations, accepted, already_applied, rejected, quarantined));
  `,
};
