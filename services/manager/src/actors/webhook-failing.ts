import type { WebhookDisabledReason, WebhookFailingParams } from "@tagwire/messages";
import type { Sight } from "./alert.ts";

/** How an endpoint does, as its row says. */
export type WebhookHealth = {
  readonly id: string;
  readonly url: string;
  readonly isDisabled: boolean;
  /** Why it is disabled; null while it is not. */
  readonly why: WebhookDisabledReason | null;
  /** Since when it is enabled, or disabled. */
  readonly sinceMs: number;
  readonly canaryFailures: number;
  /** When something arrived there last, as far as the last attempt and the last canary tell; null for neither. */
  readonly succeededAtMs: number | null;
};

/** Canaries that fail so often in a row are told like an endpoint that was disabled. */
export const canaryFailuresTold = 2;

/** For people, why nothing arrives: without the address, whose path may be a secret. */
const reasons: Readonly<Record<Exclude<WebhookDisabledReason, "person">, string>> = {
  gone: "it answered 410 and was disabled",
  exhausted: "an event was tried to the end of the schedule; it was disabled",
  failing: "nothing arrived for days; it was disabled",
};

type Failure = { readonly key: string; readonly reason: string };

/** What an alert about an endpoint is about now, and since when it is open. */
export type HeldFailure = { readonly openedAtMs: number; readonly key: string };

/**
 * That it is disabled after its canary failed is told anew, and so is each time that it is disabled after a person enabled it again: so
 * these have names of their own. What was not proven to be well is still the same.
 */
const failureOf = (endpoint: WebhookHealth, held: HeldFailure | undefined): Failure | undefined => {
  const { id, isDisabled, why, canaryFailures, sinceMs, succeededAtMs } = endpoint;
  // A person who disables an endpoint knows of it.
  if (isDisabled)
    return why === null || why === "person"
      ? undefined
      : { key: `${id}/${new Date(sinceMs).toISOString()}`, reason: reasons[why] };
  if (canaryFailures >= canaryFailuresTold) return { key: `${id}/canary`, reason: "its canary failed" };
  if (held === undefined) return undefined;
  // Enabled again is not yet well again: that is proven by what arrives.
  const isProven = succeededAtMs !== null && succeededAtMs >= Math.max(held.openedAtMs, sinceMs);
  return isProven
    ? undefined
    : { key: held.key, reason: "it was enabled again, and nothing has arrived yet" };
};

/**
 * Endpoints that disabled themselves, or whose canary failed twice, each a group of its own; until something arrives again, or a
 * person disables or deletes the endpoint. `held` are the groups that the rule's alerts are about now.
 */
export const failingWebhooks = (
  { webhooks }: WebhookFailingParams,
  endpoints: readonly WebhookHealth[],
  held: ReadonlyMap<string, HeldFailure> = new Map(),
): Map<string, Sight> => {
  const wanted = endpoints.filter(({ id }) => webhooks?.includes(id) ?? true);
  return new Map(
    wanted.flatMap((endpoint): [string, Sight][] => {
      const { id, url, sinceMs } = endpoint;
      const failure = failureOf(endpoint, held.get(id));
      if (failure === undefined) return [];
      const { key, reason } = failure;
      const since = new Date(
        endpoint.isDisabled ? sinceMs : (endpoint.succeededAtMs ?? sinceMs),
      ).toISOString();
      return [[id, { count: 1, subjects: [{ key, since, detail: `${new URL(url).host}: ${reason}` }] }]];
    }),
  );
};
