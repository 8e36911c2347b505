import { leaseTables } from "@tagwire/actor";
import { barrierTables } from "@tagwire/audit";
import { digestSql, keepDigestSql, keptBuckets, leanTriggersSql } from "@tagwire/digest";
import type { Migration } from "@tagwire/store";
import { deviceLedgerTables } from "./device-ledgers.ts";
import { keptTables } from "./kept-tables.ts";
import { siteStage } from "./migration.ts";
import { epcHolders, nameHolders } from "./name-holders.ts";
import { photoTables } from "./photos.ts";
import { settingsIndex } from "./settings.ts";
import { siteRules } from "./stock-rules.ts";
import { undoPlans } from "./undo-plans.ts";
import { zonesIndex } from "./zones.ts";

/**
 * The record. `event` is append-only and the outbox; `item` is its fold; `site` holds each log's head, which a turn moves by
 * compare-and-set: that row is the fence.
 */
/** What is operations' own in the database. */
export const schema = "operations";

export const migrations: readonly Migration[] = [
  leaseTables,
  { name: "digest-1", sql: digestSql },
  {
    name: "operations-1",
    sql: `
      create table site (
        site text primary key check (site ~ '^[a-z0-9-]{1,32}$'),
        partition int not null references partition,
        name text not null,
        time_zone text not null,
        epoch bigint not null,
        pos bigint not null,
        hash text not null,
        recorded_at timestamptz not null default now(),
        created_at timestamptz not null default now()
      );
      create index site_by_partition on site (partition);

      create table item (
        site text not null references site,
        tag text not null,
        class text not null,
        name text,
        status text not null check (status in ('provisioned','ready','staged','on_rent','delivered','inspect','repair','wash','wet','missing','sold','retired')),
        quality text,
        place text,
        contract text,
        notes text,
        version int not null check (version > 0),
        pos bigint not null,
        last_fact_at timestamptz,
        last_scan jsonb,
        primary key (site, tag),
        check (status not in ('on_rent', 'delivered', 'staged') or contract is not null)
      ) with (fillfactor = 80);
      create index item_by_status on item (site, status, tag);
      create index item_by_class on item (site, class, tag);
      create index item_by_place on item (site, place, tag);

      -- Events, receipts and quarantined scans are only ever inserted beside the site's own row, in the statement that moves
      -- its head, so a foreign key would look up twice what cannot be otherwise.
      create table event (
        site text not null,
        epoch bigint not null,
        pos bigint not null,
        id uuid not null,
        type text not null,
        tag text,
        contract text,
        session uuid,
        scan_id uuid,
        scanned_at timestamptz,
        received_at timestamptz not null,
        recorded_at timestamptz not null,
        by jsonb not null,
        traceparent text not null,
        data jsonb not null,
        prev_hash text not null,
        hash text not null,
        primary key (site, epoch, pos)
      );
      create index event_by_tag on event (site, tag, epoch desc, pos desc);

      create table receipt (
        site text not null,
        id uuid not null,
        body_hash text not null,
        receipt jsonb not null,
        recorded_at timestamptz not null,
        primary key (site, id)
      );
      create index receipt_by_age on receipt using brin (recorded_at);

      create table quarantine (
        site text not null,
        scan_id uuid not null,
        tag text not null,
        heard jsonb not null,
        received_at timestamptz not null,
        released_at timestamptz,
        primary key (site, scan_id)
      );
      create index quarantine_waiting on quarantine (site, tag) where released_at is null;

      create table relay_mark (site text primary key references site, epoch bigint not null, pos bigint not null);
    `,
  },
  {
    // Rows from before hold places that no instant is known for: that of the last scan is as old as they can be.
    name: "operations-2",
    sql: `
      alter table item add place_at timestamptz, add quality_at timestamptz;
      update item set place_at = (last_scan->>'scannedAt')::timestamptz where place is not null;
      update item set quality_at = last_fact_at where quality is not null;

      -- Old receipts go, and new ones fill the room they leave; then a BRIN index covers everything with every age.
      drop index receipt_by_age;
      create index receipt_by_age on receipt (recorded_at);
      create index quarantine_released on quarantine (released_at) where released_at is not null;
    `,
  },
  {
    // Contracts and sessions keep what the log says of them whole, with beside it what they are looked for by.
    name: "operations-3",
    sql: `
      alter table item add role text, add condition jsonb, add replaces text, add replaced_by text;

      create table contract (
        site text not null references site,
        number text collate "C" not null,
        kind text not null check (kind in ('rental', 'laundry', 'manual')),
        state text not null check (state in ('open', 'finalized', 'returned', 'closed', 'merged')),
        client text,
        version int not null check (version > 0),
        pos bigint not null,
        doc jsonb not null,
        primary key (site, number)
      ) with (fillfactor = 80);

      create table contract_member (
        site text not null references site,
        contract text collate "C" not null,
        tag text collate "C" not null,
        class text not null,
        state text not null check (state in ('staged', 'out', 'returned', 'not_recorded')),
        out_at timestamptz,
        back_at timestamptz,
        pos bigint not null,
        primary key (site, contract, tag)
      ) with (fillfactor = 80);
      create index contract_member_owed on contract_member (site, tag) where state = 'not_recorded';

      create table session (
        site text not null references site,
        id uuid not null,
        mode text,
        state text not null check (state in ('unbegun', 'open', 'closed')),
        contract text,
        duplicates int not null default 0,
        version int not null check (version > 0),
        pos bigint not null,
        doc jsonb not null,
        primary key (site, id)
      ) with (fillfactor = 80);
      create index session_by_pos on session (site, pos);

      create table session_tag (
        site text not null references site,
        session uuid not null,
        tag text collate "C" not null,
        expected boolean not null,
        outcome text check (outcome in ('seen', 'rejected', 'unknown')),
        type text,
        class text,
        seen_at timestamptz,
        primary key (site, session, tag)
      ) with (fillfactor = 80);

      create table class (
        site text not null references site,
        class text collate "C" not null,
        name text,
        short_name text,
        category text,
        subcategory text,
        crew text check (crew in ('tent', 'linen', 'service')),
        place text,
        version int not null check (version > 0),
        pos bigint not null,
        primary key (site, class)
      );

      -- The next number of each sequence of tags, over all sites: a number that was given is never given again.
      create table tag_sequence (sequence text primary key, next bigint not null);

      create index event_by_contract on event (site, contract, epoch, pos) where contract is not null;
      create index event_by_session on event (site, session, epoch, pos) where session is not null;
      create index item_by_tag on item (tag);
    `,
  },
  {
    // A log read in the order of time: of recording it is nearly its own order, of happening nearly. Event hash ids are made of what an
    // event says, so the ones that somebody was told are kept with where they lead.
    name: "epcis-1",
    sql: `
      create index event_by_record_time on event (site, recorded_at, epoch, pos);
      create index event_by_event_time on event (site, (coalesce(scanned_at, recorded_at)), epoch, pos);
      create index event_undoing on event (site, epoch, ((data->>'undoes')::bigint)) where data ? 'undoes';

      create table epcis_id (
        site text not null,
        digest bytea not null check (length(digest) = 32),
        epoch bigint not null,
        pos bigint not null,
        primary key (site, digest)
      );
    `,
  },
  {
    // An index on a cast would refuse an event, and with it the turn, whose data has something else than a number there.
    name: "epcis-2",
    sql: `
      drop index event_undoing;
      create index event_undoing on event (site, epoch, (data->'undoes')) where data ? 'undoes';
    `,
  },
  {
    name: "service-work-1",
    sql: "alter table item add last_service jsonb;",
  },
  {
    name: "undone-1",
    sql: "alter table receipt add undone jsonb;",
  },
  {
    // A merge is told as two EPCIS events, so an id leads to one of them; it is on both contracts, of which the log names one.
    name: "epcis-3",
    sql: `
      alter table epcis_id add part smallint;
      create index event_reassigned on event (site, (data->'was'->>'contract')) where type = 'item.reassigned.v1';
      create index event_merged on event (site, (data->>'into')) where type = 'contract.merged.v1';
    `,
  },
  {
    // The history of a contract is what its events say and what others do to it besides: an item that goes out on another contract
    // leaves this one, and only the moves in the event say so.
    name: "contract-aside-1",
    sql: `
      create table contract_aside (
        site text not null,
        contract text collate "C" not null,
        epoch bigint not null,
        pos bigint not null,
        primary key (site, contract, epoch, pos)
      );
      insert into contract_aside (site, contract, epoch, pos)
      select distinct site, move->>'contract', epoch, pos
      from event, jsonb_array_elements(case jsonb_typeof(data->'moves') when 'array' then data->'moves' else '[]' end) as moves (move)
      where move->>'contract' is distinct from contract and move->>'contract' is not null;
    `,
  },
  {
    name: "session-beside-1",
    sql: "alter table session_tag add beside boolean not null default false;",
  },
  {
    // A reader's scan is of the session at its station: the open one, or one that went on when it was heard.
    name: "session-station-1",
    sql: `
      alter table session add station text collate "C", add begun_at timestamptz;
      create index session_open_at on session (site, station) where station is not null and state = 'open';
      create index session_at on session (site, station, begun_at desc, id desc) where station is not null;
    `,
  },
  {
    // The places that the log names: no index of it has them, so they are taken out of it stretch by stretch when somebody asks.
    name: "epcis-places-1",
    sql: `
      create table epcis_place (
        site text not null,
        kind text not null check (kind in ('read_point', 'location')),
        place text collate "C" not null,
        primary key (site, kind, place)
      );
      create table epcis_place_mark (site text primary key references site, epoch bigint not null, pos bigint not null);
    `,
  },
  {
    // One thing, one GS1 EPC: several tags can say it, so what they say is kept beside them. Those that are there wait to be named.
    name: "thing-names-1",
    sql: `
      create table thing_name (
        site text not null,
        name text collate "C" not null,
        tag text not null,
        primary key (site, name, tag)
      );
      create index thing_name_anywhere on thing_name (name);
      create table thing_unnamed (site text not null, tag text not null, primary key (site, tag));
      insert into thing_unnamed (site, tag) select site, tag from item;
    `,
  },
  { name: "audit-digests-1", sql: keepDigestSql(Object.values(keptTables)) },
  barrierTables,
  deviceLedgerTables,
  {
    // Codes that are printed as a link or a URI say what a thing is called, too; at first only those of chips were read.
    name: "thing-names-2",
    sql: `
      insert into thing_unnamed (site, tag)
      select site, tag from item where tag ~* '^(https?:|urn:epc:)' on conflict do nothing;
    `,
  },
  {
    // A class is told in few events, which are looked for when it is folded again.
    name: "class-lives-1",
    sql: "create index event_of_class on event (site, (data->>'class')) where type = 'class.defined.v1';",
  },
  siteStage,
  {
    // What waits is told in few events, which an audit looks for.
    name: "waiting-told-1",
    sql: "create index event_waiting on event (site, tag, scan_id) where type = 'scan.quarantined.v1';",
  },
  nameHolders,
  settingsIndex,
  {
    // No event tells of a repeat within a session: it is counted twice, so that whoever changes one count is found by the other.
    name: "session-repeats-1",
    sql: `
      create table session_repeat (
        site text not null,
        session uuid not null,
        repeats int not null,
        primary key (site, session)
      );
      insert into session_repeat (site, session, repeats) select site, id, duplicates from session where duplicates <> 0;
      `,
  },
  {
    // The last scan of a session is the newest one. Before, one that came late took its place.
    name: "session-last-scan-1",
    sql: `
      update session set doc = jsonb_set(doc, '{lastScanAt}', to_jsonb(newest.at)) from (
        select site, session, to_char(max(coalesce(scanned_at, received_at)) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
        from event where session is not null and tag is not null
          and (type in ('scan.quarantined.v1', 'scan.refused.v1') or (type <> 'item.undone.v1' and data ? 'scan'))
        group by site, session
      ) newest
      where session.site = newest.site and session.id = newest.session and doc->>'lastScanAt' < newest.at;
    `,
  },
  siteRules,
  photoTables,
  {
    // What an audit asks of a whole site every five minutes is read from the few rows that it is about.
    name: "audit-rules-1",
    sql: `
      create index event_created on event (site, tag) where type = 'item.created.v1';
      create index item_on_contract on item (site, contract) where contract is not null;
      create index item_unclassed on item (site, tag) where lower(btrim(class)) in ('', 'null', 'undefined', 'none');
      create index contract_member_out on contract_member (site, tag, contract) where state = 'out';
    `,
  },
  {
    // What the log has created is looked for a part at a time, by the buckets in which its items are.
    name: "audit-rules-2",
    sql: `
      drop index event_created;
      create index event_created on event (tagwire_bucket(tag, ${keptBuckets}), site, tag) where type = 'item.created.v1';
    `,
  },
  undoPlans,
  {
    // What things are called is looked through a part at a time, by the buckets of the names.
    name: "audit-rules-3",
    sql: `create index thing_name_bucket on thing_name (tagwire_bucket(name, ${keptBuckets}), site, name);`,
  },
  {
    // Whoever folds a life again asks whether a contract in it became one with another: hardly any did.
    name: "audit-lives-1",
    sql: `
      create index event_merging on event (site, contract) where type in ('contract.merged.v1', 'contract.unmerged.v1');
      create index event_merging_into on event (site, (data->>'into')) where type in ('contract.merged.v1', 'contract.unmerged.v1');
    `,
  },
  { name: "audit-digests-2", sql: leanTriggersSql(Object.values(keptTables)) },
  zonesIndex,
  epcHolders,
];
