import { inTransaction, type Sql } from "@tagwire/store";
import { messageIdOf, proofBodyOf } from "../actors/webhook-message.ts";
import type { NoticesLease } from "../noticing/lead.ts";
import { canaryType, insertCanary, takeCanary } from "../store/webhook-canaries.ts";
import { lockWebhook, type Standing } from "../store/webhooks.ts";

/**
 * Puts a canary into the ledger of an endpoint that is to be proven, apart from whether anything happened. From there on it is a
 * delivery like any other: signed, tried again by the schedule, and what it fails counts.
 *
 * @throws Fault `lease.lost`.
 */
export const makeCanary = (
  webhook: string,
  { site }: Pick<Standing, "site">,
  { sql, lease, everyMs }: { readonly sql: Sql; readonly lease: NoticesLease; readonly everyMs: number },
): Promise<void> =>
  inTransaction(sql, async (transaction) => {
    await lease.hold(transaction);
    await lockWebhook(transaction, webhook);
    const canary = await takeCanary(transaction, webhook, everyMs);
    if (canary === undefined) return;
    await insertCanary(transaction, webhook, {
      ...canary,
      message: messageIdOf(webhook, `canary ${canary.number}`),
      payload: proofBodyOf(canaryType, { webhook, site, at: canary.at.toISOString() }),
    });
  });
