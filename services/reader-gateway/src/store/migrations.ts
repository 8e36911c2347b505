import { leaseTables } from "@tagwire/actor";
import type { Migration } from "@tagwire/store";
import { antennaCounts } from "./antenna-counts.ts";
import { holdings } from "./holdings.ts";
import { pushedEvents } from "./pushed-events.ts";
import { readerPast } from "./reader-past.ts";
import { whereaboutsTable } from "./whereabouts.ts";

/** The one schema this service owns. */
export const schema = "reader_gateway";

/**
 * `reader` is the settings of a reader and its ledger in one row: every statement that moves observations moves the ledger
 * with them. `number` tells a reader from an earlier one with the same id, whose observations may still be on their way.
 * `ledger_version` rises with every change of the counts, so that of two answers the newer one is known.
 * `antenna_counts` is what of the ledger is of which antenna: see `antenna-counts.ts`.
 * `last_read_at` and `past_faults` are what is remembered of a reader besides: see `reader-past.ts`.
 * `station` is where antennas are bound to, by the id that readers name.
 * `observation` holds what operations has not taken yet; `seq` is the order in which it was heard, and `port` the
 * antenna whose it is in `antenna_counts`, where it is in them.
 * `settings_note` holds changes of settings that the log of their site has not taken yet.
 * `keeper` holds the last save of each process's keeper, so that a save whose answer was lost is not made twice.
 * `holding` and `passage` are what windows held at each keeper's last save: see `holdings.ts`.
 * `pushed_event` is by what events are known again that readers pushed: see `pushed-events.ts`.
 * `whereabout` is where the tags of a site are: see `whereabouts.ts`.
 * `parked` holds observations that could not be kept, each with the reason.
 */
export const migrations: readonly Migration[] = [
  leaseTables,
  {
    name: "readers-1",
    sql: `
      create table reader (
        number bigint generated always as identity primary key,
        site text not null,
        partition int not null,
        id text not null,
        driver text not null,
        address text not null,
        antennas jsonb not null,
        station text,
        enabled boolean not null default true,
        created_at timestamptz not null default clock_timestamp(),
        deleted_at timestamptz,
        ledger_version bigint not null default 0,
        frames bigint not null default 0,
        malformed bigint not null default 0,
        reads bigint not null default 0,
        filtered bigint not null default 0,
        observed bigint not null default 0,
        observations bigint not null default 0,
        accepted bigint not null default 0,
        already_applied bigint not null default 0,
        rejected bigint not null default 0,
        quarantined bigint not null default 0,
        constraint ledger_adds_up check (reads = filtered + observed),
        constraint outcomes_are_of_observations check (observations >= accepted + already_applied + rejected + quarantined)
      );
      create unique index reader_by_id on reader (site, id) where deleted_at is null;
      create index reader_by_partition on reader (partition);

      create table observation (
        seq bigint generated always as identity primary key,
        id uuid not null unique,
        reader bigint not null references reader (number),
        site text not null,
        tag text not null,
        place text,
        antenna int not null,
        reads bigint not null check (reads > 0),
        peak_rssi_dbm double precision,
        first_heard_at timestamptz not null,
        last_heard_at timestamptz not null,
        traceparent text not null
      );
      create index observation_of_site on observation (site, seq);
      create index observation_of_reader on observation (reader);
    `,
  },
  {
    name: "saves-1",
    sql: `
      create table keeper (
        id uuid primary key,
        last_save bigint not null,
        saved_at timestamptz not null
      );
      create table parked (
        number bigint generated always as identity primary key,
        site text not null,
        reader_id text not null,
        reader bigint not null,
        reason text not null,
        observation json not null,
        parked_at timestamptz not null default clock_timestamp()
      );
    `,
  },
  {
    name: "radio-1",
    sql: "alter table reader add column region text, add column session smallint;",
  },
  {
    name: "stray-1",
    sql: "alter table observation add stray text;",
  },
  {
    name: "login-1",
    sql: "alter table reader add column login jsonb;",
  },
  antennaCounts,
  {
    name: "stations-1",
    sql: `
      create table station (
        site text not null,
        id text not null,
        partition int not null,
        settings jsonb not null,
        primary key (site, id)
      );
      create index station_by_partition on station (partition);
      alter table reader add column rules jsonb not null default '{}';
      alter table observation add column station text, add column station_mode text, add column tid text;
    `,
  },
  {
    name: "reader-keys-1",
    sql: "alter table reader add column key_hash text, add column key_made_at timestamptz;",
  },
  {
    name: "settings-notes-1",
    sql: `
      create table settings_note (
        seq bigint generated always as identity primary key,
        id uuid not null unique,
        site text not null,
        partition int not null,
        note jsonb not null
      );
      create index settings_note_of_site on settings_note (site, seq);
    `,
  },
  readerPast,
  holdings,
  pushedEvents,
  whereaboutsTable,
  {
    name: "iso-tags-1",
    sql: "alter table observation add column is_iso boolean;",
  },
];
