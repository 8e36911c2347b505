import type { Position, WebhookDelivery, WebhookDeliveryState } from "@tagwire/messages";
import { positionText } from "@tagwire/messages";
import type { AttemptOutcome, Verdict } from "../actors/attempt.ts";
import { type Reader, recordset } from "./rows.ts";

/** What is over is kept for so long, and so many of an endpoint. */
export const keptDays = 30;
export const keptRowsMax = 10_000;
/** How many rows one round of forgetting takes away, so that no transaction takes long. */
export const forgottenRowsMax = 5_000;

/** Positions of what is told of alerts have this epoch, which is before that of any log: a replay of the log leaves them alone. */
export const alertsEpoch = 0;

/** An event, or a change of an alert, on its way to an endpoint. Canaries come there by themselves. */
export type Waiting = {
  readonly message: string;
  readonly epoch: number;
  readonly pos: number;
  readonly type: string;
  readonly key: string;
  /** Keys that it belongs to besides its own. */
  readonly within: readonly string[];
  readonly payload: string;
};

/** The first of its key, and of what it belongs to: everything behind it waits. `round` rises whenever a person has it sent anew. */
export type Head = Omit<Waiting, "within"> & {
  readonly round: number;
  readonly step: number;
  readonly dueInMs: number;
};

/**
 * Puts events into the ledger. Safe to repeat: one that is there already stays as it is, unless it is to be sent again.
 */
export const insertDeliveries = async (
  sql: Reader,
  webhook: string,
  rows: readonly Waiting[],
): Promise<void> => {
  if (rows.length === 0) return;
  await sql`
    insert into webhook_delivery (webhook, message, epoch, pos, type, key, within, payload, state, made_at, next_at)
    select ${webhook}, message, epoch, pos, type, key, within, payload, 'pending', clock_timestamp(), clock_timestamp()
    from json_to_recordset(${recordset(rows)}::text::json)
      as given (message text, epoch bigint, pos bigint, type text, key text, within text[], payload text)
    on conflict (webhook, message) do update set epoch = excluded.epoch, pos = excluded.pos,
      key = excluded.key, within = excluded.within, payload = excluded.payload,
      state = 'pending', again = false, round = webhook_delivery.round + 1, step = 0, next_at = clock_timestamp(), done_at = null
    where webhook_delivery.again`;
};

/**
 * The first deliveries of each key that nobody is sending, those first that are due: at most `limit`, and the next one that is
 * not due yet tells how long there is nothing to do. One that belongs to another key is no first while something of that key is before
 * it; nor is one of a key while something is before it that belongs there. What is being sent still waits, by its row.
 */
export const listHeads = (
  sql: Reader,
  webhook: string,
  { busyKeys, limit }: { readonly busyKeys: readonly string[]; readonly limit: number },
): Promise<readonly Head[]> =>
  sql<Head[]>`
    with waiting as materialized (
      select message, key, within, epoch, pos from webhook_delivery
      where webhook = ${webhook} and state = 'pending' and not again),
    first as materialized (select distinct on (key) * from waiting order by key, epoch, pos),
    inner_first as materialized (
      select distinct on (outer_key) outer_key, epoch, pos from waiting, unnest(within) as outer_key
      order by outer_key, epoch, pos)
    select delivery.message, epoch, pos, type, key, payload, round, step,
      (extract(epoch from next_at - clock_timestamp()) * 1000)::float8 as "dueInMs"
    from webhook_delivery as delivery join (
      select message from first
      where key <> all(${[...busyKeys]}::text[])
        and not exists (
          select from first as outer_first
          where outer_first.key = any(first.within) and (outer_first.epoch, outer_first.pos) < (first.epoch, first.pos))
        and not exists (
          select from inner_first
          where outer_key = first.key and (inner_first.epoch, inner_first.pos) < (first.epoch, first.pos))
      ) as head on delivery.webhook = ${webhook} and delivery.message = head.message
    order by greatest(next_at, statement_timestamp()), epoch, pos limit ${limit}`;

/**
 * Writes what came of an attempt, unless a person has the event sent anew meanwhile: then false, and the attempt counts for nothing.
 */
export const noteDelivery = async (
  sql: Reader,
  webhook: string,
  attempt: {
    readonly head: Pick<Head, "message" | "round">;
    readonly outcome: AttemptOutcome;
    readonly verdict: Verdict;
  },
): Promise<boolean> => {
  const { head, outcome, verdict } = attempt;
  const { state, step, retryInMs } = verdict;
  const rows = await sql`
    update webhook_delivery set state = ${state}, step = ${step}, attempts = attempts + 1,
      next_at = ${retryInMs === null ? null : sql`clock_timestamp() + ${retryInMs} * interval '1 ms'`},
      last_at = clock_timestamp(), last_status = ${outcome.status}, last_error = ${outcome.error},
      duration_ms = ${outcome.durationMs},
      done_at = ${state === "pending" ? null : sql`clock_timestamp()`},
      payload = ${state === "delivered" ? null : sql`payload`}
    where webhook = ${webhook} and message = ${head.message} and round = ${head.round} and state = 'pending' and not again
    returning message`;
  return rows.length > 0;
};

/** Passes over deliveries that nobody wants any more. */
export const skipDeliveries = async (
  sql: Reader,
  webhook: string,
  messages: readonly string[],
): Promise<void> => {
  await sql`
    with passed as (
      update webhook_delivery set state = 'skipped', payload = null, next_at = null, done_at = clock_timestamp()
      where webhook = ${webhook} and message = any(${[...messages]}::text[]) and state = 'pending' returning 1)
    update webhook set skipped = skipped + (select count(*) from passed) where id = ${webhook}`;
};

/**
 * Begins again after a position: the endpoint reads the log from there, and what it reads is sent whether or not it was before.
 * What waits behind the position waits until it is read again, so that the order of each key stays.
 */
export const replayFrom = async (sql: Reader, webhook: string, from: Position): Promise<void> => {
  await sql`update webhook set epoch = ${from.epoch}, pos = ${from.pos}, version = version + 1 where id = ${webhook}`;
  await sql`
    update webhook_delivery set again = true
    where webhook = ${webhook} and (epoch, pos) > (${from.epoch}, ${from.pos})`;
};

/** What was to be sent again and has been read past without being wanted: done with, as it was or skipped. */
export const settlePassed = async (
  sql: Reader,
  webhook: string,
  { from, to }: { readonly from: Position; readonly to: Position },
): Promise<void> => {
  await sql`
    with passed as (
      update webhook_delivery set again = false,
        state = case when state = 'pending' then 'skipped' else state end,
        payload = case when state = 'pending' then null else payload end,
        done_at = coalesce(done_at, clock_timestamp())
      where webhook = ${webhook} and again
        and (epoch, pos) > (${from.epoch}, ${from.pos}) and (epoch, pos) <= (${to.epoch}, ${to.pos})
      returning state, last_at)
    update webhook set skipped = skipped + (select count(*) from passed where state = 'skipped') where id = ${webhook}`;
};

/** Has one event sent again, with its text as the log has it now. */
export const replayOne = async (
  sql: Reader,
  webhook: string,
  { message, payload }: { readonly message: string; readonly payload: string },
): Promise<void> => {
  await sql`
    update webhook_delivery set state = 'pending', payload = ${payload}, again = false, round = round + 1, step = 0,
      next_at = clock_timestamp(), done_at = null
    where webhook = ${webhook} and message = ${message}`;
  await sql`update webhook set version = version + 1 where id = ${webhook}`;
};

type Row = {
  readonly message: string;
  readonly epoch: number;
  readonly pos: number;
  readonly type: string;
  readonly key: string;
  readonly state: WebhookDeliveryState;
  readonly attempts: number;
  readonly made_at: Date;
  readonly made_us: number;
  readonly next_at: Date | null;
  readonly last_at: Date | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly duration_ms: number | null;
};

const viewOf = (row: Row): WebhookDelivery => ({
  id: row.message,
  position: positionText(row),
  type: row.type,
  key: row.key,
  state: row.state,
  attempts: row.attempts,
  createdAt: row.made_at.toISOString(),
  nextAttemptAt: row.state === "pending" ? (row.next_at?.toISOString() ?? null) : null,
  lastAttemptAt: row.last_at?.toISOString() ?? null,
  lastStatus: row.last_status,
  lastError: row.last_error,
  durationMs: row.duration_ms,
});

/** Where a page of the ledger ends: when its last row was made, in µs since 1970, and its position, since many are made at once. */
export type LedgerCursor = { readonly madeAtUs: number; readonly epoch: number; readonly pos: number };

const cursorForm = /^(\d{1,16}):(\d{1,15}):(\d{1,15})$/;

/** Reads what {@link listDeliveries} gave; undefined when it did not. */
export const parseLedgerCursor = (text: string): LedgerCursor | undefined => {
  const [, madeAtUs, epoch, pos] = cursorForm.exec(text) ?? [];
  return pos === undefined
    ? undefined
    : { madeAtUs: Number(madeAtUs), epoch: Number(epoch), pos: Number(pos) };
};

const cursorText = ({ made_us, epoch, pos }: Row): string => `${made_us}:${epoch}:${pos}`;

/** A page of the ledger, what came into it last first, before a cursor when one is given; `next` is that of the page after it. */
export const listDeliveries = async (
  sql: Reader,
  webhook: string,
  query: {
    readonly state: WebhookDeliveryState | undefined;
    readonly before: LedgerCursor | undefined;
    readonly limit: number;
  },
): Promise<{ readonly deliveries: WebhookDelivery[]; readonly next: string | null }> => {
  const { state, before, limit } = query;
  const rows = await sql<Row[]>`
    select *, (extract(epoch from made_at) * 1000000)::bigint as made_us from webhook_delivery where webhook = ${webhook}
      ${state === undefined ? sql`` : sql`and state = ${state}`}
      ${
        before === undefined
          ? sql``
          : sql`and (made_at, epoch, pos) < (
              timestamptz 'epoch' + ${before.madeAtUs}::bigint * interval '1 microsecond', ${before.epoch}, ${before.pos})`
      }
    order by made_at desc, epoch desc, pos desc limit ${limit + 1}`;
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    deliveries: shown.map(viewOf),
    next: rows.length > limit && last !== undefined ? cursorText(last) : null,
  };
};

/** What a delivery is of, and when it came into the ledger. */
export type Delivered = Position & { readonly type: string; readonly madeAt: Date };

export const findDelivery = async (
  sql: Reader,
  webhook: string,
  message: string,
): Promise<Delivered | undefined> => {
  const [row] = await sql<Delivered[]>`
    select epoch, pos, type, made_at as "madeAt" from webhook_delivery
    where webhook = ${webhook} and message = ${message}`;
  return row;
};

/**
 * Keeps the ledger within its bounds: lets what waited too long at a disabled endpoint expire, and forgets what has long been over.
 * The counts of the endpoint stay. Gives how many rows it took; fewer than {@link forgottenRowsMax} means that nothing is left to take.
 */
export const forgetDeliveries = async (sql: Reader, webhook: string): Promise<number> => {
  await sql`
    with late as (
      update webhook_delivery set state = 'expired', payload = null, next_at = null, done_at = clock_timestamp()
      where webhook = ${webhook} and state = 'pending' and made_at < clock_timestamp() - ${keptDays} * interval '1 day'
        and exists (select from webhook where id = ${webhook} and state = 'disabled') returning 1)
    update webhook set expired = expired + (select count(*) from late) where id = ${webhook}`;
  const rows = await sql`
    delete from webhook_delivery where webhook = ${webhook} and message in (
      select message from webhook_delivery where webhook = ${webhook} and done_at is not null and (
        done_at < clock_timestamp() - ${keptDays} * interval '1 day'
        or done_at <= (select done_at from webhook_delivery where webhook = ${webhook} and done_at is not null
          order by done_at desc offset ${keptRowsMax} limit 1))
      order by done_at limit ${forgottenRowsMax})
    returning message`;
  return rows.length;
};
