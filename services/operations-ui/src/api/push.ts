import type { AddPushSubscription, PushSubscription } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** The key that a browser subscribes with, in base64url. */
export const fetchPushKey = (): Promise<Answer<{ readonly key: string }>> => call("/push-key");

/** Has a browser told of alerts. The same one again is the same subscription. */
export const addPush = (subscription: AddPushSubscription): Promise<Answer<PushSubscription>> =>
  call("/push-subscriptions", { method: "POST", body: subscription });

export const deletePush = (id: string): Promise<Answer<undefined>> =>
  call(`/push-subscriptions/${encodeURIComponent(id)}`, { method: "DELETE" });
