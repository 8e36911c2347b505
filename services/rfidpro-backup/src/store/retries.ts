import type { RfidproRun } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { asksForAll, isWhole } from "./agreement.ts";

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
 * The newest run of each site that a schedule began and that would have said how well both sides agree, where it has not come to that and nobody
 * has read and compared the site whole since; when it is due to be begun again. What would come to the same again is not. One that reads new scans, or some sets alone, counts for neither.
 */
export const findDueRetries = async (
  sql: Sql,
  { now, afterMs, retriesMax, agedMsMax }: Asked,
): Promise<RfidproRun[]> => {
  const rows = await sql<{ run: RfidproRun }[]>`
    select run from (
      select distinct on (site) site, started_at, state, run, ${isWhole(sql)} as is_whole,
        (run->>'endedAt')::timestamptz as ended_at, coalesce((run->'retries'->>'number')::int, 0) as tried
      from run where run->>'how' = 'scheduled' and (run->>'compare')::boolean and ${asksForAll(sql)}
        and started_at > ${now}::timestamptz - interval '2 days'
      order by site, started_at desc, id desc
    ) newest
    where state = 'done' and not is_whole and tried < ${retriesMax} and run->'notCompared'->>'isRetryable' is distinct from 'false'
      and ended_at <= ${now}::timestamptz - ${afterMs} * power(2, tried) * interval '1 ms'
      and ended_at > ${now}::timestamptz - ${agedMsMax} * interval '1 ms'
      and not exists (
        select from run where run.site = newest.site and (run.state = 'running' or (run.started_at > newest.started_at and ${isWhole(sql)})))
    order by site`;
  return rows.map(({ run }) => run);
};
