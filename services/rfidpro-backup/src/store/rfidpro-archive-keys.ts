import type { Migration } from "@tagwire/store";

/**
 * `archive_key` is each key that ever signed the archive, outside of it: whoever makes a whole archive anew with a key of their own has not
 * made this one. Keys are only ever added.
 */
export const rfidproArchiveKeys: Migration = {
  name: "rfidpro-archive-keys-1",
  sql: `
    create table archive_key (
      id text primary key,
      public_key text not null,
      first_at timestamptz not null default now()
    );
  `,
};
