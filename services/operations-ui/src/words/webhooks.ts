import type { WebhookDeliveryState, WebhookDisabledReason } from "@tagwire/messages";

export const disabledWords: Record<WebhookDisabledReason, string> = {
  person: "somebody switched it off",
  gone: "it answered that it is gone",
  exhausted: "an event was tried for as long as is tried",
  failing: "nothing was delivered for days",
};

export const deliveryWords: Record<WebhookDeliveryState, string> = {
  pending: "Waits",
  delivered: "Delivered",
  failed: "Given up",
  expired: "Expired",
  skipped: "Passed over",
};

/** What an attempt came to: the answer's status, or what went wrong before there was one. */
export const attemptText = ({ status, error }: { status: number | null; error: string | null }): string =>
  [...(status === null ? [] : [`answered ${status}`]), ...(error === null ? [] : [error])].join(": ") ||
  "no answer";
