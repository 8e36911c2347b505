import type { Migration } from "@tagwire/store";

/**
 * `import_row` is each row that fell under a rule of an import, as it was previewed: `made` is the preview that they are of, which
 * `import_preview` names, so that two who preview at once do not mix theirs. `import_refusal` is each row that operations refused.
 */
export const rfidproImportRows: Migration = {
  name: "rfidpro-import-rows-1",
  sql: `
    alter table import_preview add rows uuid;
    create table import_row (
      run uuid not null,
      made uuid not null,
      seq int not null,
      rule text not null,
      identity text not null,
      row text not null,
      primary key (run, made, seq)
    );
    create table import_refusal (
      run uuid not null,
      row text not null,
      seq bigint not null generated always as identity,
      primary key (run, row)
    );
  `,
};
