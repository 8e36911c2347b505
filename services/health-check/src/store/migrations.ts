import { leaseTables } from "@tagwire/actor";
import type { Migration } from "@tagwire/store";

export const schema = "health_check";

/**
 * Audits and what they found. `finding` is how each stands now; `line` is the log of everything that happened to them and of every
 * audit: only ever added to, and one hash chain for each site.
 */
export const migrations: readonly Migration[] = [
  leaseTables,
  {
    name: "health-check-1",
    sql: `
      create table audited_site (
        site text primary key,
        scrub_from int not null default 0,
        audited_at timestamptz,
        completed_at timestamptz,
        seq bigint not null default 0,
        hash text not null
      );

      create table audit (
        site text not null,
        id uuid not null,
        started_at timestamptz not null,
        audit jsonb not null,
        primary key (site, id)
      );
      create index audit_by_time on audit (site, started_at desc, id desc);

      create table finding (
        site text not null,
        id uuid not null,
        fingerprint text not null,
        state text not null,
        code text not null,
        last_seen_at timestamptz not null,
        missed int not null,
        finding jsonb not null,
        primary key (site, id),
        unique (site, fingerprint)
      );
      create index finding_open on finding (site, state) where state in ('suspect', 'open', 'acknowledged', 'in_review');
      create index finding_by_time on finding (site, last_seen_at desc, id desc);

      create table line (
        site text not null,
        seq bigint not null,
        at timestamptz not null,
        what text not null,
        finding uuid,
        by text not null,
        why text,
        data jsonb not null,
        prev_hash text not null,
        hash text not null,
        primary key (site, seq)
      );
      create index line_of_finding on line (site, finding, seq desc) where finding is not null;
    `,
  },
  {
    name: "refolded-lives-1",
    sql: `alter table audited_site add column refolded_until jsonb not null default '{}'`,
  },
  {
    // What was one of many, by fingerprint: who comes later is new among them.
    name: "stormed-1",
    sql: `
      create table stormed (
        site text not null,
        code text not null,
        fingerprint text not null,
        primary key (site, code, fingerprint)
      );
    `,
  },
  {
    name: "own-log-1",
    sql: "alter table audited_site add column lines_until bigint not null default 0",
  },
  {
    // What devices say of themselves: one row for each life of a device at a site, with its last report.
    name: "device-reports-1",
    sql: `
      create table device_report (
        site text not null,
        incarnation uuid not null,
        first_at timestamptz not null,
        reported_at timestamptz not null,
        person text not null,
        report jsonb not null,
        primary key (site, incarnation)
      );
      create index device_report_by_time on device_report (site, reported_at desc);
    `,
  },
  {
    name: "proven-until-1",
    sql: "alter table audited_site add column rows_proven_until timestamptz, add column lives_proven_until timestamptz",
  },
  {
    // Since when a site is known: one of which no audit ever came to its end has been without a proof for so long.
    name: "known-since-1",
    sql: "alter table audited_site add column known_since timestamptz not null default now()",
  },
  {
    // The finding after which findings go on being held against their log.
    name: "own-findings-1",
    sql: "alter table audited_site add column findings_until uuid",
  },
  {
    name: "drilled-from-1",
    sql: "alter table audited_site add column drilled_from jsonb not null default '{}'",
  },
  {
    // What was due of rules in parts went by the rows until now.
    name: "rules-proven-until-1",
    sql: `
      alter table audited_site add column rules_proven_until timestamptz;
      update audited_site set rules_proven_until = rows_proven_until;
    `,
  },
  {
    // How much was looked at since much of a kind was last seen, by its code; and when one of many was last seen.
    name: "rounds-1",
    sql: `
      alter table audited_site add column rounds jsonb not null default '{}';
      alter table stormed add column seen_at timestamptz not null default now();
    `,
  },
];
