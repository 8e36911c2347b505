import type { Transaction } from "@tagwire/actor";
import { nobody } from "../actors/alert.ts";
import { completeRule, defaultRules } from "../actors/alert-rule.ts";
import { insertRules } from "./alert-rules.ts";
import { type Reader, recordset } from "./rows.ts";

/** A site as far as its alerts are concerned. `pos` counts the changes of its alerts, and is the position of their live view. */
export type AlertSite = {
  readonly site: string;
  /** What people call it. */
  readonly name: string;
  readonly timeZone: string;
  readonly generation: string;
  readonly pos: number;
};

/** The epoch of the live view of alerts: nothing ever begins their history anew but another generation. */
export const alertsEpoch = 1;

// Until a site's name is heard anew, one from before names were kept goes by its id.
const columns = (sql: Reader) =>
  sql`site, coalesce(name, site) as name, time_zone as "timeZone", generation, pos`;

export const findAlertSite = async (sql: Reader, site: string): Promise<AlertSite | undefined> => {
  const [row] = await sql<AlertSite[]>`select ${columns(sql)} from alert_site where site = ${site}`;
  return row;
};

export const listAlertSites = (sql: Reader): Promise<AlertSite[]> =>
  sql<AlertSite[]>`select ${columns(sql)} from alert_site order by site`;

/** Keeps everybody else from the alerts of a site until the transaction ends: one turn at a time. */
export const lockAlertSite = async (
  transaction: Transaction,
  site: string,
): Promise<AlertSite | undefined> => {
  const [row] = await transaction<
    AlertSite[]
  >`select ${columns(transaction)} from alert_site where site = ${site} for update`;
  return row;
};

/** Moves the position of a site's alerts on, under the lock. */
export const moveAlertSite = async (transaction: Transaction, site: string, pos: number): Promise<void> => {
  await transaction`update alert_site set pos = ${pos} where site = ${site}`;
};

/** Gives sites those of the rules that every site begins with which they never got, and takes note of that. */
const giveRules = async (
  transaction: Transaction,
  sites: readonly string[],
  { nowMs, newId }: { readonly nowMs: number; readonly newId: () => string },
): Promise<void> => {
  const all = defaultRules.map(({ kind }) => kind);
  const lacking = await transaction<{ site: string; given: string[] }[]>`
    select site, given from alert_site
    where site = any(${[...sites]}::text[]) and not given @> ${all}::text[] order by site for update`;
  if (lacking.length === 0) return;
  const now = new Date(nowMs).toISOString();
  const rules = lacking.flatMap(({ site, given }) =>
    defaultRules
      .filter(({ kind }) => !given.includes(kind))
      .map((rule) => ({
        ...completeRule(rule),
        ...{ id: newId(), site, version: 1, createdAt: now, changedAt: now, changedBy: nobody },
      })),
  );
  await insertRules(transaction, rules);
  await transaction`
    update alert_site set given = ${all}::text[] where site = any(${lacking.map(({ site }) => site)}::text[])`;
};

/**
 * Takes note of sites. Each gets the rules that every site begins with, once: a rule that was deleted does not come back, and one that
 * came with a later release comes to every site. Safe to repeat, also from several at once.
 */
export const keepAlertSites = async (
  transaction: Transaction,
  sites: readonly Pick<AlertSite, "site" | "name" | "timeZone">[],
  given: { readonly nowMs: number; readonly newId: () => string },
): Promise<void> => {
  if (sites.length === 0) return;
  const rows = sites.map(({ site, name, timeZone }) => ({ site, name, time_zone: timeZone }));
  await transaction`
    insert into alert_site (site, name, time_zone)
    select site, name, time_zone
    from json_to_recordset(${recordset(rows)}::text::json) as given (site text, name text, time_zone text)
    order by site
    on conflict (site) do update set name = excluded.name, time_zone = excluded.time_zone
    where (alert_site.name, alert_site.time_zone) is distinct from (excluded.name, excluded.time_zone)`;
  await giveRules(
    transaction,
    sites.map(({ site }) => site),
    given,
  );
};
