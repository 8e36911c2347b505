import type { WebhookProofType } from "@tagwire/messages";
import type { AttemptOutcome } from "../actors/attempt.ts";
import type { Reader } from "./rows.ts";

/** What a canary is called in the ledger, and the key that its deliveries are in order of. */
export const canaryType = "webhook.canary" satisfies WebhookProofType;
const canaryKey = `type:${canaryType}`;

/**
 * Positions of canaries have this epoch, which is before that of any log, and their number at their endpoint: so a replay of the log
 * leaves them alone.
 */
const canaryEpoch = 0;

export type Canary = { readonly number: number; readonly at: Date };

/**
 * Takes the number of the canary that an enabled endpoint is to be proven by now, and says when the next one is due; undefined when
 * none is, or when the one before is still on its way: as long as that waits or is tried again, it is the proof.
 */
export const takeCanary = async (sql: Reader, id: string, everyMs: number): Promise<Canary | undefined> => {
  const [row] = await sql<(Canary & { readonly isNew: boolean })[]>`
    update webhook set canary_due_at = clock_timestamp() + ${everyMs} * interval '1 ms',
      canary_number = canary_number + is_new::int
    from (
      select not exists (
        select from webhook_delivery where webhook = ${id} and key = ${canaryKey} and state = 'pending') as is_new) as looked
    where id = ${id} and state = 'enabled' and canary_due_at <= clock_timestamp()
    returning canary_number as number, date_trunc('milliseconds', clock_timestamp()) as at, is_new as "isNew"`;
  return row?.isNew === true ? { number: row.number, at: row.at } : undefined;
};

/** Puts a canary into the ledger, where it is a delivery like any other. Its body says when that was. */
export const insertCanary = async (
  sql: Reader,
  webhook: string,
  { number, at, message, payload }: Canary & { readonly message: string; readonly payload: string },
): Promise<void> => {
  await sql`
    insert into webhook_delivery (webhook, message, epoch, pos, type, key, payload, state, made_at, next_at)
    values (${webhook}, ${message}, ${canaryEpoch}, ${number}, ${canaryType}, ${canaryKey}, ${payload}, 'pending', ${at}, ${at})
    on conflict do nothing`;
};

/** Remembers how a canary did, and gives how often in a row one was not taken now. */
export const noteCanary = async (
  sql: Reader,
  id: string,
  { ok, status, error }: AttemptOutcome,
): Promise<number> => {
  const [row] = await sql<{ failures: number }[]>`
    update webhook set canary_at = clock_timestamp(), canary_ok = ${ok}, canary_status = ${status},
      canary_error = ${error}, canary_failures = ${ok ? 0 : sql`canary_failures + 1`},
      proven_at = ${ok ? sql`clock_timestamp()` : sql`proven_at`}
    where id = ${id} returning canary_failures as failures`;
  return row?.failures ?? 0;
};
