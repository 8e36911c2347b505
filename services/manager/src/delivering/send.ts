import type { WebhookDisabledReason } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { inTransaction, type Sql } from "@tagwire/store";
import { type AttemptOutcome, judgeAttempt } from "../actors/attempt.ts";
import { canaryFailuresTold } from "../actors/webhook-failing.ts";
import { signedHeaders } from "../actors/webhook-signature.ts";
import type { ReceiverOptions } from "../drivers/receiver.ts";
import { post } from "../drivers/receiver.ts";
import type { NoticesLease } from "../noticing/lead.ts";
import { canaryType, noteCanary } from "../store/webhook-canaries.ts";
import { type Head, noteDelivery } from "../store/webhook-deliveries.ts";
import { disableWebhook, lockWebhook, noteAttempt, type Standing } from "../store/webhooks.ts";
import type { WebhookMeters } from "./meters.ts";
import type { Pace } from "./pace.ts";

export type SendOptions = {
  readonly sql: Sql;
  readonly lease: NoticesLease;
  readonly receiver: Pick<ReceiverOptions, "networks" | "resolve">;
  readonly pace: Pace;
  readonly meters: WebhookMeters;
  readonly log: Logger;
};

type Target = Pick<Standing, "url" | "secrets">;

/** Signs and posts a message once. @throws whatever the signal was aborted with */
export const postSigned = (
  message: { readonly id: string; readonly body: string },
  { url, secrets }: Target,
  receiver: ReceiverOptions,
): Promise<AttemptOutcome> =>
  post(
    { url, body: message.body, headers: signedHeaders({ ...message, atMs: Date.now() }, secrets) },
    receiver,
  );

const outcomeName = ({ ok }: AttemptOutcome) => (ok ? "delivered" : "failed");

/** Attempts to deliver for one endpoint, and writes down what came of them. */
export const openSender = (webhook: string, options: SendOptions) => {
  const { sql, lease, pace, meters, log } = options;
  const receiver = (signal: AbortSignal): ReceiverOptions => ({
    ...options.receiver,
    timeoutMs: pace.answerTimeoutMs,
    signal,
  });

  /** The endpoint itself shows it; the log and the counter are for those who watch over the system. */
  const tellDisabled = (why: WebhookDisabledReason, url: string) => {
    meters.disabled(why);
    log.warn({ webhook, host: new URL(url).host, why }, "webhook endpoint disabled");
  };

  const tellUnproven = ({ error }: AttemptOutcome, url: string) =>
    log.warn({ webhook, host: new URL(url).host, error }, "webhook canary failed twice");

  return {
    /** Sends the first event of a key once. */
    deliver: async (head: Head, standing: Standing, signal: AbortSignal): Promise<void> => {
      const outcome = await postSigned({ id: head.message, body: head.payload }, standing, receiver(signal));
      const isCanary = head.type === canaryType;
      meters.attempted(outcomeName(outcome));
      if (isCanary) meters.canary(outcomeName(outcome));
      const verdict = judgeAttempt(
        outcome,
        { step: head.step, failingForMs: standing.failingForMs },
        { delaysMs: pace.retryDelaysMs, dice: Math.random() },
      );
      const { state, throttleMs, disable } = verdict;
      const { isNews, failures } = await inTransaction(sql, async (transaction) => {
        // Sent together, because each way to the store and back is time in which nothing else of this key moves.
        await Promise.all([lease.hold(transaction), lockWebhook(transaction, webhook)]);
        const counts = await noteDelivery(transaction, webhook, { head, outcome, verdict });
        const adds = {
          delivered: Number(counts && state === "delivered"),
          failed: Number(counts && state === "failed"),
        };
        await noteAttempt(transaction, webhook, { outcome, throttleMs, adds });
        return {
          failures: isCanary && counts ? await noteCanary(transaction, webhook, outcome) : 0,
          isNews:
            disable !== null &&
            (await disableWebhook(transaction, webhook, { why: disable, version: standing.version })),
        };
      });
      if (isNews && disable !== null) tellDisabled(disable, standing.url);
      if (failures === canaryFailuresTold) tellUnproven(outcome, standing.url);
    },
  };
};

export type Sender = ReturnType<typeof openSender>;
