import type { Migration } from "@tagwire/store";

/**
 * `clear_at` says when it is looked again whether files of a run lie in the archive of which no manifest speaks: from the run's beginning on,
 * and null once nothing can lie there any more.
 */
export const rfidproLeftFiles: Migration = {
  name: "rfidpro-left-files-1",
  sql: `
    alter table run add column clear_at timestamptz default now();
    update run set clear_at = null from manifest where manifest.run = run.id;
    create index run_to_clear on run (clear_at) where clear_at is not null;
  `,
};
