import {
  type AskSiteMigration,
  type By,
  type MigrationMoved,
  type MigrationStage,
  migrationStepsMax,
  SiteMigrationMoved,
} from "@tagwire/messages";
import type { Migration, Sql } from "@tagwire/store";
import type { Static } from "typebox";
import type { Said } from "../actors/decision.ts";
import { type EventRow, eventOf } from "./events.ts";

/** The stage of a site is what its log says of it; the row has it so that whoever asks need not read the log. */
export const siteStage: Migration = {
  name: "site-stage-1",
  sql: `
    alter table site
      add stage text not null default 'parallel' check (stage in ('parallel', 'switched', 'realtime')),
      add stage_since timestamptz,
      add stage_by jsonb;
    create index event_migration on event (site, epoch, pos) where type = 'site.migration_moved.v1';
  `,
};

/** What the commit of a turn sets besides the head, where one of its events moves the site; nothing for nearly all. */
export const keepingStage = (
  sql: Sql,
  events: readonly (Pick<Said, "type" | "by" | "data"> & { readonly recordedAt: string })[],
) => {
  const moved = events.findLast(({ type }) => type === SiteMigrationMoved.type);
  if (moved === undefined) return sql``;
  const { to } = moved.data as MigrationMoved;
  return sql`, stage = ${to}, stage_since = ${moved.recordedAt}::timestamptz,
    stage_by = ${JSON.stringify(moved.by)}::text::jsonb`;
};

export const stageOf = async (sql: Sql, site: string): Promise<MigrationStage> => {
  const [row] = await sql<{ stage: MigrationStage }[]>`select stage from site where site = ${site}`;
  return row?.stage ?? "parallel";
};

type StageRow = { stage: MigrationStage; stage_since: Date | null; stage_by: By | null; created_at: Date };

/** Where a site stands and how it came there, the newest step first; undefined where there is no such site. */
export const readMigration = async (
  sql: Sql,
  site: string,
): Promise<Static<(typeof AskSiteMigration)["answer"]> | undefined> => {
  const [row] = await sql<StageRow[]>`
    select stage, stage_since, stage_by, created_at from site where site = ${site} and pos > 0`;
  if (row === undefined) return undefined;
  const steps = await sql<EventRow[]>`
    select * from event where site = ${site} and type = ${SiteMigrationMoved.type}
    order by epoch desc, pos desc limit ${migrationStepsMax}`;
  return {
    stage: row.stage,
    since: (row.stage_since ?? row.created_at).toISOString(),
    by: row.stage_by,
    history: steps.map(eventOf).map(({ data, recordedAt, by, epoch, pos }) => ({
      ...(data as MigrationMoved),
      ...{ at: recordedAt, by, epoch, pos },
    })),
  };
};
