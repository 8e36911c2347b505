import type { Migration } from "@tagwire/store";

/**
 * `pulled_site` counts how often the runs of a site changed, which is the position of their live view, and anchors the newest manifest
 * of its archive, so that an archive that was set back is found. `run` is each pull; at most one of a site is running, over all
 * processes. Whoever carries it out is `owner`, and says so again before `owned_until`; `staged` says that rows of it may be there. `manifest` is what the archive is to hold: it
 * is here first, so that a process that dies between the two leaves nothing that the next one cannot finish; `sealed` says that it is
 * there, and `let_go_at` that what it speaks of is not there any more. `staged_row` is what the
 * last pass of each data set brought.
 */
export const rfidproRuns: Migration = {
  name: "rfidpro-runs-1",
  sql: `
    create table pulled_site (
      site text primary key,
      pos bigint not null default 0,
      manifests int not null default 0,
      head text,
      completed_at timestamptz
    );

    create table run (
      id uuid primary key,
      site text not null,
      asked jsonb not null,
      state text not null,
      verdict text,
      started_at timestamptz not null,
      owner text,
      owned_until timestamptz,
      cancelled_by text,
      staged boolean not null default true,
      version bigint not null,
      run jsonb not null
    );
    create unique index run_one_at_a_time on run (site) where state = 'running';
    create index run_by_time on run (started_at desc, id desc);
    create index run_of_site_by_time on run (site, started_at desc, id desc);

    create table manifest (
      site text not null,
      number int not null,
      run uuid not null unique,
      sha256 text not null,
      folder text not null,
      body text not null,
      ended_at timestamptz not null,
      sealed boolean not null default false,
      let_go_at timestamptz,
      primary key (site, number)
    );

    create table staged_row (
      site text not null,
      run uuid not null,
      dataset text not null,
      seq int not null,
      identity text not null,
      tag text,
      raw jsonb not null,
      row jsonb not null,
      primary key (run, dataset, seq)
    );
    create index staged_row_by_tag on staged_row (run, dataset, tag);
    create index staged_row_by_identity on staged_row (run, dataset, identity);
  `,
};
