import { Fault, type RfidproRun } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";

/** So long a run is its owner's after the owner last said that it is alive. */
export const ownedForMs = 20_000;

/** Its owner says so every second: one that has said nothing for so long may be gone, and whoever waits is told. */
const unheardAfterMs = 5_000;

/** A run as it is kept. */
export type KeptRun = {
  readonly run: RfidproRun;
  /** What was asked for when it was begun, so that a repeat is known. */
  readonly asked: unknown;
  readonly cancelledBy: string | null;
  /** Whether its owner has not been heard of for longer than {@link ownedForMs}. */
  readonly isLost: boolean;
  readonly owner: string | null;
};

type Row = {
  run: RfidproRun;
  asked: unknown;
  cancelled_by: string | null;
  is_lost: boolean;
  owner: string | null;
};

const keptOf = ({ cancelled_by: cancelledBy, is_lost: isLost, ...row }: Row): KeptRun => ({
  ...row,
  cancelledBy,
  isLost,
});

/** Takes the turn of a site: changes of its runs come one after the other, each at a position of its own. */
export const holdSite = async (transaction: Transaction, site: string): Promise<void> => {
  await transaction`insert into pulled_site (site) values (${site}) on conflict do nothing`;
  await transaction`select pos from pulled_site where site = ${site} for update`;
};

const nextPos = async (transaction: Transaction, site: string): Promise<number> => {
  const [row] = await transaction<[{ pos: number }]>`
    update pulled_site set pos = pos + 1 where site = ${site} returning pos`;
  return row.pos;
};

const kept = (sql: Sql | Transaction) => sql`
  run, asked, cancelled_by, owner, state = 'running' and owned_until < clock_timestamp() as is_lost`;

export const findRun = async (sql: Sql | Transaction, id: string): Promise<KeptRun | undefined> => {
  const [row] = await sql<Row[]>`select ${kept(sql)} from run where id = ${id}`;
  return row === undefined ? undefined : keptOf(row);
};

/** The run of a site that is going on, if there is one. */
export const findRunning = async (sql: Sql | Transaction, site: string): Promise<KeptRun | undefined> => {
  const [row] = await sql<Row[]>`select ${kept(sql)} from run where site = ${site} and state = 'running'`;
  return row === undefined ? undefined : keptOf(row);
};

/** Runs whose owner is not heard of any more. */
export const findLost = async (sql: Sql): Promise<{ id: string; site: string }[]> => sql`
  select id, site from run where state = 'running' and owned_until < clock_timestamp()`;

/** Runs whose owner may be gone: it was not heard of for a few seconds, and the run is its own all the same. */
export const findUnheard = async (sql: Sql): Promise<{ id: string; site: string }[]> => sql`
  select id, site from run where state = 'running' and owned_until >= clock_timestamp()
    and owned_until < clock_timestamp() + ${ownedForMs - unheardAfterMs} * interval '1 ms'`;

/** Keeps a new run for its owner, and gives the position at which it began. The turn of the site must be held. */
export const addRun = async (
  transaction: Transaction,
  { run, asked, owner }: { readonly run: RfidproRun; readonly asked: unknown; readonly owner: string },
): Promise<number> => {
  const pos = await nextPos(transaction, run.site);
  await transaction`
    insert into run (id, site, asked, state, started_at, owner, owned_until, version, run)
    values (${run.id}, ${run.site}, ${JSON.stringify(asked)}::text::jsonb, ${run.state}, ${run.startedAt}, ${owner},
      clock_timestamp() + ${ownedForMs} * interval '1 ms', ${pos}, ${JSON.stringify(run)}::text::jsonb)`;
  return pos;
};

/** Writes a run as it is now, and gives its position. The turn of the site must be held. */
export const saveRun = async (transaction: Transaction, run: RfidproRun): Promise<number> => {
  const pos = await nextPos(transaction, run.site);
  await transaction`
    update run set state = ${run.state}, verdict = ${run.verdict}, version = ${pos},
      run = ${JSON.stringify(run)}::text::jsonb where id = ${run.id}`;
  if (run.state === "done" && run.verdict === "complete" && run.incremental !== true)
    await transaction`update pulled_site set completed_at = ${run.endedAt} where site = ${run.site}`;
  return pos;
};

/** Says that a run's owner is alive; undefined when the run is not its any more. */
export const renewRun = async (
  sql: Sql,
  id: string,
  owner: string,
): Promise<{ readonly cancelledBy: string | null; readonly why: string | null } | undefined> => {
  const [row] = await sql<{ cancelled_by: string | null; why: string | null }[]>`
    update run set owned_until = clock_timestamp() + ${ownedForMs} * interval '1 ms'
    where id = ${id} and owner = ${owner} and state = 'running'
    returning cancelled_by, run ->> 'why' as why`;
  return row === undefined ? undefined : { cancelledBy: row.cancelled_by, why: row.why };
};

/** Makes a run that nobody carries out any more its new owner's. The turn of the site must be held. */
export const claimRun = async (transaction: Transaction, id: string, owner: string): Promise<void> => {
  await transaction`
    update run set owner = ${owner}, owned_until = clock_timestamp() + ${ownedForMs} * interval '1 ms' where id = ${id}`;
};

/** Gives a run up, so that whoever looks next goes on with it. */
export const giveUpRun = async (transaction: Transaction, id: string): Promise<void> => {
  await transaction`update run set owned_until = clock_timestamp() - interval '1 ms' where id = ${id}`;
};

/** Sees to it that a run stays its owner's until the transaction ends. @throws Fault `lease.lost` where it is not any more */
export const holdOwned = async (transaction: Transaction, id: string, owner: string): Promise<void> => {
  const { count } = await transaction`
    select from run where id = ${id} and owner = ${owner} and state = 'running' for share`;
  if (count === 0) throw new Fault("lease.lost", id);
};

/** Whether a run goes on, and is this owner's still. */
export const isOwned = async (sql: Sql, id: string, owner: string): Promise<boolean> => {
  const { count } = await sql`select from run where id = ${id} and owner = ${owner} and state = 'running'`;
  return count === 1;
};

export const askToCancel = async (transaction: Transaction, id: string, by: string): Promise<void> => {
  await transaction`
    update run set cancelled_by = coalesce(cancelled_by, ${by}) where id = ${id} and state = 'running'`;
};

export type RunQuery = {
  readonly site: string | null;
  readonly limit: number;
  readonly after: { readonly at: string; readonly id: string } | undefined;
};

/** A page of runs, newest first; one more than `limit` says that there is a next page. */
export const listRuns = async (sql: Sql, { site, limit, after }: RunQuery): Promise<RfidproRun[]> => {
  const rows = await sql<{ run: RfidproRun }[]>`
    select run from run where true
    ${site === null ? sql`` : sql`and site = ${site}`}
    ${after === undefined ? sql`` : sql`and (started_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`}
    order by started_at desc, id desc limit ${limit + 1}`;
  return rows.map(({ run }) => run);
};
