import type {
  CreateWebhook,
  EnableWebhook,
  NewWebhook,
  PatchWebhook,
  ReplayWebhook,
  Webhook,
  WebhookDelivery,
  WebhookTest,
} from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** Deliveries that are shown at once; the state narrows them down. */
export const deliveriesShownMax = 50;
/** A test waits for the receiver. */
const testTimeoutMs = 35_000;

const path = (id: string): string => `/webhooks/${id}`;

export const fetchWebhooks = (
  site: string,
  signal: AbortSignal,
): Promise<Answer<{ data: readonly Webhook[] }>> =>
  call(`/webhooks?${new URLSearchParams({ site })}`, { signal });

export const createWebhook = (webhook: CreateWebhook): Promise<Answer<NewWebhook>> =>
  call("/webhooks", { method: "POST", body: webhook });

export const patchWebhook = (id: string, patch: PatchWebhook): Promise<Answer<Webhook>> =>
  call(path(id), { method: "PATCH", body: patch });

export const deleteWebhook = (id: string): Promise<Answer<undefined>> => call(path(id), { method: "DELETE" });

export const rotateWebhook = (id: string): Promise<Answer<NewWebhook>> =>
  call(`${path(id)}:rotate`, { method: "POST" });

export const enableWebhook = (id: string, enable: EnableWebhook): Promise<Answer<Webhook>> =>
  call(`${path(id)}:enable`, { method: "POST", body: enable });

export const replayWebhook = (id: string, replay: ReplayWebhook): Promise<Answer<Webhook>> =>
  call(`${path(id)}:replay`, { method: "POST", body: replay });

export const testWebhook = (id: string): Promise<Answer<WebhookTest>> =>
  call(`${path(id)}:test`, { method: "POST", timeoutMs: testTimeoutMs });

export const fetchDeliveries = (
  id: string,
  state: string,
  signal: AbortSignal,
): Promise<Answer<{ data: readonly WebhookDelivery[]; nextCursor: string | null }>> => {
  const query = new URLSearchParams({
    limit: String(deliveriesShownMax),
    ...(state === "" ? {} : { state }),
  });
  return call(`${path(id)}/deliveries?${query}`, { signal });
};
