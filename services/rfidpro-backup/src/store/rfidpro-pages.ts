import type { Migration } from "@tagwire/store";

/**
 * `pulled_page` is every answer of a run that goes on, to the letter: from it the archive is written, and whoever goes on with a run whose
 * process is gone knows where it stood. So nobody needs what that process had on its disk, and rows are kept raw here alone.
 * `pulled_dataset` says with what each data set of a run began and how it ended; it stays, since the next pull may begin where one ended.
 */
export const rfidproPages: Migration = {
  name: "rfidpro-pages-1",
  sql: `
    alter table staged_row drop column raw;

    create table pulled_page (
      run uuid not null,
      dataset text not null,
      seq int not null,
      pass int not null,
      from_row int not null,
      total int not null,
      rows int not null,
      received_at text not null,
      body text not null,
      primary key (run, dataset, seq)
    );

    create table pulled_dataset (
      run uuid not null,
      dataset text not null,
      source text not null,
      start jsonb,
      outcome jsonb,
      primary key (run, dataset)
    );
  `,
};
