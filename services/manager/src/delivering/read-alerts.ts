import { inTransaction, type Sql } from "@tagwire/store";
import type { AlertMessage } from "../actors/webhook-alert.ts";
import { messageIdOf } from "../actors/webhook-message.ts";
import type { NoticesLease } from "../noticing/lead.ts";
import { listAlertMessages } from "../store/alert-messages.ts";
import { alertsEpoch, insertDeliveries, type Waiting } from "../store/webhook-deliveries.ts";
import { moveAlertsRead, type Standing } from "../store/webhooks.ts";

/** What is told of alerts is read so many at once; so many more than its bound can wait at an endpoint. */
export const pageAlertsMax = 200;

const waitingOf = (webhook: string, { alert, number, type, body }: AlertMessage): Waiting => ({
  message: messageIdOf(webhook, `alert ${alert} ${number}`),
  ...{ epoch: alertsEpoch, pos: number, type, key: `alert:${alert}`, within: [], payload: body },
});

/**
 * Reads what is told of alerts behind an endpoint's cursor and puts what is meant for it into the ledger, both in one transaction.
 * Says whether there is more to read.
 *
 * @throws Fault `lease.lost`.
 */
export const readAlerts = async (
  webhook: string,
  { site, alertsRead }: Pick<Standing, "site" | "alertsRead">,
  { sql, lease }: { readonly sql: Sql; readonly lease: NoticesLease },
): Promise<boolean> => {
  const page = await listAlertMessages(sql, { site, after: alertsRead, limit: pageAlertsMax });
  const last = page.at(-1);
  if (last === undefined) return false;
  await inTransaction(sql, async (transaction) => {
    await lease.hold(transaction);
    if (!(await moveAlertsRead(transaction, webhook, { from: alertsRead, to: last.number }))) return;
    const own = page.filter(({ webhooks }) => webhooks.includes(webhook));
    await insertDeliveries(
      transaction,
      webhook,
      own.map((message) => waitingOf(webhook, message)),
    );
  });
  return page.length === pageAlertsMax;
};
