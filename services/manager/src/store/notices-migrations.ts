import { leaseTables } from "@tagwire/actor";
import type { Migration } from "@tagwire/store";

export const noticesSchema = "notices";

/**
 * What people decided and what they were told: rules, alerts, who acknowledged what, endpoints and what was delivered to them.
 * Nothing of it can be made again from operations' log, so it lives apart from the projection, which may be dropped at any time.
 */
export const noticesMigrations: readonly Migration[] = [
  leaseTables,
  {
    name: "alerts-1",
    sql: `
      create table alert_site (
        site text primary key,
        time_zone text not null,
        generation uuid not null default gen_random_uuid(),
        pos bigint not null default 0
      ) with (fillfactor = 50);

      create table alert_rule (
        id uuid primary key,
        site text not null references alert_site,
        kind text not null,
        name text not null,
        severity text not null,
        params jsonb not null,
        enabled boolean not null,
        quiet_hours jsonb,
        escalate_after_minutes int,
        channels jsonb not null,
        version bigint not null,
        created_at timestamptz not null,
        changed_at timestamptz not null,
        changed_by text not null
      );
      create index alert_rule_site on alert_rule (site);

      create table alert (
        id uuid primary key,
        site text not null references alert_site,
        rule uuid not null,
        kind text not null,
        name text not null,
        severity text not null,
        subject_group text not null,
        state text not null,
        count int not null,
        subjects jsonb not null,
        opened_at timestamptz not null,
        waiting_since timestamptz not null,
        changed_at timestamptz not null,
        acknowledged_by text,
        snoozed_until timestamptz,
        resolved_at timestamptz,
        resolved_by text,
        reopened int not null,
        notified_at timestamptz,
        epoch bigint not null,
        pos bigint not null,
        as_of timestamptz not null,
        version bigint not null,
        unique (rule, subject_group)
      );
      create index alert_page on alert (site, id);
      create index alert_open on alert (site) where state <> 'resolved';
      create index alert_old on alert (resolved_at) where state = 'resolved';

      create table alert_change (
        alert uuid not null references alert on delete cascade,
        number bigint generated always as identity,
        what text not null,
        at timestamptz not null,
        by text not null,
        why text,
        count int not null,
        primary key (alert, number)
      );
      create function alert_change_stays() returns trigger language plpgsql as
        $$ begin raise exception 'a line of an alert''s history never changes'; end $$;
      create trigger alert_change_stays before update on alert_change
        for each statement execute function alert_change_stays();

      create table alert_watch (
        rule uuid not null references alert_rule on delete cascade,
        key text not null,
        value double precision not null,
        since timestamptz not null,
        observed_at timestamptz not null,
        primary key (rule, key)
      ) with (fillfactor = 50);

      create table push_subscription (
        id uuid primary key,
        principal text not null,
        endpoint text not null unique,
        p256dh text not null,
        auth text not null,
        sites text[],
        expires_at timestamptz,
        created_at timestamptz not null
      );
      create index push_subscription_principal on push_subscription (principal);

      create table push_key (
        the_one boolean primary key default true check (the_one),
        public_key text not null,
        private_key text not null
      );

      create table notification (
        id uuid primary key,
        site text not null references alert_site,
        rule uuid not null,
        alert uuid references alert on delete cascade,
        what text not null,
        channel text not null,
        address text not null,
        state text not null,
        why text,
        digest uuid references notification on delete set null,
        attempts int not null default 0,
        created_at timestamptz not null,
        due_at timestamptz not null,
        sent_at timestamptz
      );
      create index notification_pending on notification (due_at) where state = 'pending';
      create index notification_held on notification (due_at) where state = 'suppressed' and why in ('quiet', 'digest');
      create index notification_recent on notification (rule, channel, address, created_at);
      create index notification_alert on notification (alert);
      create index notification_digest on notification (digest);
      create index notification_old on notification (created_at);
    `,
  },
  {
    name: "webhooks-1",
    sql: `
      create table webhook (
        id uuid primary key,
        site text not null,
        url text not null,
        description text,
        types text[],
        state text not null,
        why text,
        since timestamptz not null,
        created_at timestamptz not null,
        version bigint not null default 1,
        secret text not null,
        old_secrets jsonb not null default '[]',
        epoch bigint not null,
        pos bigint not null,
        throttled_until timestamptz,
        failing_since timestamptz,
        last_at timestamptz,
        last_ok boolean,
        last_status int,
        last_error text,
        last_duration_ms int,
        attempts bigint not null default 0,
        delivered bigint not null default 0,
        failed bigint not null default 0,
        expired bigint not null default 0,
        skipped bigint not null default 0,
        canary_due_at timestamptz not null,
        canary_at timestamptz,
        canary_ok boolean,
        canary_status int,
        canary_error text,
        canary_failures int not null default 0
      ) with (fillfactor = 50);
      create index webhook_site on webhook (site);

      create table webhook_delivery (
        webhook uuid not null references webhook on delete cascade,
        message text not null,
        epoch bigint not null,
        pos bigint not null,
        type text not null,
        key text collate "C" not null,
        state text not null,
        again boolean not null default false,
        round int not null default 0,
        step int not null default 0,
        attempts int not null default 0,
        payload text,
        made_at timestamptz not null,
        next_at timestamptz,
        last_at timestamptz,
        last_status int,
        last_error text,
        duration_ms int,
        done_at timestamptz,
        primary key (webhook, message)
      ) with (fillfactor = 70);
      create index webhook_delivery_waiting on webhook_delivery (webhook, key, epoch, pos)
        where state = 'pending' and not again;
      create index webhook_delivery_page on webhook_delivery (webhook, epoch, pos);
      create index webhook_delivery_state on webhook_delivery (webhook, state, epoch, pos);
      create index webhook_delivery_done on webhook_delivery (webhook, done_at) where done_at is not null;
    `,
  },
  {
    // Sites of before have got the four rules that there were to begin with.
    name: "alerts-2",
    sql: `
      alter table alert_site add column given text[] not null default '{stale,missing,queue_age,reader_silent}';
      alter table alert_site alter column given set default '{}';
    `,
  },
  {
    // What endpoints are told of alerts, in the order of each site; an endpoint reads it behind a cursor of its own. The ledger is shown
    // by when its rows came, since two orders run in it now.
    name: "webhook-alerts-1",
    sql: `
      create table alert_message (
        site text not null,
        number bigint not null,
        alert uuid not null references alert on delete cascade,
        type text not null,
        webhooks uuid[] not null,
        body text not null,
        made_at timestamptz not null,
        primary key (site, number)
      );
      create index alert_message_alert on alert_message (alert);
      create index alert_message_old on alert_message (made_at);
      alter table webhook add column alerts_read bigint not null default 0;
      drop index webhook_delivery_state;
      create index webhook_delivery_state on webhook_delivery (webhook, state, made_at, epoch, pos);
      create index webhook_delivery_made on webhook_delivery (webhook, made_at, epoch, pos);
    `,
  },
  {
    // What devices were handed ahead of their scans, and what became of it. A set is kept row by row, so that a device is told only what
    // changed; an account of each device's day outlives the rows.
    name: "prefetch-1",
    sql: `
      create table prefetch_site (
        site text primary key,
        epoch bigint not null,
        pos bigint not null,
        joined_at timestamptz
      ) with (fillfactor = 50);

      create table prefetch_device (
        site text not null references prefetch_site,
        device text collate "C" not null,
        arm text not null,
        day date not null,
        items_max int not null,
        bytes_max int not null,
        revision bigint not null,
        forgotten_revision bigint not null default 0,
        begun_at timestamptz not null,
        made_at timestamptz not null,
        primary key (site, device)
      ) with (fillfactor = 50);

      create table prefetch_item (
        site text not null,
        device text collate "C" not null,
        tag text collate "C" not null,
        revision bigint not null,
        gone boolean not null default false,
        item json not null,
        version bigint not null,
        status text not null,
        contract text,
        sources text[] not null,
        bytes int not null,
        arm text not null,
        day date not null,
        handed_at timestamptz not null,
        used_at timestamptz,
        settled boolean not null default false,
        primary key (site, device, tag),
        foreign key (site, device) references prefetch_device on delete cascade
      ) with (fillfactor = 70);
      create index prefetch_item_unsettled on prefetch_item (handed_at) where not settled;

      create table prefetch_recent (
        site text not null,
        device text collate "C" not null,
        tag text collate "C" not null,
        at timestamptz not null,
        primary key (site, device, tag)
      ) with (fillfactor = 80);

      create table prefetch_pair (
        site text not null,
        tag text collate "C" not null,
        other text collate "C" not null,
        sessions int not null,
        primary key (site, tag, other)
      );

      create table prefetch_day (
        site text not null,
        device text collate "C" not null,
        day date not null,
        arm text not null,
        lookups int not null default 0,
        hits int not null default 0,
        stale int not null default 0,
        offline_lookups int not null default 0,
        offline_misses int not null default 0,
        prefetched int not null default 0,
        used int not null default 0,
        waste_bytes bigint not null default 0,
        by_source jsonb not null default '{}',
        primary key (site, day, device, arm)
      ) with (fillfactor = 70);
    `,
  },
  {
    // A contract's own events and a session's own are in order with those of the items on them, too. What waits from before is in order
    // with its own key alone.
    name: "webhook-order-1",
    sql: `
      alter table webhook_delivery add column within text[] collate "C" not null default '{}';
    `,
  },
  {
    name: "alerts-3",
    sql: `
      alter table alert_rule add column escalate_to jsonb;
    `,
  },
  {
    // A canary is a delivery of the ledger: it has a number at its endpoint, and the last one that arrived is remembered.
    name: "webhook-canary-1",
    sql: `
      alter table webhook add column canary_number bigint not null default 0, add column proven_at timestamptz;
      update webhook set proven_at = canary_at where canary_ok;
    `,
  },
  {
    // Which revision a device says that it holds, and since when it holds any; which sources its set is made from. What it holds of an item
    // that was handed to it anew and not confirmed yet is kept beside. Of sets from before nobody confirmed anything.
    name: "prefetch-2",
    sql: `
      alter table prefetch_site add column counted_at timestamptz;

      alter table prefetch_device
        add column sources text[] not null default '{}',
        add column confirmed_revision bigint,
        add column confirmed_from timestamptz,
        add column reported text;

      alter table prefetch_item
        add column put_revision bigint not null default 0,
        add column named text[] not null default '{}',
        add column held jsonb;
      update prefetch_item set named = sources;

      alter table prefetch_pair add column chance real not null default 0;

      create table prefetch_deed (
        site text not null,
        device text collate "C" not null,
        deed text not null,
        day date not null,
        scans int not null,
        primary key (site, day, device, deed)
      ) with (fillfactor = 70);

      create table prefetch_standing (
        site text not null,
        source text not null,
        state text not null,
        reason text not null,
        since timestamptz not null,
        judged_at timestamptz not null,
        from_day date not null,
        tally jsonb not null,
        primary key (site, source)
      );
    `,
  },
  { name: "alerts-4", sql: "alter table alert_site add column name text;" },
];
