import type { Heads } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

type Row = {
  at: Date;
  epoch: number;
  pos: number;
  relayed: number;
  unrelayed_since: Date | null;
  owner: string | null;
  oldest_transaction_at: Date | null;
  oldest_transaction_by: string | null;
  hidden_sessions: number;
};

/** Where the log of a site is on its way, who may write it, and now, all by the clock of the store; no heads for a site that there is not. */
export const findHeads = async (sql: Sql, site: string): Promise<{ heads: Heads | null; at: string }> => {
  const [row] = await sql<Row[]>`
    select now() as at, site.epoch, site.pos, coalesce(mark.pos, 0) as relayed,
      (select recorded_at from event where event.site = site.site and event.epoch = site.epoch and event.pos = coalesce(mark.pos, 0) + 1)
        as unrelayed_since,
      case when partition.until > clock_timestamp() then partition.owner end as owner,
      oldest.since as oldest_transaction_at, oldest.by as oldest_transaction_by,
      (select count(*)::int from pg_stat_activity where datname = current_database() and query = '<insufficient privilege>')
        as hidden_sessions
    from site join partition using (partition) left join relay_mark mark on mark.site = site.site and mark.epoch = site.epoch
    left join lateral (
      select xact_start as since, concat_ws(', ', nullif(application_name, ''), 'user ' || usename, 'process ' || pid) as by
      from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and xact_start is not null
      union all
      select prepared, concat_ws(', ', 'prepared as ' || gid, 'user ' || owner) from pg_prepared_xacts where database = current_database()
      order by 1 limit 1
    ) oldest on true
    where site.site = ${site}`;
  if (row === undefined) return { heads: null, at: new Date().toISOString() };
  return {
    at: row.at.toISOString(),
    heads: {
      epoch: row.epoch,
      pos: row.pos,
      relayed: row.relayed,
      unrelayedSince: row.unrelayed_since?.toISOString() ?? null,
      owner: row.owner,
      oldestTransactionAt: row.oldest_transaction_at?.toISOString() ?? null,
      oldestTransactionBy: row.oldest_transaction_by,
      hiddenSessions: row.hidden_sessions,
    },
  };
};
