import type { Transaction } from "@tagwire/actor";
import type { ChannelKind, Notification, NotificationState, QuietHours, Severity } from "@tagwire/messages";
import {
  notificationsPerHourMax,
  notificationWindowMs,
  type PlannedNotification,
  type Recipient,
} from "../actors/notification-plan.ts";
import { type Reader, recordset } from "./rows.ts";

const iso = (atMs: number): string => new Date(atMs).toISOString();

export type NewNotification = Omit<PlannedNotification, "what" | "state"> & {
  /** What is told in the app is told with the commit itself. */
  readonly state: "pending" | "suppressed" | "sent";
  readonly id: string;
  readonly site: string;
  readonly rule: string;
  readonly alert: string | null;
  readonly what: string;
};

/** Adds lines to the ledger, each under an id of its own. */
export const addNotifications = async (
  transaction: Transaction,
  notifications: readonly NewNotification[],
  nowMs: number,
): Promise<void> => {
  if (notifications.length === 0) return;
  const rows = notifications.map(({ dueAtMs, ...rest }) => ({
    ...rest,
    created_at: iso(nowMs),
    due_at: iso(dueAtMs),
    sent_at: rest.state === "sent" ? iso(nowMs) : null,
  }));
  await transaction`
    insert into notification (id, site, rule, alert, what, channel, address, state, why, created_at, due_at, sent_at)
    select id, site, rule, alert, what, channel, address, state, why, created_at, due_at, sent_at
    from json_populate_recordset(null::notification, ${recordset(rows)}::text::json)`;
};

const keyOf = (rule: string, { channel, address }: Recipient): string =>
  JSON.stringify([rule, channel, address]);

/** When the addresses of some rules were told within the last hour, as many times as matter. */
export const findRecentlyTold = async (
  sql: Reader,
  rules: readonly string[],
  nowMs: number,
): Promise<(rule: string, recipient: Recipient) => readonly number[]> => {
  const rows = await sql<{ rule: string; channel: ChannelKind; address: string; told: Date[] }[]>`
    select rule, channel, address, array_agg(due_at order by due_at) as told from (
      select rule, channel, address, due_at,
        row_number() over (partition by rule, channel, address order by due_at desc) as place
      from notification
      where rule = any(${[...rules]}::text[]::uuid[]) and what <> 'test' and state in ('pending', 'sent', 'failed')
        and created_at > ${iso(nowMs - 25 * notificationWindowMs)}::text::timestamptz
        and due_at > ${iso(nowMs - notificationWindowMs)}::text::timestamptz
    ) numbered where place <= ${notificationsPerHourMax} group by rule, channel, address`;
  const told = new Map(rows.map((row) => [keyOf(row.rule, row), row.told.map((at) => at.getTime())]));
  return (rule, recipient) => told.get(keyOf(rule, recipient)) ?? [];
};

/** What still waits to be told of some alerts is no news any more. */
export const endNotifications = async (
  transaction: Transaction,
  alerts: readonly string[],
): Promise<void> => {
  if (alerts.length === 0) return;
  await transaction`
    update notification set state = 'suppressed', why = 'ended'
    where alert = any(${[...alerts]}::text[]::uuid[])
      and (state = 'pending' or (state = 'suppressed' and why in ('quiet', 'digest')))`;
};

/** What is due now, whether it was held back or is to be tried again, and whose severity decides whether quiet hours hold it. */
type DueRow = {
  id: string;
  due: string;
  site: string;
  rule: string;
  severity: Severity;
  quiet_hours: QuietHours;
  time_zone: string;
};

/** Lines that are looked at in one statement; all that are due are looked at, since any of them may be of a rule whose hours are quiet. */
const lookedMax = 1_000;

/** What is due on some channels: each road looks after its own lines, so no two wait for each other. */
type Due = { readonly nowMs: number; readonly channels: readonly ChannelKind[] };

const findDue = (
  transaction: Transaction,
  { nowMs, channels }: Due,
  after: DueRow | undefined,
): Promise<DueRow[]> =>
  transaction<DueRow[]>`
    select line.id, line.due_at::text as due, line.site, line.rule, coalesce(alert.severity, rule.severity) as severity,
      rule.quiet_hours, place.time_zone
    from notification line
    join alert_rule rule on rule.id = line.rule
    join alert_site place on place.site = line.site
    left join alert on alert.id = line.alert
    where line.due_at <= ${iso(nowMs)}::text::timestamptz and line.what <> 'test' and rule.quiet_hours is not null
      and line.channel = any(${[...channels]}::text[])
      and (line.state = 'pending' or (line.state = 'suppressed' and line.why in ('quiet', 'digest')))
      ${after === undefined ? transaction`` : transaction`and (line.due_at, line.id) > (${after.due}::text::timestamptz, ${after.id}::text::uuid)`}
    order by line.due_at, line.id limit ${lookedMax} for update of line`;

/**
 * Holds back what has come due in quiet hours, until they are over: what is tried again, and what a digest waited for, may come due at
 * any hour. Tests are sent all the same, since somebody waits for them. `quietUntil` tells when they are over; undefined when it is not quiet.
 */
export const holdQuiet = async (
  transaction: Transaction,
  looked: Due,
  quietUntil: (quiet: QuietHours, timeZone: string) => number | undefined,
): Promise<void> => {
  const due: DueRow[] = [];
  let page = await findDue(transaction, looked, undefined);
  while (page.length > 0) {
    due.push(...page);
    page = page.length < lookedMax ? [] : await findDue(transaction, looked, page.at(-1));
  }
  const held = due.flatMap(({ id, severity, quiet_hours, time_zone }) => {
    const untilMs = severity === "critical" ? undefined : quietUntil(quiet_hours, time_zone);
    return untilMs === undefined ? [] : [{ id, due_at: iso(untilMs) }];
  });
  if (held.length === 0) return;
  await transaction`
    update notification set state = 'suppressed', why = 'quiet', due_at = given.due_at
    from json_to_recordset(${recordset(held)}::text::json) as given (id uuid, due_at timestamptz)
    where notification.id = given.id`;
};

type HeldRow = { id: string; site: string; rule: string; channel: ChannelKind; address: string };

/** Lines released at once; the others follow with the next look. */
const releasedMax = 1_000;

/**
 * Lets go of what was held back and whose time has come: what waits alone for its address is sent as it is, several of one rule
 * become one digest. Gives how many lines were released.
 */
export const releaseNotifications = async (
  transaction: Transaction,
  { nowMs, channels, newId }: Due & { readonly newId: () => string },
): Promise<number> => {
  const due = await transaction<HeldRow[]>`
    select id, site, rule, channel, address from notification
    where state = 'suppressed' and why in ('quiet', 'digest') and due_at <= ${iso(nowMs)}::text::timestamptz
      and channel = any(${[...channels]}::text[])
    order by due_at, id limit ${releasedMax} for update`;
  if (due.length === 0) return 0;
  const groups = [...Map.groupBy(due, (row) => keyOf(row.rule, row)).values()];
  const alone = groups.flatMap((rows) => (rows.length === 1 ? rows : []));
  const together = groups.flatMap((rows) => {
    const [first] = rows;
    return first === undefined || rows.length === 1
      ? []
      : [{ ...first, id: newId(), folded: rows.map(({ id }) => id) }];
  });
  if (alone.length > 0)
    await transaction`
      update notification set state = 'pending', why = null, due_at = ${iso(nowMs)}::text::timestamptz
      where id = any(${alone.map(({ id }) => id)}::text[]::uuid[])`;
  await addNotifications(
    transaction,
    together.map(({ folded: _folded, ...row }) => ({
      ...row,
      ...({ alert: null, what: "digest", state: "pending", why: null, dueAtMs: nowMs } as const),
    })),
    nowMs,
  );
  const folds = together.flatMap(({ id, folded }) => folded.map((one) => ({ id: one, digest: id })));
  if (folds.length > 0)
    await transaction`
      update notification set why = 'folded', digest = given.digest
      from json_to_recordset(${recordset(folds)}::text::json) as given (id uuid, digest uuid)
      where notification.id = given.id`;
  return due.length;
};

/** A line that somebody has begun to send. */
export type ClaimedNotification = Recipient & {
  readonly id: string;
  readonly site: string;
  readonly rule: string;
  readonly what: string;
  readonly alert: string | null;
  readonly attempts: number;
};

/**
 * Takes what is to be sent now. Each line counts as tried and is due again after `retryMs(attempts)`, so one whose sender dies is
 * sent again under the same id, and two senders never take the same one at once.
 */
export const claimNotifications = async (
  transaction: Transaction,
  options: {
    readonly nowMs: number;
    readonly limit: number;
    readonly retryMs: (attempts: number) => number;
    readonly only?: readonly string[];
    /** Only those that go on one of these; on any without it. */
    readonly channels?: readonly ChannelKind[];
  },
): Promise<ClaimedNotification[]> => {
  const { nowMs, limit, retryMs, only, channels } = options;
  const rows = await transaction<ClaimedNotification[]>`
    select id, site, rule, what, alert, channel, address, attempts + 1 as attempts from notification
    where state = 'pending' and due_at <= ${iso(nowMs)}::text::timestamptz
      ${only === undefined ? transaction`` : transaction`and id = any(${[...only]}::text[]::uuid[])`}
      ${channels === undefined ? transaction`` : transaction`and channel = any(${[...channels]}::text[])`}
    order by due_at, id limit ${limit} for update skip locked`;
  if (rows.length === 0) return [];
  const next = rows.map(({ id, attempts }) => ({ id, due_at: iso(nowMs + retryMs(attempts)) }));
  await transaction`
    update notification set attempts = attempts + 1, due_at = given.due_at
    from json_to_recordset(${recordset(next)}::text::json) as given (id uuid, due_at timestamptz)
    where notification.id = given.id`;
  return [...rows];
};

export type Sent = { readonly id: string; readonly state: NotificationState; readonly why: string | null };

/** Notes what became of lines that were sent. One that was ended meanwhile stays what it is unless it went out. */
export const noteSent = async (sql: Reader, outcomes: readonly Sent[], nowMs: number): Promise<void> => {
  if (outcomes.length === 0) return;
  await sql`
    update notification set state = given.state, why = given.why,
      sent_at = case when given.state = 'sent' then ${iso(nowMs)}::text::timestamptz end,
      due_at = case when given.state = 'sent' then ${iso(nowMs)}::text::timestamptz else notification.due_at end
    from json_to_recordset(${recordset(outcomes)}::text::json) as given (id uuid, state text, why text)
    where notification.id = given.id and (notification.state = 'pending' or given.state = 'sent')`;
};

type LedgerRow = Omit<Notification, "createdAt" | "dueAt" | "sentAt"> & {
  readonly created_at: Date;
  readonly due_at: Date;
  readonly sent_at: Date | null;
};

const lineOf = ({ created_at, due_at, sent_at, ...row }: LedgerRow): Notification => ({
  ...row,
  createdAt: created_at.toISOString(),
  dueAt: due_at.toISOString(),
  sentAt: sent_at?.toISOString() ?? null,
});

/** The newest lines about an alert, newest first. */
export const listNotifications = async (
  sql: Reader,
  alert: string,
  limit: number,
): Promise<Notification[]> => {
  const rows = await sql<LedgerRow[]>`
    select id, channel, what, state, why, attempts, created_at, due_at, sent_at from notification
    where alert = ${alert} order by id desc limit ${limit}`;
  return rows.map(lineOf);
};

export const findNotifications = async (sql: Reader, ids: readonly string[]): Promise<Notification[]> => {
  const rows = await sql<LedgerRow[]>`
    select id, channel, what, state, why, attempts, created_at, due_at, sent_at from notification
    where id = any(${[...ids]}::text[]::uuid[]) order by id`;
  return rows.map(lineOf);
};

/** The alerts that some lines are about; those of a digest are those of the lines folded into it. */
export const findTopics = async (
  sql: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const rows = await sql<{ id: string; alert: string }[]>`
    select id, alert from notification where id = any(${[...ids]}::text[]::uuid[]) and alert is not null
    union
    select digest as id, alert from notification
    where digest = any(${[...ids]}::text[]::uuid[]) and alert is not null`;
  return new Map(
    [...Map.groupBy(rows, ({ id }) => id)].map(([id, own]) => [id, own.map(({ alert }) => alert).sort()]),
  );
};

/** So long the ledger is kept, longer than any alert that it speaks of. */
const keptDays = 120;

export const forgetOldNotifications = async (transaction: Transaction): Promise<void> => {
  await transaction`
    delete from notification where created_at < now() - ${keptDays} * interval '1 day' and state <> 'pending'`;
};
