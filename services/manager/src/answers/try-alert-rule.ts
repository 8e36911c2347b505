import {
  type AlertRuleTest,
  type AlertSubject,
  alertExamplesMax,
  Fault,
  newId,
  type Position,
} from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { Finding } from "../actors/alert-round.ts";
import { wordsOf } from "../actors/alert-words.ts";
import { channelsFor, recipientsOf } from "../actors/notification-plan.ts";
import { staleLimitsOf } from "../actors/stale-rule.ts";
import { askAudited } from "../noticing/audited-findings.ts";
import { asksProjection, findElsewhere, findInProjection, heldGroups, type Known } from "../noticing/find.ts";
import { getAlertSite } from "../noticing/know-sites.ts";
import { type Messenger, retryMs } from "../noticing/messenger.ts";
import { askScreenLag, watchesScreens } from "../noticing/screen-lag.ts";
import { linksIn } from "../noticing/topics.ts";
import { findRule, listRules } from "../store/alert-rules.ts";
import { findWatches } from "../store/alert-watches.ts";
import { findAlertsOfRules } from "../store/alerts.ts";
import { addNotifications, claimNotifications, findNotifications, noteSent } from "../store/notifications.ts";
import { listDays } from "../store/prefetch-accounts.ts";
import { findListening } from "../store/push-subscriptions.ts";
import { type AlertDesk, warnOf } from "./alert-rules.ts";

export type TrialDesk = AlertDesk & {
  readonly projection: Sql;
  readonly messenger: Messenger;
  /** Where people open the page, for links to it. */
  readonly page?: string | undefined;
};

type Looked = { readonly findings: readonly Finding[]; readonly position: Position };

const examplesOf = (findings: readonly Finding[]): { count: number; examples: AlertSubject[] } => {
  const sights = findings.flatMap((finding) => [...finding.sights.values()]);
  return {
    count: sights.reduce((sum, { count }) => sum + count, 0),
    examples: sights.flatMap(({ subjects }) => subjects).slice(0, alertExamplesMax),
  };
};

/**
 * Looks once with one rule and tells its addresses, and those that it is escalated to, that this is a test. Nothing is raised, nothing that is watched moves on, and neither
 * quiet hours nor the bound of an hour hold it back: somebody waits for it.
 *
 * @throws Fault `unavailable` while nobody can say what the rule would find.
 */
export const tryAlertRule = async (
  desk: TrialDesk,
  { site, id }: { readonly site: string; readonly id: string },
): Promise<AlertRuleTest> => {
  const { bus, sql, projection, messenger, page } = desk;
  const { timeZone, name } = await getAlertSite(bus, sql, site);
  const rule = await findRule(sql, site, id);
  if (rule === undefined) throw new Fault("alert_rule_unknown", id);
  const nowMs = Date.now();
  const [watches, held, rules] = await Promise.all([
    findWatches(sql, [id]),
    findAlertsOfRules(sql, [id]),
    listRules(sql, site),
  ]);
  const asking = { site, rules: [rule], nowMs };
  const [screenLag, audited] = await Promise.all([askScreenLag(bus, asking), askAudited(bus, asking)]);
  const staleLimits = staleLimitsOf(rules);
  const prefetchDays: Known["prefetchDays"] = (days) => listDays(sql, site, days);
  const known: Known = { watches, held: heldGroups(held), staleLimits, prefetchDays, screenLag, audited };
  const asked = { site, rules: [rule], known, nowMs };
  const look = async (): Promise<Looked | undefined> => {
    if (watchesScreens(rule) && screenLag === undefined) return undefined;
    if (asksProjection(rule)) return findInProjection(projection, asked, () => true);
    const findings = await findElsewhere({ bus, notices: sql }, asked);
    const isKnown = findings.some(({ isPartial = false, sights }) => !isPartial || sights.size > 0);
    return !isKnown ? undefined : { findings, position: { epoch: 0, pos: 0 } };
  };
  const looked = await look();
  if (looked === undefined) throw new Fault("unavailable", "nobody can say what the rule would find");
  const { count, examples } = examplesOf(looked.findings);

  const claimed = await inTransaction(sql, async (transaction) => {
    const recipients = recipientsOf(channelsFor(rule, "escalated"), await findListening(transaction, site));
    const lines = recipients
      .filter(({ channel }) => channel !== "in_app")
      .map((recipient) => ({
        ...recipient,
        ...{ id: newId(), site, rule: id, alert: null, what: "test", why: null, dueAtMs: nowMs },
        state: "pending" as const,
      }));
    await addNotifications(transaction, lines, nowMs);
    const only = lines.map((line) => line.id);
    return claimNotifications(transaction, { nowMs, limit: Math.max(1, lines.length), retryMs, only });
  });
  const topic = { ...rule, group: "", count, examples };
  const about = { site, siteName: name, timeZone, what: "test", alerts: [topic] };
  const sent = await Promise.all(
    claimed.map((line) => {
      const words = wordsOf({ ...about, page: linksIn(line.channel) ? page : undefined });
      return messenger({ line, words, severity: rule.severity, alerts: [] });
    }),
  );
  await noteSent(sql, sent, Date.now());
  const notifications = await findNotifications(
    sql,
    claimed.map((line) => line.id),
  );
  const asOf = new Date(nowMs).toISOString();
  const warnings = await warnOf(desk, rule);
  return { holds: count > 0, count, examples, ...looked.position, asOf, notifications, warnings };
};
