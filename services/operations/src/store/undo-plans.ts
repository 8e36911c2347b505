import type { Transaction } from "@tagwire/actor";
import type { UndoneEvent } from "@tagwire/messages";
import type { Migration, Sql } from "@tagwire/store";

/**
 * What a large undo takes back, from before its first part until it is told. Without it a repeat would have to decide anew what is to
 * be taken back, on a log of which a part is taken back already.
 */
export const undoPlans: Migration = {
  name: "undo-plans-1",
  sql: `
    create table undo_plan (
      site text not null references site,
      id uuid not null,
      body_hash text not null,
      parts jsonb not null,
      planned_at timestamptz not null default now(),
      primary key (site, id)
    );
  `,
};

/** An event that is to be taken back, with what names it. */
export type PlannedEvent = Pick<UndoneEvent, "pos" | "type" | "tag" | "contract">;

/** Events of one turn, the newest first, and the id of the receipt that says that they were taken back. */
export type PlannedPart = { readonly id: string; readonly events: readonly PlannedEvent[] };

export type UndoPlan = {
  /** What the id stands for: see `bodyHashOf`. */
  readonly bodyHash: string;
  /** The one with the newest events first. */
  readonly parts: readonly PlannedPart[];
};

/** Whether a part of a plan has its receipt. */
const isBegun = (sql: Sql) => sql`exists (
  select 1 from receipt where receipt.site = undo_plan.site
    and receipt.id = any(array(select (part->>'id')::uuid from jsonb_array_elements(undo_plan.parts) part)))`;

/** The plan under an id, and whether anything of it was taken back. */
export const findPlan = async (
  sql: Sql,
  site: string,
  id: string,
): Promise<(UndoPlan & { readonly isBegun: boolean }) | undefined> => {
  const [row] = await sql<{ body_hash: string; parts: readonly PlannedPart[]; begun: boolean }[]>`
    select body_hash, parts, ${isBegun(sql)} as begun from undo_plan where site = ${site} and id = ${id}`;
  return row === undefined ? undefined : { bodyHash: row.body_hash, parts: row.parts, isBegun: row.begun };
};

/**
 * Keeps a plan under an id. One that is there for the same stays as it is, so that two owners who follow each other go by the same parts; one for
 * something else gives way while nothing of it has begun. Whoever keeps one reads which it is.
 */
export const keepPlan = async (sql: Sql, site: string, id: string, plan: UndoPlan): Promise<void> => {
  await sql`
    insert into undo_plan (site, id, body_hash, parts)
    values (${site}, ${id}, ${plan.bodyHash}, ${JSON.stringify(plan.parts)}::text::jsonb)
    on conflict (site, id) do update set body_hash = excluded.body_hash, parts = excluded.parts, planned_at = excluded.planned_at
    where undo_plan.body_hash <> excluded.body_hash and not ${isBegun(sql)}`;
};

/** Forgets the plan under an id: its answer is kept. Safe to repeat. */
export const dropPlan = async (sql: Sql, site: string, id: string): Promise<void> => {
  await sql`delete from undo_plan where site = ${site} and id = ${id}`;
};

/** Forgets plans from before an instant that nobody came back to: the receipts of their parts are as old. There are few, so all at once. */
export const deleteOldPlans = async (sql: Sql | Transaction, before: Date): Promise<void> => {
  await sql`delete from undo_plan where planned_at < ${before}`;
};
