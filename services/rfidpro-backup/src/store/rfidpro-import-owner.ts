import type { Migration } from "@tagwire/store";

/** Whoever carries an import out: one that was taken for dead, and is not, can keep nothing of it any more. */
export const rfidproImportOwner: Migration = {
  name: "rfidpro-import-owner-1",
  sql: "alter table import add column owner uuid",
};
