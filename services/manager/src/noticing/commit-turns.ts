import type { Transaction } from "@tagwire/actor";
import { type Alert, type AlertChangeKind, type AlertRule, newId } from "@tagwire/messages";
import type { Turn } from "../actors/alert.ts";
import {
  endsWaiting,
  type PlannedNotification,
  planNotifications,
  type Recipient,
  recipientsOf,
  worthTelling,
} from "../actors/notification-plan.ts";
import { type AlertSite, moveAlertSite } from "../store/alert-sites.ts";
import { addChanges, saveAlerts, shownAlert } from "../store/alerts.ts";
import {
  addNotifications,
  endNotifications,
  findRecentlyTold,
  type NewNotification,
} from "../store/notifications.ts";
import { findListening } from "../store/push-subscriptions.ts";

/** A turn of an alert, and its rule: without one nobody is told. */
export type AlertTurn = { readonly turn: Turn; readonly rule: AlertRule | undefined };

/** Turns that are committed, and said, at once: what they show fits into one message of the bus. */
export const turnsMax = 100;

/** What was committed, as the live view says it. */
export type CommittedTurns = {
  readonly site: AlertSite;
  readonly pos: number;
  readonly alerts: readonly Alert[];
  readonly changes: readonly AlertChangeKind[];
};

type Told = ReturnType<typeof findRecentlyTold> extends Promise<infer T> ? T : never;

/** Remembers what was planned in this very commit, so that many alerts of one rule do not each count as the first. */
const countingTold = (before: Told) => {
  const planned = new Map<string, number[]>();
  const key = (rule: string, { channel, address }: Recipient) => JSON.stringify([rule, channel, address]);
  return {
    of: (rule: string) => (recipient: Recipient) => [
      ...before(rule, recipient),
      ...(planned.get(key(rule, recipient)) ?? []),
    ],
    note: (rule: string, plan: PlannedNotification) => {
      if (plan.state !== "pending") return;
      planned.set(key(rule, plan), [...(planned.get(key(rule, plan)) ?? []), plan.dueAtMs]);
    },
  };
};

const planAll = async (
  transaction: Transaction,
  site: AlertSite,
  turns: readonly AlertTurn[],
  nowMs: number,
): Promise<NewNotification[]> => {
  const news = turns.flatMap(({ turn, rule }) => {
    const what = worthTelling(turn);
    return what === undefined || rule === undefined ? [] : [{ alert: turn.alert.id, what, rule }];
  });
  if (news.length === 0) return [];
  const isPushed = news.some(({ rule }) => rule.channels.some(({ kind }) => kind === "push"));
  const [subscriptions, recently] = await Promise.all([
    isPushed ? findListening(transaction, site.site) : [],
    findRecentlyTold(transaction, [...new Set(news.map(({ rule }) => rule.id))], nowMs),
  ]);
  const told = countingTold(recently);
  return news.flatMap(({ alert, what, rule }) => {
    const recipients = recipientsOf(rule, subscriptions);
    const context = { nowMs, timeZone: site.timeZone, recentlyTold: told.of(rule.id) };
    return planNotifications({ what, rule, recipients }, context).map((plan): NewNotification => {
      told.note(rule.id, plan);
      const isTold = plan.channel === "in_app" && plan.state === "pending";
      return {
        ...plan,
        ...{ id: newId(), site: site.site, rule: rule.id, alert, state: isTold ? "sent" : plan.state },
      };
    });
  });
};

/**
 * Writes what became of alerts of a site whose row is locked: the alerts, their histories, and the ledger of who is to be told.
 * What is told in the app is told by this.
 */
export const commitTurns = async (
  transaction: Transaction,
  site: AlertSite,
  turns: readonly AlertTurn[],
  nowMs: number,
): Promise<CommittedTurns> => {
  const pos = site.pos + 1;
  const notifications = await planAll(transaction, site, turns, nowMs);
  const told = new Set(notifications.flatMap(({ state, alert }) => (state === "sent" ? [alert] : [])));
  const alerts = turns.map(({ turn: { alert } }) =>
    told.has(alert.id) ? { ...alert, notifiedAt: new Date(nowMs).toISOString() } : alert,
  );
  await saveAlerts(transaction, alerts, pos);
  await addChanges(
    transaction,
    turns.flatMap(({ turn: { alert, changes } }) =>
      changes.map((change) => ({ ...change, alert: alert.id })),
    ),
  );
  await endNotifications(
    transaction,
    turns.flatMap(({ turn }) => (endsWaiting(turn) ? [turn.alert.id] : [])),
  );
  await addNotifications(transaction, notifications, nowMs);
  await moveAlertSite(transaction, site.site, pos);
  return {
    site,
    pos,
    alerts: alerts.map((alert) => shownAlert(alert, pos)),
    changes: turns.flatMap(({ turn }) => turn.changes.map(({ what }) => what)),
  };
};
