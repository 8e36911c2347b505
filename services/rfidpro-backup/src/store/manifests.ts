import type { Sql, Transaction } from "@tagwire/store";

/** A manifest as the archive is to hold it. */
export type KeptManifest = {
  readonly site: string;
  readonly number: number;
  readonly run: string;
  readonly sha256: string;
  /** The folder of the run in the archive. */
  readonly folder: string;
  readonly body: string;
  readonly endedAt: string;
};

/** How many manifests a site has, and the newest; the next one names it. The turn of the site must be held. */
export const findHead = async (
  transaction: Transaction,
  site: string,
): Promise<{ readonly manifests: number; readonly head: string | null }> => {
  const [row] = await transaction<{ manifests: number; head: string | null }[]>`
    select manifests, head from pulled_site where site = ${site}`;
  return row ?? { manifests: 0, head: null };
};

/** Keeps a manifest, and anchors it as the newest of its site. */
export const addManifest = async (transaction: Transaction, manifest: KeptManifest): Promise<void> => {
  const { site, number, run, sha256, folder, body, endedAt } = manifest;
  await transaction`
    insert into manifest (site, number, run, sha256, folder, body, ended_at)
    values (${site}, ${number}, ${run}, ${sha256}, ${folder}, ${body}, ${endedAt})`;
  await transaction`update pulled_site set manifests = ${number}, head = ${sha256} where site = ${site}`;
  await transaction`update run set clear_at = null where id = ${run}`;
};

type Row = Pick<KeptManifest, "site" | "number" | "run" | "sha256" | "folder" | "body">;

export const findManifest = async (sql: Sql, run: string): Promise<Row | undefined> => {
  const [row] = await sql<Row[]>`
    select site, number, run, sha256, folder, body from manifest where run = ${run}`;
  return row;
};

/** Manifests of which the archive has not said that they are there. */
export const findUnsealed = (sql: Sql): Promise<Row[]> => sql<Row[]>`
  select site, number, run, sha256, folder, body from manifest where not sealed order by site, number`;

export const noteSealed = async (sql: Sql, run: string): Promise<void> => {
  await sql`update manifest set sealed = true where run = ${run}`;
};

/** So many at once, so that what is held in memory stays small. */
const oldAtOnceMax = 20;

/** Manifests of runs that ended longer ago than so many days, and whose files are there still. */
export const findOld = (sql: Sql, days: number): Promise<Row[]> => sql<Row[]>`
  select site, number, run, sha256, folder, body from manifest
  where sealed and let_go_at is null and ended_at < now() - ${days} * interval '1 day'
  order by ended_at limit ${oldAtOnceMax}`;

export const noteLetGo = async (sql: Sql, run: string): Promise<void> => {
  await sql`update manifest set let_go_at = now() where run = ${run}`;
};

/** The newest manifest of each site that was laid into the archive: one that could not be laid there yet is not missing there. */
export const listSealedHeads = (
  sql: Sql,
): Promise<{ site: string; number: number; manifest: string }[]> => sql`
  select distinct on (site) site, number, sha256 as manifest from manifest where sealed order by site, number desc`;

/** A pull that ended so short a while ago may have been listed before it had. */
const justEndedMs = 60_000;

/**
 * Whether a run's files may lie in the archive without its manifest, and nothing be wrong: it goes on, has only just ended (by `sinceMs`, when
 * whoever asks began to look), or its manifest could not be laid there yet.
 */
export const isUnderWay = async (sql: Sql, run: string, sinceMs: number): Promise<boolean> => {
  const { count } = await sql`
    select from run left join manifest on manifest.run = run.id
    where run.id::text = ${run.toLowerCase()} and (run.state = 'running' or not manifest.sealed
      or (run.run->>'endedAt')::timestamptz > ${new Date(sinceMs - justEndedMs).toISOString()}::timestamptz)`;
  return count > 0;
};

/** Runs that go on, and those of which the manifest could not be laid into the archive yet. */
export const listUnderWay = async (sql: Sql): Promise<string[]> => {
  const rows = await sql<{ id: string }[]>`
    select run.id from run left join manifest on manifest.run = run.id
    where run.state = 'running' or not manifest.sealed order by run.id`;
  return rows.map(({ id }) => id);
};

/** The newest manifest of each site that has one. */
export const listHeads = (sql: Sql): Promise<{ site: string; number: number; manifest: string }[]> => sql`
  select site, manifests as number, head as manifest from pulled_site where head is not null order by site`;
