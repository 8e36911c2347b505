import type { Transaction } from "@tagwire/actor";
import type { AddPushSubscription, PushSubscription } from "@tagwire/messages";
import type { Reader } from "./rows.ts";

/** Of one person or device. */
export const subscriptionsMax = 20;

type Row = {
  id: string;
  endpoint: string;
  sites: string[] | null;
  created_at: Date;
};

const subscriptionOf = (row: Row): PushSubscription => ({
  id: row.id,
  origin: new URL(row.endpoint).origin,
  sites: row.sites,
  createdAt: row.created_at.toISOString(),
});

export const listSubscriptions = async (sql: Reader, principal: string): Promise<PushSubscription[]> => {
  const rows = await sql<Row[]>`
    select id, endpoint, sites, created_at from push_subscription where principal = ${principal} order by created_at, id`;
  return rows.map(subscriptionOf);
};

/** Keeps a subscription. An endpoint is one browser, so whoever subscribes with it last has it. Safe to repeat. */
export const saveSubscription = async (
  transaction: Transaction,
  given: { readonly id: string; readonly principal: string; readonly subscription: AddPushSubscription },
  nowMs: number,
): Promise<PushSubscription | undefined> => {
  const { id, principal, subscription } = given;
  const { endpoint, keys, sites, expirationTime } = subscription;
  const expires = typeof expirationTime === "number" ? new Date(expirationTime).toISOString() : null;
  await transaction`select pg_advisory_xact_lock(hashtextextended(${principal}, 0))`;
  const [owned] = await transaction<{ others: number }[]>`
    select count(*)::int as others from push_subscription where principal = ${principal} and endpoint <> ${endpoint}`;
  if ((owned?.others ?? 0) >= subscriptionsMax) return undefined;
  const [row] = await transaction<Row[]>`
    insert into push_subscription (id, principal, endpoint, p256dh, auth, sites, expires_at, created_at)
    values (${id}, ${principal}, ${endpoint}, ${keys.p256dh}, ${keys.auth}, ${sites === undefined ? null : [...sites]}::text[],
      ${expires}::text::timestamptz, ${new Date(nowMs).toISOString()}::text::timestamptz)
    on conflict (endpoint) do update set principal = excluded.principal, p256dh = excluded.p256dh, auth = excluded.auth,
      sites = excluded.sites, expires_at = excluded.expires_at
    returning id, endpoint, sites, created_at`;
  return row === undefined ? undefined : subscriptionOf(row);
};

export const deleteSubscription = async (sql: Reader, principal: string, id: string): Promise<boolean> => {
  const rows =
    await sql`delete from push_subscription where principal = ${principal} and id = ${id} returning id`;
  return rows.length > 0;
};

/** Removes a subscription that its browser has ended. */
export const dropSubscription = async (sql: Reader, id: string): Promise<void> => {
  await sql`delete from push_subscription where id = ${id}`;
};

/** The subscriptions that listen to a site. */
export const findListening = async (sql: Reader, site: string): Promise<string[]> => {
  const rows = await sql<{ id: string }[]>`
    select id from push_subscription
    where (sites is null or ${site} = any(sites)) and (expires_at is null or expires_at > now()) order by id`;
  return rows.map(({ id }) => id);
};

/** Where a message is sent to, and the keys that it is sealed with. */
export type PushTarget = { readonly endpoint: string; readonly p256dh: string; readonly auth: string };

export const findTarget = async (sql: Reader, id: string): Promise<PushTarget | undefined> => {
  const [row] = await sql<
    PushTarget[]
  >`select endpoint, p256dh, auth from push_subscription where id = ${id}`;
  return row;
};

export type PushKey = { readonly publicKey: string; readonly privateKey: string };

/** The one key of this installation, which browsers remember: made the first time that somebody asks, and never again. */
export const keepPushKey = async (transaction: Transaction, made: PushKey): Promise<PushKey> => {
  await transaction`
    insert into push_key (public_key, private_key) values (${made.publicKey}, ${made.privateKey}) on conflict do nothing`;
  const [row] = await transaction<PushKey[]>`
    select public_key as "publicKey", private_key as "privateKey" from push_key`;
  return row ?? made;
};

export const findPushKey = async (sql: Reader): Promise<PushKey | undefined> => {
  const [row] = await sql<PushKey[]>`
    select public_key as "publicKey", private_key as "privateKey" from push_key`;
  return row;
};
