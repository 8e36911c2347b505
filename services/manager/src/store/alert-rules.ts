import type { Transaction } from "@tagwire/actor";
import type { AlertRule, EscalateTo } from "@tagwire/messages";
import { type Reader, recordset } from "./rows.ts";

type Row = {
  id: string;
  site: string;
  kind: AlertRule["kind"];
  name: string;
  severity: AlertRule["severity"];
  params: AlertRule["params"];
  enabled: boolean;
  quiet_hours: AlertRule["quietHours"];
  escalate_after_minutes: number | null;
  channels: AlertRule["channels"];
  escalate_to: EscalateTo | null;
  version: number;
  created_at: Date;
  changed_at: Date;
  changed_by: string;
};

const ruleOf = (row: Row): AlertRule => ({
  id: row.id,
  site: row.site,
  kind: row.kind,
  name: row.name,
  severity: row.severity,
  params: row.params,
  enabled: row.enabled,
  quietHours: row.quiet_hours,
  escalateAfterMinutes: row.escalate_after_minutes,
  channels: row.channels,
  escalateTo: row.escalate_to,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  changedAt: row.changed_at.toISOString(),
  changedBy: row.changed_by,
});

const rowOf = (rule: AlertRule) => ({
  id: rule.id,
  site: rule.site,
  kind: rule.kind,
  name: rule.name,
  severity: rule.severity,
  params: rule.params,
  enabled: rule.enabled,
  quiet_hours: rule.quietHours,
  escalate_after_minutes: rule.escalateAfterMinutes,
  channels: rule.channels,
  escalate_to: rule.escalateTo ?? null,
  version: rule.version,
  created_at: rule.createdAt,
  changed_at: rule.changedAt,
  changed_by: rule.changedBy,
});

/** The rules of a site in the order in which they were made. */
export const listRules = async (sql: Reader, site: string): Promise<AlertRule[]> => {
  const rows = await sql<Row[]>`select * from alert_rule where site = ${site} order by created_at, id`;
  return rows.map(ruleOf);
};

export const findRule = async (sql: Reader, site: string, id: string): Promise<AlertRule | undefined> => {
  const [row] = await sql<Row[]>`select * from alert_rule where site = ${site} and id = ${id}`;
  return row === undefined ? undefined : ruleOf(row);
};

/** Whether an id is used by any rule, of whichever site. */
export const isRuleIdUsed = async (sql: Reader, id: string): Promise<boolean> => {
  const rows = await sql`select 1 from alert_rule where id = ${id}`;
  return rows.length > 0;
};

export const countRules = async (sql: Reader, site: string): Promise<number> => {
  const [row] = await sql<{ rules: number }[]>`
    select count(*)::int as rules from alert_rule where site = ${site}`;
  return row?.rules ?? 0;
};

/** Adds rules whose ids are new. */
export const insertRules = async (transaction: Transaction, rules: readonly AlertRule[]): Promise<void> => {
  if (rules.length === 0) return;
  await transaction`
    insert into alert_rule
    select * from json_populate_recordset(null::alert_rule, ${recordset(rules.map(rowOf))}::text::json)`;
};

/** Writes a rule as it is now. Safe to repeat. */
export const updateRule = async (transaction: Transaction, rule: AlertRule): Promise<void> => {
  await transaction`
    update alert_rule set name = given.name, severity = given.severity, params = given.params, enabled = given.enabled,
      quiet_hours = given.quiet_hours, escalate_after_minutes = given.escalate_after_minutes, channels = given.channels,
      escalate_to = given.escalate_to,
      version = given.version, changed_at = given.changed_at, changed_by = given.changed_by
    from json_populate_recordset(null::alert_rule, ${recordset([rowOf(rule)])}::text::json) as given
    where alert_rule.id = given.id`;
};

/** Deletes a rule and what was watched for it; its alerts stay, as history. */
export const deleteRule = async (transaction: Transaction, id: string): Promise<void> => {
  await transaction`delete from alert_rule where id = ${id}`;
};
