import {
  type AskAddPushSubscription,
  type AskDeletePushSubscription,
  Fault,
  newId,
  type PushSubscription,
} from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { type Reach, readEndpoint } from "../drivers/post-bytes.ts";
import { makePushKey } from "../drivers/push.ts";
import {
  deleteSubscription,
  findPushKey,
  keepPushKey,
  listSubscriptions,
  type PushKey,
  saveSubscription,
} from "../store/push-subscriptions.ts";

/** The key by which push services know this installation: made once, and the same for every process. */
export const getPushKey = async (sql: Sql): Promise<PushKey> =>
  (await findPushKey(sql)) ?? inTransaction(sql, (transaction) => keepPushKey(transaction, makePushKey()));

export const answerPushSubscriptions = async (
  sql: Sql,
  { principal }: { readonly principal: string },
): Promise<{ subscriptions: PushSubscription[] }> => ({
  subscriptions: await listSubscriptions(sql, principal),
});

/** Keeps a browser's subscription. Safe to repeat. */
export const addPushSubscription = async (
  { sql, reach }: { readonly sql: Sql; readonly reach: Reach },
  { principal, subscription }: Static<(typeof AskAddPushSubscription)["question"]>,
): Promise<{ subscription: PushSubscription }> => {
  readEndpoint(subscription.endpoint, reach);
  const saved = await inTransaction(sql, (transaction) =>
    saveSubscription(transaction, { id: newId(), principal, subscription }, Date.now()),
  );
  if (saved === undefined) throw new Fault("push_subscriptions_full", "");
  return { subscription: saved };
};

export const deletePushSubscription = async (
  sql: Sql,
  { principal, id }: Static<(typeof AskDeletePushSubscription)["question"]>,
): Promise<{ deleted: boolean }> => ({ deleted: await deleteSubscription(sql, principal, id) });
