import type { Transaction } from "@tagwire/actor";
import type {
  CreateWebhook,
  PatchWebhook,
  Position,
  Webhook,
  WebhookDisabledReason,
} from "@tagwire/messages";
import { positionText } from "@tagwire/messages";
import type { AttemptOutcome } from "../actors/attempt.ts";
import type { Reader } from "./rows.ts";

/** So many deliveries may wait at an endpoint before it reads no further. */
export const waitingRowsMax = 1_000;
/** For how long a former secret signs along. */
export const oldSecretHours = 24;

type Row = {
  readonly id: string;
  readonly site: string;
  readonly url: string;
  readonly description: string | null;
  readonly types: string[] | null;
  readonly state: Webhook["state"];
  readonly why: WebhookDisabledReason | null;
  readonly since: Date;
  readonly created_at: Date;
  readonly epoch: number;
  readonly pos: number;
  readonly throttled_until: Date | null;
  readonly failing_since: Date | null;
  readonly last_at: Date | null;
  readonly last_ok: boolean | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly last_duration_ms: number | null;
  readonly attempts: number;
  readonly delivered: number;
  readonly failed: number;
  readonly expired: number;
  readonly skipped: number;
  readonly canary_at: Date | null;
  readonly canary_ok: boolean | null;
  readonly canary_status: number | null;
  readonly canary_error: string | null;
  readonly canary_failures: number;
  readonly proven_at: Date | null;
  readonly old_until: string[];
  readonly waiting: number;
  readonly keys: number;
};

const instant = (at: Date | null): string | null => at?.toISOString() ?? null;

const viewOf = (row: Row): Webhook => ({
  id: row.id,
  site: row.site,
  url: row.url,
  types: row.types,
  description: row.description,
  state: row.state,
  disabledReason: row.why,
  since: row.since.toISOString(),
  createdAt: row.created_at.toISOString(),
  position: positionText(row),
  waiting: { deliveries: row.waiting, keys: row.keys, full: row.waiting >= waitingRowsMax },
  throttledUntil: instant(row.throttled_until),
  failingSince: instant(row.failing_since),
  lastAttempt:
    row.last_at === null
      ? null
      : {
          at: row.last_at.toISOString(),
          ok: row.last_ok === true,
          status: row.last_status,
          error: row.last_error,
          durationMs: row.last_duration_ms,
        },
  lastCanary:
    row.canary_at === null
      ? null
      : {
          at: row.canary_at.toISOString(),
          ok: row.canary_ok === true,
          status: row.canary_status,
          error: row.canary_error,
          failures: row.canary_failures,
        },
  provenAt: instant(row.proven_at),
  counts: {
    attempts: row.attempts,
    delivered: row.delivered,
    failed: row.failed,
    expired: row.expired,
    skipped: row.skipped,
  },
  oldSecretsUntil: row.old_until.map((until) => new Date(until).toISOString()),
});

/** Endpoints as people see them: all, those of a site, or one. */
export const listWebhooks = async (
  sql: Reader,
  which: { readonly id?: string; readonly site?: string | undefined } = {},
): Promise<Webhook[]> => {
  const { id, site } = which;
  const rows = await sql<Row[]>`
    select webhook.*, counted.waiting, counted.keys,
      case when webhook.throttled_until > clock_timestamp() then webhook.throttled_until end as throttled_until,
      array(select old ->> 'until' from jsonb_array_elements(old_secrets) as old
        where (old ->> 'until')::timestamptz > clock_timestamp() order by 1) as old_until
    from webhook, lateral (
      select count(*)::int as waiting, count(distinct key)::int as keys from webhook_delivery
      where webhook = webhook.id and state = 'pending' and not again) as counted
    where ${id === undefined ? sql`true` : sql`id = ${id}`} and ${site === undefined ? sql`true` : sql`site = ${site}`}
    order by created_at, id`;
  return rows.map(viewOf);
};

export const findWebhook = async (sql: Reader, id: string): Promise<Webhook | undefined> =>
  (await listWebhooks(sql, { id }))[0];

/**
 * Takes an endpoint's row for this transaction. Whoever writes deliveries takes it before, people and the sender alike, so that
 * two of them never wait for each other.
 */
export const lockWebhook = async (transaction: Transaction, id: string): Promise<void> => {
  await transaction`select 1 from webhook where id = ${id} for update`;
};

export const countWebhooks = async (sql: Reader): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from webhook`;
  return row?.count ?? 0;
};

export const insertWebhook = async (
  sql: Reader,
  webhook: CreateWebhook & { readonly id: string; readonly secret: string; readonly from: Position },
): Promise<void> => {
  const { id, site, url, secret, from } = webhook;
  await sql`
    insert into webhook (id, site, url, description, types, state, since, created_at, secret, epoch, pos, canary_due_at)
    values (${id}, ${site}, ${url}, ${webhook.description ?? null}, ${webhook.types ?? null}, 'enabled',
      clock_timestamp(), clock_timestamp(), ${secret}, ${from.epoch}, ${from.pos}, clock_timestamp())`;
};

/** Changes what is given. At another address nothing is known of how the endpoint does, so what it held against it is forgotten. */
export const updateWebhook = async (
  sql: Reader,
  id: string,
  { url, types, description }: PatchWebhook,
): Promise<void> => {
  await sql`
    update webhook set version = version + 1,
      ${url === undefined ? sql`` : sql`url = ${url}, throttled_until = null, failing_since = null, canary_due_at = clock_timestamp(),`}
      ${types === undefined ? sql`` : sql`types = ${types},`}
      ${description === undefined ? sql`` : sql`description = ${description},`}
      id = id
    where id = ${id}`;
  if (url !== undefined)
    await sql`
      update webhook_delivery set next_at = clock_timestamp(), step = 0, round = round + 1
      where webhook = ${id} and state = 'pending'`;
};

/** With its ledger. Says whether there was one. */
export const deleteWebhook = async (sql: Reader, id: string): Promise<boolean> =>
  (await sql`delete from webhook where id = ${id} returning id`).length > 0;

/**
 * Safe to repeat: an endpoint that is disabled keeps the first reason. With `version` only if nobody has decided anything since, so
 * that an attempt from before an endpoint was enabled does not disable it again. Says whether it was enabled until now.
 */
export const disableWebhook = async (
  sql: Reader,
  id: string,
  { why, version }: { readonly why: WebhookDisabledReason; readonly version?: number },
): Promise<boolean> => {
  const rows = await sql`
    update webhook set state = 'disabled', why = ${why}, since = clock_timestamp(), version = version + 1
    where id = ${id} and state = 'enabled' and ${version === undefined ? sql`true` : sql`version = ${version}`}
    returning id`;
  return rows.length > 0;
};

/**
 * Begins to deliver again where it stopped: what waits is tried at once, and by the whole schedule. What is on its way at this moment
 * counts for nothing, whatever comes of it, since it was sent before.
 */
export const enableWebhook = async (sql: Reader, id: string, failed: "retry" | "skip"): Promise<void> => {
  await sql`
    update webhook set state = 'enabled', why = null, version = version + 1,
      since = case when state = 'enabled' then since else clock_timestamp() end,
      throttled_until = null, failing_since = null, canary_due_at = clock_timestamp(), canary_failures = 0
    where id = ${id}`;
  if (failed === "retry")
    await sql`
      update webhook_delivery set state = 'pending', done_at = null
      where webhook = ${id} and state = 'failed' and payload is not null`;
  else
    await sql`
      with passed as (
        update webhook_delivery set state = 'skipped', payload = null where webhook = ${id} and state = 'failed' returning 1)
      update webhook set skipped = skipped + (select count(*) from passed) where id = ${id}`;
  await sql`
    update webhook_delivery set next_at = clock_timestamp(), step = 0, round = round + 1
      where webhook = ${id} and state = 'pending'`;
};

/** Takes a new secret; the one until now signs along for a day. Says whether there was room for it among the old ones. */
export const rotateSecret = async (
  sql: Reader,
  id: string,
  { secret, oldSecretsMax }: { readonly secret: string; readonly oldSecretsMax: number },
): Promise<boolean> => {
  const rows = await sql`
    with living as (
      select id, coalesce(jsonb_agg(old) filter (where (old ->> 'until')::timestamptz > clock_timestamp()), '[]') as olds
      from webhook left join lateral jsonb_array_elements(old_secrets) as old on true
      where id = ${id} group by id)
    update webhook set version = version + 1, secret = ${secret},
      old_secrets = living.olds || jsonb_build_array(jsonb_build_object('secret', webhook.secret,
        'until', clock_timestamp() + ${oldSecretHours} * interval '1 hour'))
    from living where webhook.id = living.id and jsonb_array_length(living.olds) < ${oldSecretsMax}
    returning webhook.id`;
  return rows.length > 0;
};

/** What the sender needs to know of an endpoint before each round. */
export type Standing = {
  readonly site: string;
  readonly url: string;
  readonly types: readonly string[] | null;
  readonly isEnabled: boolean;
  /** The newest first. */
  readonly secrets: readonly string[];
  readonly position: Position;
  /** The number of the last change of alerts that was read. */
  readonly alertsRead: number;
  /** Changes with everything that people decide about the endpoint. */
  readonly version: number;
  readonly throttledForMs: number;
  readonly failingForMs: number;
  readonly canaryInMs: number;
};

export const findStanding = async (sql: Reader, id: string): Promise<Standing | undefined> => {
  const [row] = await sql<(Standing & { epoch: number; pos: number })[]>`
    select site, url, types, state = 'enabled' as "isEnabled", epoch, pos, alerts_read as "alertsRead", version,
      array[secret] || array(select old ->> 'secret' from jsonb_array_elements(old_secrets) as old
        where (old ->> 'until')::timestamptz > clock_timestamp() order by old ->> 'until' desc) as secrets,
      greatest(0, coalesce(extract(epoch from throttled_until - clock_timestamp()) * 1000, 0))::float8 as "throttledForMs",
      coalesce(extract(epoch from clock_timestamp() - failing_since) * 1000, 0)::float8 as "failingForMs",
      (extract(epoch from canary_due_at - clock_timestamp()) * 1000)::float8 as "canaryInMs"
    from webhook where id = ${id}`;
  if (row === undefined) return undefined;
  const { epoch, pos, ...standing } = row;
  return { ...standing, position: { epoch, pos } };
};

export const countWaiting = async (sql: Reader, id: string): Promise<number> => {
  const [row] = await sql<{ waiting: number }[]>`
    select count(*)::int as waiting from webhook_delivery where webhook = ${id} and state = 'pending' and not again`;
  return row?.waiting ?? 0;
};

/** The endpoints that are to be served, each with a number that changes whenever a person changed something. */
export const listEnabled = (
  sql: Reader,
): Promise<readonly { readonly id: string; readonly site: string; readonly version: number }[]> =>
  sql<
    { id: string; site: string; version: number }[]
  >`select id, site, version from webhook where state = 'enabled' order by created_at, id`;

/** Moves on in the log, unless somebody has moved it meanwhile: then false, and nothing of the page may be kept. */
export const moveCursor = async (
  sql: Reader,
  id: string,
  { from, to }: { readonly from: Position; readonly to: Position },
): Promise<boolean> => {
  const rows = await sql`
    update webhook set epoch = ${to.epoch}, pos = ${to.pos}
    where id = ${id} and epoch = ${from.epoch} and pos = ${from.pos} returning id`;
  return rows.length > 0;
};

/** Moves on in what is told of alerts. Says whether it was where `from` says. */
export const moveAlertsRead = async (
  sql: Reader,
  id: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> => {
  const rows = await sql`
    update webhook set alerts_read = ${to} where id = ${id} and alerts_read = ${from} returning id`;
  return rows.length > 0;
};

/** Remembers how the endpoint did: the last attempt, since when it fails, and for how long it wants to be left alone. */
export const noteAttempt = async (
  sql: Reader,
  id: string,
  attempt: {
    readonly outcome: AttemptOutcome;
    readonly throttleMs: number | null;
    /** What the attempt adds to the counts of the ledger. */
    readonly adds: { readonly delivered: number; readonly failed: number };
  },
): Promise<void> => {
  const { outcome, throttleMs, adds } = attempt;
  await sql`
    update webhook set last_at = clock_timestamp(), last_ok = ${outcome.ok}, last_status = ${outcome.status},
      last_error = ${outcome.error}, last_duration_ms = ${outcome.durationMs}, attempts = attempts + 1,
      delivered = delivered + ${adds.delivered}, failed = failed + ${adds.failed},
      failing_since = ${outcome.ok ? null : sql`coalesce(failing_since, clock_timestamp())`},
      throttled_until = ${throttleMs === null ? sql`throttled_until` : sql`clock_timestamp() + ${throttleMs} * interval '1 ms'`}
    where id = ${id}`;
};

/** What the gauges show. */
export const countByState = async (
  sql: Reader,
): Promise<{ enabled: number; disabled: number; pending: number; failingCanaries: number }> => {
  const [row] = await sql<{ enabled: number; disabled: number; pending: number; failingCanaries: number }[]>`
    select count(*) filter (where state = 'enabled')::int as enabled, count(*) filter (where state = 'disabled')::int as disabled,
      count(*) filter (where canary_failures > 1)::int as "failingCanaries",
      (select count(*)::int from webhook_delivery where state = 'pending' and not again) as pending
    from webhook`;
  return row ?? { enabled: 0, disabled: 0, pending: 0, failingCanaries: 0 };
};
