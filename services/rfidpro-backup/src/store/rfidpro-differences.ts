import type { Migration } from "@tagwire/store";

/**
 * `compared_site` says up to which position of operations' log its items and scans are here: `operations_item` and `operations_scan` are
 * folded from the log alone, and made anew when its epoch changes. `difference` is how each stands now, `difference_line` what
 * happened to it, only ever added to, and `run_difference` what a run saw of it, which never changes. `comparison` is what a run
 * came to; `signature` who signed that. `import_preview` is what an import would send, with what the site had then, and
 * `import` how far it has come.
 */
export const rfidproDifferences: Migration = {
  name: "rfidpro-differences-1",
  sql: `
    create table compared_site (
      site text primary key,
      epoch bigint not null,
      pos bigint not null
    );
    create table operations_item (
      site text not null,
      tag text not null,
      item jsonb not null,
      touched_at timestamptz not null,
      made_by jsonb not null,
      primary key (site, tag)
    );
    create table operations_scan (
      site text not null,
      tag text not null,
      pos bigint not null,
      scan jsonb not null,
      primary key (site, tag, pos)
    );

    create table difference (
      site text not null,
      id uuid not null,
      fingerprint text not null,
      class text not null,
      state text not null,
      key text not null,
      last_run uuid not null,
      last_seen_at timestamptz not null,
      difference jsonb not null,
      primary key (site, id),
      unique (site, fingerprint)
    );
    create index difference_by_time on difference (site, last_seen_at desc, id desc);
    create index difference_open on difference (site, id) where state in ('pending', 'open', 'acknowledged');

    create table difference_line (
      site text not null,
      id uuid not null,
      seq int not null,
      at timestamptz not null,
      what text not null,
      by text not null,
      why text,
      difference jsonb not null,
      primary key (site, id, seq)
    );

    create table run_difference (
      run uuid not null,
      id uuid not null,
      class text not null,
      state text not null,
      key text not null,
      difference jsonb not null,
      primary key (run, id)
    );

    create table comparison (
      run uuid primary key,
      site text not null,
      compared_at timestamptz not null,
      comparison jsonb not null
    );
    create table signature (
      run uuid not null,
      hash text not null,
      by text not null,
      name text not null,
      at timestamptz not null,
      signature jsonb not null,
      primary key (run, hash, by, name)
    );

    create table import_preview (
      run uuid primary key,
      site text not null,
      epoch bigint not null,
      preview jsonb not null
    );
    create table import_known (
      run uuid not null,
      kind text not null,
      key text not null,
      primary key (run, kind, key)
    );
    create table import (
      run uuid primary key,
      site text not null,
      beat_at timestamptz not null,
      state text not null,
      import jsonb not null
    );
    create unique index import_one_at_a_time on import (site) where state = 'running';
  `,
};
