import type { Transaction } from "@tagwire/actor";
import { type Alert, type AlertChangeKind, type AlertRule, alertMessageType, newId } from "@tagwire/messages";
import type { HeldAlert, Turn } from "../actors/alert.ts";
import {
  channelsFor,
  endsWaiting,
  nobodyTold,
  type PlannedNotification,
  planNotifications,
  type Recipient,
  recipientsOf,
  worthTelling,
} from "../actors/notification-plan.ts";
import { type AlertMessage, alertBodyOf, endpointsOf } from "../actors/webhook-alert.ts";
import { addAlertMessages } from "../store/alert-messages.ts";
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
    if (what === undefined || rule === undefined) return [];
    return [{ alert: turn.alert, what, rule, channels: channelsFor(rule, what) }];
  });
  if (news.length === 0) return [];
  const isPushed = news.some(({ channels }) => channels.some(({ kind }) => kind === "push"));
  const [subscriptions, recently] = await Promise.all([
    isPushed ? findListening(transaction, site.site) : [],
    findRecentlyTold(transaction, [...new Set(news.map(({ rule }) => rule.id))], nowMs),
  ]);
  const told = countingTold(recently);
  return news.flatMap(({ alert, what, rule, channels }) => {
    const line = () => ({ id: newId(), site: site.site, rule: rule.id, alert: alert.id });
    const recipients = recipientsOf(channels, subscriptions);
    const { quietHours } = rule;
    const context = { nowMs, timeZone: site.timeZone, recentlyTold: told.of(rule.id) };
    const planned = planNotifications(
      { what, rule: { quietHours, severity: alert.severity }, recipients },
      context,
    ).map((plan): NewNotification => {
      told.note(rule.id, plan);
      const isTold = plan.channel === "in_app" && plan.state === "pending";
      return { ...plan, ...line(), state: isTold ? "sent" : plan.state };
    });
    // That nobody is told stands in the ledger, too.
    const untold = nobodyTold(channels, subscriptions).map((channel): NewNotification => {
      const why = "no_recipient";
      return { ...line(), ...{ channel, address: "", what, state: "suppressed", why, dueAtMs: nowMs } };
    });
    return [...planned, ...untold];
  });
};

type Committed = AlertTurn & { readonly alert: HeldAlert };

/** Writes the histories, and beside each line what the endpoints of its rule are told of it. */
const addHistory = async (transaction: Transaction, turns: readonly Committed[], pos: number) => {
  const lines = turns.flatMap(({ turn: { changes }, rule, alert }) =>
    changes.map((change) => ({ change, rule, alert })),
  );
  const numbers = await addChanges(
    transaction,
    lines.map(({ change, alert: { id } }) => ({ ...change, alert: id })),
  );
  const messages = lines.flatMap(({ change, rule, alert }, index): AlertMessage[] => {
    const number = numbers[index];
    const webhooks = rule === undefined ? [] : endpointsOf(rule, alert);
    if (number === undefined || webhooks.length === 0) return [];
    const { id, site } = alert;
    const body = alertBodyOf(shownAlert(alert, pos), change, number);
    return [{ site, number, alert: id, type: alertMessageType(change.what), webhooks, body }];
  });
  await addAlertMessages(transaction, messages);
};

/**
 * Writes what became of alerts of a site whose row is locked: the alerts, their histories, what endpoints are told, and the ledger of
 * who is to be told.
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
  const committed = turns.map(({ turn, rule }): Committed => {
    const { alert } = turn;
    const notifiedAt = told.has(alert.id) ? new Date(nowMs).toISOString() : alert.notifiedAt;
    return { turn, rule, alert: { ...alert, notifiedAt } };
  });
  const alerts = committed.map(({ alert }) => alert);
  await saveAlerts(transaction, alerts, pos);
  await addHistory(transaction, committed, pos);
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
