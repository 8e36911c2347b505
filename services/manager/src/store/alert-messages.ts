import type { Transaction } from "@tagwire/actor";
import type { AlertMessage } from "../actors/webhook-alert.ts";
import { type Reader, recordset } from "./rows.ts";

/** For so long endpoints can be told, in days: as long as deliveries wait for one that is disabled. */
const keptDays = 30;

/**
 * Adds what endpoints are to be told, under the lock of the site: so that numbers of a site become visible in their order, and whoever
 * reads behind one misses none.
 */
export const addAlertMessages = async (
  transaction: Transaction,
  messages: readonly AlertMessage[],
): Promise<void> => {
  if (messages.length === 0) return;
  // A list of ids travels as the text of an array: a set of records takes no other.
  const rows = messages.map((message) => ({ ...message, webhooks: `{${message.webhooks.join(",")}}` }));
  await transaction`
    insert into alert_message (site, number, alert, type, webhooks, body, made_at)
    select site, number, alert, type, webhooks::uuid[], body, clock_timestamp()
    from json_to_recordset(${recordset(rows)}::text::json)
      as given (site text, number bigint, alert uuid, type text, webhooks text, body text)`;
};

/** What a site's endpoints are told behind a number, in order. */
export const listAlertMessages = (
  sql: Reader,
  { site, after, limit }: { readonly site: string; readonly after: number; readonly limit: number },
): Promise<readonly AlertMessage[]> =>
  sql<AlertMessage[]>`
    select site, number, alert, type, webhooks::text[] as webhooks, body from alert_message
    where site = ${site} and number > ${after} order by number limit ${limit}`;

/** What was told under a number; undefined when it is older than what is kept. */
export const findAlertMessage = async (
  sql: Reader,
  site: string,
  number: number,
): Promise<{ readonly body: string } | undefined> => {
  const [row] = await sql<{ body: string }[]>`
    select body from alert_message where site = ${site} and number = ${number}`;
  return row;
};

export const forgetOldAlertMessages = async (transaction: Transaction): Promise<void> => {
  await transaction`delete from alert_message where made_at < now() - ${keptDays} * interval '1 day'`;
};
