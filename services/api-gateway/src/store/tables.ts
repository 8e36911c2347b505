import type { Migration, Store } from "@tagwire/store";

export const schema = "api_gateway";

export type Tables = {
  api_key: {
    id: string;
    name: string;
    role: "admin";
    hash: string;
    created_at: Date;
    last_used_at: Date | null;
    revoked_at: Date | null;
  };
  session: {
    hash: string;
    key_id: string | null;
    name: string;
    created_at: Date;
    expires_at: Date;
  };
  sign_in_token: { hash: string; expires_at: Date };
  epcis_capture: {
    id: string;
    created_at: Date;
    finished_at: Date;
    success: boolean;
    error_behaviour: "rollback" | "proceed";
    /** JSON */
    errors: string;
  };
  /** Written and read by its own statements. */
  screen_lag: {
    site: string;
    minute: Date;
    gateway: string;
    lag_counts: number[];
    lag_ms_max: number;
    said_at: Date;
    /** The newest position that was shown; null of minutes from before this was kept. */
    epoch: number | null;
    pos: number | null;
  };
};

export type GatewayStore = Store<Tables>;

export const migrations: readonly Migration[] = [
  {
    name: "0001-credentials",
    sql: `
      create table api_key (
        id text primary key,
        name text not null,
        role text not null check (role = 'admin'),
        hash text not null,
        created_at timestamptz not null,
        last_used_at timestamptz,
        revoked_at timestamptz
      );
      create table session (
        hash text primary key,
        key_id text references api_key (id) on delete cascade,
        name text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
      );
      create index session_expires_at on session (expires_at);
      create table sign_in_token (
        hash text primary key,
        expires_at timestamptz not null
      );
    `,
  },
  {
    name: "epcis-capture-1",
    sql: `
      create table epcis_capture (
        id text primary key,
        created_at timestamptz not null,
        finished_at timestamptz not null,
        success boolean not null,
        error_behaviour text not null check (error_behaviour in ('rollback', 'proceed')),
        errors text not null
      );
      create index epcis_capture_by_age on epcis_capture (finished_at);
    `,
  },
  {
    // Each gateway has rows of its own, so that what it writes twice counts once.
    name: "screen-lag-1",
    sql: `
      create table screen_lag (
        site text not null,
        minute timestamptz not null,
        gateway uuid not null,
        lag_counts int[] not null,
        lag_ms_max double precision not null,
        said_at timestamptz not null,
        primary key (site, minute, gateway)
      ) with (fillfactor = 50);
      create index screen_lag_by_age on screen_lag (minute);
    `,
  },
  {
    // Minutes of before do not say how far their screens had got.
    name: "screen-lag-2",
    sql: `
      alter table screen_lag add column epoch bigint, add column pos bigint;
    `,
  },
  {
    // What is said live of it counts its own positions; rows of another installation are of another generation.
    name: "screen-lag-3",
    sql: `
      create table screen_head (site text primary key, pos bigint not null);
      create table screen_build (generation uuid not null);
      insert into screen_build values (gen_random_uuid());
    `,
  },
];
