import type { Transaction } from "@tagwire/actor";
import {
  type Alert,
  type AlertChange,
  type AlertKind,
  type AlertState,
  type AlertSubject,
  alertExamplesMax,
} from "@tagwire/messages";
import type { HeldAlert } from "../actors/alert.ts";
import { type Reader, recordset } from "./rows.ts";

type Row = {
  id: string;
  site: string;
  rule: string;
  kind: AlertKind;
  name: string;
  severity: Alert["severity"];
  subject_group: string;
  state: AlertState;
  count: number;
  subjects: AlertSubject[];
  opened_at: Date;
  waiting_since: Date;
  changed_at: Date;
  acknowledged_by: string | null;
  snoozed_until: Date | null;
  resolved_at: Date | null;
  resolved_by: Alert["resolvedBy"];
  reopened: number;
  notified_at: Date | null;
  epoch: number;
  pos: number;
  as_of: Date;
  version: number;
};

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

const factsOf = (row: Row) => ({
  id: row.id,
  site: row.site,
  rule: row.rule,
  kind: row.kind,
  name: row.name,
  severity: row.severity,
  group: row.subject_group,
  state: row.state,
  count: row.count,
  openedAt: row.opened_at.toISOString(),
  changedAt: row.changed_at.toISOString(),
  acknowledgedBy: row.acknowledged_by,
  snoozedUntil: iso(row.snoozed_until),
  resolvedAt: iso(row.resolved_at),
  resolvedBy: row.resolved_by,
  reopened: row.reopened,
  notifiedAt: iso(row.notified_at),
  epoch: row.epoch,
  pos: row.pos,
  asOf: row.as_of.toISOString(),
});

const heldOf = (row: Row): HeldAlert => ({
  ...factsOf(row),
  subjects: row.subjects,
  waitingSince: row.waiting_since.toISOString(),
});

const alertOf = (row: Row): Alert => ({
  ...factsOf(row),
  examples: row.subjects.slice(0, alertExamplesMax),
  version: row.version,
});

const rowOf = (alert: HeldAlert, version: number) => ({
  id: alert.id,
  site: alert.site,
  rule: alert.rule,
  kind: alert.kind,
  name: alert.name,
  severity: alert.severity,
  subject_group: alert.group,
  state: alert.state,
  count: alert.count,
  subjects: alert.subjects,
  opened_at: alert.openedAt,
  waiting_since: alert.waitingSince,
  changed_at: alert.changedAt,
  acknowledged_by: alert.acknowledgedBy,
  snoozed_until: alert.snoozedUntil,
  resolved_at: alert.resolvedAt,
  resolved_by: alert.resolvedBy,
  reopened: alert.reopened,
  notified_at: alert.notifiedAt,
  epoch: alert.epoch,
  pos: alert.pos,
  as_of: alert.asOf,
  version,
});

/** An alert as people see it. */
export const shownAlert = (
  { subjects, waitingSince: _waitingSince, ...alert }: HeldAlert,
  version: number,
): Alert => ({
  ...alert,
  examples: subjects.slice(0, alertExamplesMax),
  version,
});

/** Every alert of some rules, resolved ones too. */
export const findAlertsOfRules = async (sql: Reader, rules: readonly string[]): Promise<HeldAlert[]> => {
  const rows = await sql<Row[]>`select * from alert where rule = any(${[...rules]}::text[]::uuid[])`;
  return rows.map(heldOf);
};

export const findHeldAlert = async (
  sql: Reader,
  site: string,
  id: string,
): Promise<HeldAlert | undefined> => {
  const [row] = await sql<Row[]>`select * from alert where site = ${site} and id = ${id}`;
  return row === undefined ? undefined : heldOf(row);
};

export const findHeldAlerts = async (sql: Reader, ids: readonly string[]): Promise<HeldAlert[]> => {
  const rows = await sql<Row[]>`select * from alert where id = any(${[...ids]}::text[]::uuid[]) order by id`;
  return rows.map(heldOf);
};

export const findAlerts = async (sql: Reader, ids: readonly string[]): Promise<Alert[]> => {
  const rows = await sql<Row[]>`select * from alert where id = any(${[...ids]}::text[]::uuid[]) order by id`;
  return rows.map(alertOf);
};

export const findAlert = async (sql: Reader, site: string, id: string): Promise<Alert | undefined> => {
  const [row] = await sql<Row[]>`select * from alert where site = ${site} and id = ${id}`;
  return row === undefined ? undefined : alertOf(row);
};

export type AlertQuery = {
  readonly site: string;
  readonly limit: number;
  /** The id after which to go on. */
  readonly after: string | null;
  readonly states?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
};

/** A page of alerts, the last one that was new first. */
export const listAlerts = async (sql: Reader, query: AlertQuery): Promise<Alert[]> => {
  const { site, limit, after, states, kinds } = query;
  const rows = await sql<Row[]>`
    select * from alert where site = ${site}
    ${after === null ? sql`` : sql`and id < ${after}`}
    ${states === undefined ? sql`` : sql`and state = any(${[...states]}::text[])`}
    ${kinds === undefined ? sql`` : sql`and kind = any(${[...kinds]}::text[])`}
    order by id desc limit ${limit}`;
  return rows.map(alertOf);
};

/** A page of the open alerts of a site in the order of their ids: what the live view shows. */
export const listOpenAlerts = async (
  sql: Reader,
  { site, after, limit }: { readonly site: string; readonly after: string | null; readonly limit: number },
): Promise<Alert[]> => {
  const rows = await sql<Row[]>`
    select * from alert where site = ${site} and state <> 'resolved'
    ${after === null ? sql`` : sql`and id > ${after}`}
    order by id limit ${limit}`;
  return rows.map(alertOf);
};

/** Writes alerts as they are now, all under one version. Safe to repeat: a row is the whole truth of its alert. */
export const saveAlerts = async (
  transaction: Transaction,
  alerts: readonly HeldAlert[],
  version: number,
): Promise<void> => {
  if (alerts.length === 0) return;
  await transaction`
    insert into alert
    select * from json_populate_recordset(null::alert, ${recordset(alerts.map((alert) => rowOf(alert, version)))}::text::json)
    on conflict (id) do update set
      name = excluded.name, severity = excluded.severity, state = excluded.state, count = excluded.count,
      subjects = excluded.subjects, opened_at = excluded.opened_at, waiting_since = excluded.waiting_since,
      changed_at = excluded.changed_at, acknowledged_by = excluded.acknowledged_by, snoozed_until = excluded.snoozed_until,
      resolved_at = excluded.resolved_at, resolved_by = excluded.resolved_by, reopened = excluded.reopened,
      notified_at = excluded.notified_at, epoch = excluded.epoch, pos = excluded.pos, as_of = excluded.as_of,
      version = excluded.version`;
};

/** Adds lines to histories, and gives their numbers in the order in which they were given. Nothing ever changes a line. */
export const addChanges = async (
  transaction: Transaction,
  changes: readonly (AlertChange & { readonly alert: string })[],
): Promise<number[]> => {
  if (changes.length === 0) return [];
  const rows = await transaction<{ number: number }[]>`
    insert into alert_change (alert, what, at, by, why, count)
    select alert, what, at, by, why, count
    from json_to_recordset(${recordset(changes)}::text::json)
      as given (alert uuid, what text, at timestamptz, by text, why text, count int)
    returning number`;
  return rows.map(({ number }) => number);
};

/** The newest lines of an alert's history, newest first. */
export const listChanges = async (sql: Reader, alert: string, limit: number): Promise<AlertChange[]> => {
  const rows = await sql<(Omit<AlertChange, "at"> & { at: Date })[]>`
    select what, at, by, why, count from alert_change where alert = ${alert} order by number desc limit ${limit}`;
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
};

/** So long an alert that is over is kept, with its history. */
const keptDays = 90;

/** Forgets what has been over for long; what comes back later is a new alert. */
export const forgetOldAlerts = async (transaction: Transaction): Promise<void> => {
  await transaction`
    delete from alert where state = 'resolved' and subjects = '[]'::jsonb
      and resolved_at < now() - ${keptDays} * interval '1 day'`;
};

/** How many alerts are open, by state. */
export const countOpenAlerts = async (sql: Reader): Promise<{ state: AlertState; alerts: number }[]> =>
  sql<{ state: AlertState; alerts: number }[]>`
    select state, count(*)::int as alerts from alert where state <> 'resolved' group by state`;
