import { type By, newId, partitionOf, type Settable, type SiteId } from "@tagwire/messages";
import { reached, type Sql } from "./database.ts";

/** A change of settings, as the log of the site is to have it. */
export type SettingsNote = {
  readonly id: string;
  readonly about: Settable;
  readonly subject: string;
  readonly was: Readonly<Record<string, unknown>> | null;
  readonly now: Readonly<Record<string, unknown>> | null;
  readonly by: By;
  readonly at: string;
  readonly traceparent: string;
};

/** Whose change it is, and its trace. */
export type Asker = Pick<SettingsNote, "by" | "traceparent">;

export const noteOf = (
  asker: Asker,
  change: Pick<SettingsNote, "about" | "subject" | "was" | "now">,
): SettingsNote => ({ id: newId(), at: new Date().toISOString(), ...asker, ...change });

/**
 * Writes the note of a change in the statement that makes it: one is never there without the other. `changed` is a part of
 * that statement which has a row where something was changed.
 */
export const noted = (sql: Sql, site: SiteId, note: SettingsNote) => sql`
  noted as (
    insert into settings_note (id, site, partition, note)
    select ${note.id}::uuid, ${site}, ${partitionOf(site)}::int, ${JSON.stringify(note)}::text::jsonb from changed
  )`;

export type WaitingNote = { readonly seq: number; readonly note: SettingsNote };

/** What the log has not taken yet, the oldest first. */
export const findNotes = (sql: Sql, site: SiteId, limit: number): Promise<WaitingNote[]> =>
  reached(sql<WaitingNote[]>`
    select seq, note from settings_note where site = ${site} order by seq limit ${limit}`);

export const findSitesWithNotes = async (sql: Sql, partition: number): Promise<SiteId[]> => {
  const rows = await reached(
    sql<{ site: string }[]>`select distinct site from settings_note where partition = ${partition}`,
  );
  return rows.map(({ site }) => site);
};

export const removeNote = async (sql: Sql, seq: number): Promise<void> => {
  await reached(sql`delete from settings_note where seq = ${seq}`);
};
