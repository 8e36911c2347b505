import type { AddPushSubscription, PushSubscription as KnownSubscription } from "@tagwire/messages";
import type { Answer } from "../api/http.ts";
import { addPush, deletePush, fetchPushKey } from "../api/push.ts";

/** Whether this browser is told, or why it is not. `unable` where it cannot be, as on a page that did not come by https. */
export type PushState = "unable" | "refused" | "off" | "on";

const refused = (code: string, message: string): Answer<never> => ({
  kind: "refused",
  refusal: { status: 0, code, message, retryable: false },
});

const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const isSame = (key: ArrayBuffer | null, bytes: Uint8Array): boolean =>
  key !== null && new Uint8Array(key).join() === bytes.join();

const worker = async (): Promise<ServiceWorkerRegistration | undefined> => {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return undefined;
  if ((await navigator.serviceWorker.getRegistration()) === undefined) return undefined;
  return navigator.serviceWorker.ready;
};

/** Whether somebody told the browser to show nothing from here. */
const isForbidden = async (): Promise<boolean> =>
  (await navigator.permissions.query({ name: "notifications" })).state === "denied";

/** Tells the server of a subscription as the browser has it. */
const tell = (subscription: PushSubscription): Promise<Answer<KnownSubscription>> => {
  const { endpoint, keys } = subscription.toJSON();
  return addPush({ endpoint, keys } as AddPushSubscription);
};

/** How it stands. A browser that is subscribed tells the server so anew, since that may know nothing of it any more. */
export const readPush = async (): Promise<Answer<PushState>> => {
  const registration = await worker();
  if (registration === undefined) return { kind: "ok", value: "unable" };
  if (await isForbidden()) return { kind: "ok", value: "refused" };
  const subscription = await registration.pushManager.getSubscription();
  if (subscription === null) return { kind: "ok", value: "off" };
  const told = await tell(subscription);
  return told.kind === "ok" ? { kind: "ok", value: "on" } : told;
};

/** Has this browser told of the alerts of all sites; the person is asked by the browser first. */
export const switchOn = async (): Promise<Answer<PushState>> => {
  const registration = await worker();
  if (registration === undefined) return { kind: "ok", value: "unable" };
  if ((await Notification.requestPermission()) !== "granted")
    return { kind: "ok", value: (await isForbidden()) ? "refused" : "off" };
  const key = await fetchPushKey();
  if (key.kind !== "ok") return key;
  const applicationServerKey = bytesOf(key.value.key);
  try {
    // One that trusts another key is of an installation that is no more: nothing could be told by it.
    const before = await registration.pushManager.getSubscription();
    if (before !== null && !isSame(before.options.applicationServerKey, applicationServerKey))
      await before.unsubscribe();
    const subscription = await registration.pushManager.subscribe({
      ...{ userVisibleOnly: true, applicationServerKey },
    });
    const told = await tell(subscription);
    return told.kind === "ok" ? { kind: "ok", value: "on" } : told;
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    return refused("push_unreachable", `The push service of this browser gave no address: ${why}`);
  }
};

/** Has this browser told no more: the server forgets it first, so that nothing goes where nobody listens. */
export const switchOff = async (): Promise<Answer<PushState>> => {
  const subscription = await (await worker())?.pushManager.getSubscription();
  if (subscription == null) return { kind: "ok", value: "off" };
  const known = await tell(subscription);
  if (known.kind !== "ok") return known;
  const deleted = await deletePush(known.value.id);
  if (deleted.kind !== "ok") return deleted;
  await subscription.unsubscribe();
  return { kind: "ok", value: "off" };
};
