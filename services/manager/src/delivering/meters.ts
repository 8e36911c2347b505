import { type WebhookDisabledReason, webhookDisabledReasons } from "@tagwire/messages";
import { meter } from "@tagwire/service";

export type WebhookMeters = {
  readonly attempted: (outcome: "delivered" | "failed") => void;
  readonly canary: (outcome: "delivered" | "failed") => void;
  readonly disabled: (why: WebhookDisabledReason) => void;
};

/** What deliveries count as they go. */
export const openWebhookMeters = (): WebhookMeters => {
  const instruments = meter();
  const attempts = instruments.createCounter("tagwire_webhook_attempts", {
    description: "Attempts to deliver an event to an endpoint, by what came of them",
  });
  const canaries = instruments.createCounter("tagwire_webhook_canaries", {
    description: "Canaries sent to endpoints, by what came of them",
  });
  const disabled = instruments.createCounter("tagwire_webhook_endpoints_disabled", {
    description: "Endpoints disabled by themselves, by reason",
  });
  for (const outcome of ["delivered", "failed"]) {
    attempts.add(0, { outcome });
    canaries.add(0, { outcome });
  }
  for (const reason of webhookDisabledReasons) disabled.add(0, { reason });
  return {
    attempted: (outcome) => attempts.add(1, { outcome }),
    canary: (outcome) => canaries.add(1, { outcome }),
    disabled: (reason) => disabled.add(1, { reason }),
  };
};

type Counts = {
  readonly enabled: number;
  readonly disabled: number;
  readonly pending: number;
  readonly failingCanaries: number;
};

/** What the ledger shows when somebody looks at the metrics: one look at the tables for all of it. */
export const observeWebhooks = (look: () => Promise<Counts>): { readonly close: () => Promise<void> } => {
  const instruments = meter();
  const endpoints = instruments.createObservableGauge("tagwire_webhook_endpoints", {
    description: "Endpoints, by state",
  });
  const pending = instruments.createObservableGauge("tagwire_webhook_pending_deliveries", {
    description: "Events that wait to be delivered, over all endpoints",
  });
  const failing = instruments.createObservableGauge("tagwire_webhook_failing_canaries", {
    description: "Endpoints whose canary failed twice in a row or more",
  });
  const all = [endpoints, pending, failing];
  const observe: Parameters<typeof instruments.addBatchObservableCallback>[0] = async (result) => {
    const counts = await look();
    result.observe(endpoints, counts.enabled, { state: "enabled" });
    result.observe(endpoints, counts.disabled, { state: "disabled" });
    result.observe(pending, counts.pending);
    result.observe(failing, counts.failingCanaries);
  };
  instruments.addBatchObservableCallback(observe, all);
  return { close: async () => instruments.removeBatchObservableCallback(observe, all) };
};
