import type { Sql, Transaction } from "@tagwire/store";

/* Runs that ended without a manifest, and may have left files in the archive. */

/**
 * A run that left nothing is looked at once more so long after it ended: a process that slept may have laid a file there, and died before it
 * could say so.
 */
const againAfterMs = 3_600_000;
/** Where the archive could not be reached it is tried again so much later: it is away for everybody else, too. */
const retryAfterMs = 60_000;
/** So many at once, so that whatever else is looked after gets its turn. */
const runsAtOnceMax = 20;

export type LeftRun = {
  readonly id: string;
  readonly site: string;
  readonly startedAt: string;
  /** As it was found: whoever has asked for another look meanwhile gets it. */
  readonly clearAt: string;
};

/** Runs that are to be looked at now. */
export const findToClear = (sql: Sql): Promise<LeftRun[]> => sql<LeftRun[]>`
  select id, site, run->>'startedAt' as "startedAt", clear_at::text as "clearAt" from run
  where clear_at <= now() and state <> 'running' and not exists (select from manifest where manifest.run = run.id)
  order by clear_at limit ${runsAtOnceMax}`;

/**
 * Whether what a run has brought may be taken away: no manifest of it is kept, and it is `owner`'s still, or has ended where that is null. The
 * turn of the site must be held: then nobody keeps its manifest or goes on with it before the transaction ends.
 */
export const mayClear = async (
  transaction: Transaction,
  id: string,
  owner: string | null,
): Promise<boolean> => {
  const { count } = await transaction`
    select from run where id = ${id} and not exists (select from manifest where manifest.run = run.id)
      and ${owner === null ? transaction`state <> 'running'` : transaction`state = 'running' and owner = ${owner}`}`;
  return count === 1;
};

/** Nothing of the run lies there now. */
export const noteCleared = async (sql: Sql, { id, clearAt }: LeftRun): Promise<void> => {
  await sql`
    update run set clear_at = case when (run->>'endedAt')::timestamptz > now() - ${againAfterMs} * interval '1 ms'
      then now() + ${againAfterMs} * interval '1 ms' end
    where id = ${id} and clear_at::text = ${clearAt}`;
};

/** What lies there could not be taken away. */
export const noteUncleared = async (sql: Sql, { id, clearAt }: LeftRun): Promise<void> => {
  await sql`
    update run set clear_at = now() + ${retryAfterMs} * interval '1 ms'
    where id = ${id} and clear_at::text = ${clearAt}`;
};

/** Sees to it that a run is looked at once it has ended, though it was before: something may have come there since. */
export const lookAgain = async (sql: Sql, id: string): Promise<void> => {
  await sql`
    update run set clear_at = now()
    where id = ${id} and not exists (select from manifest where manifest.run = run.id)`;
};
