import { leaseTables, projectionTables } from "@tagwire/actor";

import { barrierTables } from "@tagwire/audit";
import { digestSql, keepDigestSql, leanTriggersSql } from "@tagwire/digest";
import type { Migration } from "@tagwire/store";
import { keptTables } from "./kept-tables.ts";

export const schema = "manager";

/**
 * What the log looks like to people. Everything here can be dropped and is made again from operations' log.
 *
 * Tags sort by their bytes, so that pages follow each other the same on every server. An item's last fact keeps the spelling
 * of the log, because a timestamp would give it another one. Hot rows have room on their page for the next version of them.
 */
export const migrations: readonly Migration[] = [
  leaseTables,
  projectionTables,
  {
    name: "manager-1",
    sql: `
      create table item (
        site text not null,
        tag text collate "C" not null,
        class text not null,
        name text,
        status text not null,
        quality text,
        place text,
        contract text,
        notes text,
        version bigint not null,
        pos bigint not null,
        last_fact_at text,
        last_scan jsonb,
        changed_at timestamptz not null,
        primary key (site, tag)
      ) with (fillfactor = 80);

      create table quarantine (
        site text not null,
        tag text collate "C" not null,
        scans int not null check (scans > 0),
        primary key (site, tag)
      );

      create table site_figures (
        site text primary key,
        statuses jsonb not null,
        quarantined bigint not null
      ) with (fillfactor = 50);

      create table class_figures (
        site text not null,
        class text collate "C" not null,
        statuses jsonb not null,
        primary key (site, class)
      ) with (fillfactor = 50);

      create table minute_figures (
        site text not null,
        minute timestamptz not null,
        scans int not null,
        rejected int not null,
        quarantined int not null,
        lag_ms_sum double precision not null,
        lag_ms_max double precision not null,
        lag_counts int[] not null,
        primary key (site, minute)
      ) with (fillfactor = 50);

      create table recent_event (
        site text not null,
        pos bigint not null,
        event json not null,
        primary key (site, pos)
      );
    `,
  },
  {
    name: "manager-2",
    sql: `
      create table site_generation (site text primary key, name uuid not null default gen_random_uuid());
      insert into site_generation (site) select site from site_position;
    `,
  },
  {
    name: "manager-3",
    sql: "alter table item add role text, add condition jsonb, add replaces text, add replaced_by text;",
  },
  {
    // What alerts ask for: since when an item is in its status, and when it was last scanned, however that ended.
    name: "manager-alerts-1",
    sql: `
      alter table item add column status_at timestamptz, add column seen_at timestamptz;
      create index item_waiting on item (site, status) where status in ('inspect', 'repair', 'wash', 'wet', 'missing');
    `,
  },
  {
    // From which position on rows that were begun anew are whole.
    name: "manager-rebuild-1",
    sql: `
      create table site_rebuild (site text primary key, epoch bigint not null, pos bigint not null);
    `,
  },
  {
    // Rows from before do not say which boards they hold, so they are made anew.
    name: "manager-boards-1",
    sql: `alter table site_generation add boards text not null default '';`,
  },
  {
    name: "manager-history-1",
    sql: `
      alter table site_figures add day date;

      create table class_closing (
        site text not null,
        class text collate "C" not null,
        day date not null,
        statuses jsonb not null,
        pos bigint not null,
        primary key (site, class, day)
      ) with (fillfactor = 70);
      create index class_closing_by_day on class_closing (site, day, pos);

      create table stock_move (
        site text not null,
        pos bigint not null,
        at timestamptz not null,
        day date not null,
        from_class text,
        from_status text,
        to_class text,
        to_status text,
        primary key (site, pos)
      );
    `,
  },
  {
    // What operations says of a contract or a session is kept as one document, to the letter; beside it stand the columns that
    // boards look for.
    name: "manager-contracts-1",
    sql: `
      create table site (site text primary key, name text not null, time_zone text not null);

      create table contract (
        site text not null,
        number text collate "C" not null,
        kind text not null,
        state text not null,
        progress text not null,
        client text,
        still_out_items int not null,
        due_out_day date,
        due_in_day date,
        contract jsonb not null,
        primary key (site, number)
      ) with (fillfactor = 70);
      create index contract_current on contract (site, number)
        where state in ('open', 'finalized', 'returned') or still_out_items > 0;
      create index contract_due_out on contract (site, due_out_day, number) where due_out_day is not null;
      create index contract_due_in on contract (site, due_in_day, number) where due_in_day is not null;

      create table contract_member (
        site text not null,
        contract text collate "C" not null,
        tag text collate "C" not null,
        class text not null,
        state text not null,
        out_at text,
        back_at text,
        pos bigint not null,
        primary key (site, contract, tag)
      ) with (fillfactor = 80);

      create table contract_step (
        site text not null,
        number text collate "C" not null,
        pos bigint not null,
        type text not null,
        contract text,
        tag text,
        received_at text not null,
        recorded_at timestamptz not null,
        data jsonb not null,
        primary key (site, number, pos)
      );
    `,
  },
  {
    name: "manager-sessions-1",
    sql: `
      create table session (
        site text not null,
        id text collate "C" not null,
        mode text,
        state text not null,
        contract text,
        complete boolean,
        late_scans int not null,
        active_at timestamptz not null,
        session jsonb not null,
        primary key (site, id)
      ) with (fillfactor = 50);
      create index session_by_activity on session (site, active_at, id);
      create index session_to_watch on session (site, active_at, id)
        where state <> 'closed' or complete = false or late_scans > 0;

      create table session_tag (
        site text not null,
        session text collate "C" not null,
        tag text collate "C" not null,
        expected boolean not null,
        outcome text,
        type text,
        class text,
        seen_at text,
        primary key (site, session, tag)
      ) with (fillfactor = 80);

      create table rental_class (
        site text not null,
        class text collate "C" not null,
        name text,
        short_name text,
        category text,
        subcategory text,
        crew text,
        place text,
        version bigint not null,
        pos bigint not null,
        primary key (site, class)
      );
    `,
  },
  {
    // Hours and days as text, in the spelling that sorts by time; a site's days are its own.
    name: "manager-throughput-1",
    sql: `
      create table scan_tally (
        site text not null,
        span text not null,
        start text collate "C" not null,
        kind text collate "C" not null,
        who text collate "C" not null,
        accepted int not null,
        already_applied int not null,
        rejected int not null,
        quarantined int not null,
        primary key (site, span, start, kind, who)
      ) with (fillfactor = 50);
    `,
  },
  {
    // Since when an item is not on contract, and what waits in service from the oldest on. Most scans change neither a status nor when
    // it began, so that the index costs them nothing.
    name: "manager-queues-1",
    sql: `
      alter table item add column free_at timestamptz;
      create index item_queue on item (site, status_at, tag) where status in ('inspect', 'repair', 'wash', 'wet');
    `,
  },
  {
    // A scan is written once, and under each of its marks a narrow row that leads to it, so that a page of any mark is read in order.
    name: "manager-flagged-1",
    sql: `
      create table flagged_scan (
        site text not null,
        pos bigint not null,
        recorded_at timestamptz not null,
        scan jsonb not null,
        primary key (site, pos)
      );
      create index flagged_scan_by_time on flagged_scan (site, recorded_at);
      create table flagged_mark (
        site text not null,
        mark text collate "C" not null,
        pos bigint not null,
        primary key (site, mark, pos)
      );
    `,
  },
  {
    // What alerts ask of quarantine. Rows from before are made anew, since the stock has another name.
    name: "manager-quarantine-since-1",
    sql: "alter table quarantine add column since timestamptz not null default now();",
  },
  {
    name: "manager-service-work-1",
    sql: "alter table item add column last_service jsonb;",
  },
  {
    name: "manager-session-beside-1",
    sql: "alter table session_tag add column beside boolean not null default false;",
  },
  {
    // In the spelling of the log, as the last fact. Rows from before are made anew, since the stock has another name.
    name: "manager-stated-at-1",
    sql: "alter table item add column place_at text, add column quality_at text;",
  },
  {
    // How many scans waited in quarantine at any moment. Rows from before are made anew, since the counts have another name.
    name: "manager-quarantine-past-1",
    sql: `
      create table quarantine_step (
        site text not null,
        pos bigint not null,
        at timestamptz not null,
        day date not null,
        quarantined bigint not null,
        primary key (site, pos)
      );
      create index quarantine_step_by_day on quarantine_step (site, day, pos);
    `,
  },
  {
    // How classes stood at the end of each day by the facts, however late they were told. Beside it class_closing is by the record, which
    // never changes: it tells what was known at a moment.
    name: "manager-class-use-1",
    sql: `
      alter table item add column moved_at timestamptz;

      create table class_use (
        site text not null,
        class text collate "C" not null,
        day date not null,
        statuses jsonb not null,
        pos bigint not null,
        primary key (site, class, day)
      ) with (fillfactor = 70);
    `,
  },
  {
    // Where an item counted before each of its last changes, so that what is taken back leaves the days as they were. It takes the place of
    // moved_at; rows from before are made anew, since the stock has another name.
    name: "manager-item-steps-1",
    sql: "alter table item add column steps jsonb;",
  },
  { name: "digest-1", sql: digestSql },
  { name: "audit-digests-1", sql: keepDigestSql(Object.values(keptTables)) },
  barrierTables,
  // Its steps took its place, and no release reads it any more.
  { name: "manager-moved-at-1", sql: "alter table item drop column if exists moved_at;" },
  { name: "audit-digests-2", sql: leanTriggersSql(Object.values(keptTables)) },
];
