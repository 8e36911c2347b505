import type { AlertChange, AlertRule, Channel, ChannelKind } from "@tagwire/messages";
import type { Turn } from "./alert.ts";
import { quietUntilMs } from "./quiet-hours.ts";

/*
 * Who is told of a change, and when. A line of the ledger lives like this:
 *
 *   pending ──sent──► sent
 *      │ └──refused for good, or tried too often──► failed
 *   suppressed (quiet, digest) ──its time comes──► pending, alone or as part of a digest (folded)
 *   pending, suppressed ──somebody took the alert up, or it is over──► suppressed (ended)
 */

/** So often an address is told of one rule within an hour; what is more waits and is told together. */
export const notificationsPerHourMax = 6;
export const notificationWindowMs = 3_600_000;

/** Where something is told: a channel, and what it needs to find the way. */
export type Recipient = { readonly channel: ChannelKind; readonly address: string };

export type PlannedNotification = Recipient & {
  readonly what: AlertChange["what"];
  readonly state: "pending" | "suppressed";
  readonly why: "quiet" | "digest" | "no_recipient" | null;
  readonly dueAtMs: number;
};

/** When a recipient was last told of the rule, or will be: those within the last hour, oldest first. */
export type RecentlyTold = (recipient: Recipient) => readonly number[];

const loudest: readonly AlertChange["what"][] = ["escalated", "reopened", "raised", "woke", "grew"];

/** The one change of a turn that people are told of; undefined when it is nothing that they have to know. */
export const worthTelling = ({ alert, changes }: Turn): AlertChange["what"] | undefined => {
  if (alert.state === "resolved" || alert.state === "snoozed") return undefined;
  // What a person did is no news to people.
  const own = changes.filter(({ what }) => what !== "acknowledged" && what !== "snoozed");
  return loudest.find((what) => own.some((change) => change.what === what));
};

/** The channels of a rule, and of what is escalated those that it is escalated to. */
export const channelsFor = (
  { channels, escalateTo }: Pick<AlertRule, "channels" | "escalateTo">,
  what: string,
): readonly Channel[] => (what === "escalated" ? [...channels, ...(escalateTo?.channels ?? [])] : channels);

/** The addresses of people behind channels, each once; a push goes to every subscription of its site. Endpoints of webhooks are told elsewhere. */
export const recipientsOf = (channels: readonly Channel[], subscriptions: readonly string[]): Recipient[] => {
  const all = channels.flatMap((channel): Recipient[] => {
    if (channel.kind === "email") return channel.to.map((address) => ({ channel: "email", address }));
    if (channel.kind === "push") return subscriptions.map((address) => ({ channel: "push", address }));
    return channel.kind === "in_app" ? [{ channel: "in_app", address: "" }] : [];
  });
  return [
    ...new Map(all.map((recipient) => [`${recipient.channel} ${recipient.address}`, recipient])).values(),
  ];
};

/**
 * The channels through which nobody at all would be told, as lines that stay: a push that nobody subscribed to, and a rule that names no
 * channel.
 */
export const nobodyTold = (channels: readonly Channel[], subscriptions: readonly string[]): ChannelKind[] => {
  if (channels.length === 0) return ["in_app"];
  return channels.some(({ kind }) => kind === "push") && subscriptions.length === 0 ? ["push"] : [];
};

/** When each recipient is told: at once, after the quiet hours, or together with what else there is by then. */
export const planNotifications = (
  {
    what,
    rule,
    recipients,
  }: {
    readonly what: AlertChange["what"];
    readonly rule: Pick<AlertRule, "quietHours" | "severity">;
    readonly recipients: readonly Recipient[];
  },
  {
    nowMs,
    timeZone,
    recentlyTold,
  }: {
    readonly nowMs: number;
    readonly timeZone: string;
    readonly recentlyTold: RecentlyTold;
  },
): PlannedNotification[] => {
  const { quietHours, severity } = rule;
  const isHeard = quietHours === null || severity === "critical";
  const quietUntil = isHeard ? undefined : quietUntilMs(quietHours, timeZone, nowMs);
  return recipients.map((recipient): PlannedNotification => {
    if (quietUntil !== undefined)
      return { ...recipient, what, state: "suppressed", why: "quiet", dueAtMs: quietUntil };
    const told = recentlyTold(recipient);
    const first = told[told.length - notificationsPerHourMax];
    if (first === undefined) return { ...recipient, what, state: "pending", why: null, dueAtMs: nowMs };
    return { ...recipient, what, state: "suppressed", why: "digest", dueAtMs: first + notificationWindowMs };
  });
};

/** Whether what still waits to be told of an alert is no news any more after a turn. */
export const endsWaiting = ({ alert, changes }: Turn): boolean =>
  alert.state === "resolved" || changes.some(({ what }) => what === "acknowledged" || what === "snoozed");
