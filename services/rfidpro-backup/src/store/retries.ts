import type { RfidproRun } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

type Asked = {
  readonly now: Date;
  /** So long after its end the first is due, in ms; each further one after twice as long. */
  readonly afterMs: number;
  /** So many in a row. */
  readonly retriesMax: number;
  /** Of what ended longer ago nothing is due any more, in ms: the next day's turn comes. */
  readonly agedMsMax: number;
};

/**
 * The newest run of each site that a schedule began, where that was not whole, or should have been compared and was not, and nobody has read
 * the site whole since; when it is due to be begun again.
 */
export const findDueRetries = async (
  sql: Sql,
  { now, afterMs, retriesMax, agedMsMax }: Asked,
): Promise<RfidproRun[]> => {
  const rows = await sql<{ run: RfidproRun }[]>`
    select run from (
      select distinct on (site) site, started_at, state, verdict, run,
        (run->>'endedAt')::timestamptz as ended_at, coalesce((run->'retries'->>'number')::int, 0) as tried
      from run where run->>'how' = 'scheduled' and started_at > ${now}::timestamptz - interval '2 days'
      order by site, started_at desc, id desc
    ) newest
    where state = 'done' and tried < ${retriesMax}
      and (verdict <> 'complete' or ((run->>'compare')::boolean and run->>'agreement' is null and run->>'differences' is null))
      and ended_at <= ${now}::timestamptz - ${afterMs} * power(2, tried) * interval '1 ms'
      and ended_at > ${now}::timestamptz - ${agedMsMax} * interval '1 ms'
      and not exists (
        select from run later where later.site = newest.site and (later.state = 'running' or (later.started_at > newest.started_at
          and later.verdict = 'complete' and later.run->>'differences' is not null and coalesce(later.run->>'incremental', '') <> 'true')))
    order by site`;
  return rows.map(({ run }) => run);
};
