import type { Transaction } from "@tagwire/actor";
import { lockAlertSite, moveAlertSite } from "../store/alert-sites.ts";
import { findHeldAlerts, saveAlerts, shownAlert } from "../store/alerts.ts";
import { type ClaimedNotification, findTopics, noteSent } from "../store/notifications.ts";
import type { CommittedTurns } from "./commit-turns.ts";

/**
 * Calls attention in the app to what was held back: the alerts of the lines get the moment of the call, which the live view shows.
 * With it the lines are sent, all in one transaction.
 */
export const callInApp = async (
  transaction: Transaction,
  { site, lines, nowMs }: { site: string; lines: readonly ClaimedNotification[]; nowMs: number },
): Promise<CommittedTurns | undefined> => {
  const locked = await lockAlertSite(transaction, site);
  const topics = await findTopics(
    transaction,
    lines.map(({ id }) => id),
  );
  const held = await findHeldAlerts(transaction, [...new Set([...topics.values()].flat())]);
  await noteSent(
    transaction,
    lines.map(({ id }) => ({ id, state: "sent", why: null })),
    nowMs,
  );
  if (locked === undefined || held.length === 0) return undefined;
  const pos = locked.pos + 1;
  const called = held.map((alert) => ({ ...alert, notifiedAt: new Date(nowMs).toISOString() }));
  await saveAlerts(transaction, called, pos);
  await moveAlertSite(transaction, site, pos);
  return { site: locked, pos, alerts: called.map((alert) => shownAlert(alert, pos)), changes: [] };
};
