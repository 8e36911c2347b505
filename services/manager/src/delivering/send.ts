import type { WebhookDisabledReason } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { inTransaction, type Sql } from "@tagwire/store";
import { type AttemptOutcome, judgeAttempt } from "../actors/attempt.ts";
import { canaryFailuresTold } from "../actors/webhook-failing.ts";
import { messageIdOf, proofBodyOf } from "../actors/webhook-message.ts";
import { signedHeaders } from "../actors/webhook-signature.ts";
import type { ReceiverOptions } from "../drivers/receiver.ts";
import { post } from "../drivers/receiver.ts";
import type { NoticesLease } from "../noticing/lead.ts";
import { type Head, noteDelivery } from "../store/webhook-deliveries.ts";
import { disableWebhook, lockWebhook, noteAttempt, noteCanary, type Standing } from "../store/webhooks.ts";
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

  return {
    /** Sends the first event of a key once. */
    deliver: async (head: Head, standing: Standing, signal: AbortSignal): Promise<void> => {
      const outcome = await postSigned({ id: head.message, body: head.payload }, standing, receiver(signal));
      meters.attempted(outcomeName(outcome));
      const verdict = judgeAttempt(
        outcome,
        { step: head.step, failingForMs: standing.failingForMs },
        { delaysMs: pace.retryDelaysMs, dice: Math.random() },
      );
      const { state, throttleMs, disable } = verdict;
      const isNews = await inTransaction(sql, async (transaction) => {
        // Sent together, because each way to the store and back is time in which nothing else of this key moves.
        await Promise.all([lease.hold(transaction), lockWebhook(transaction, webhook)]);
        const counts = await noteDelivery(transaction, webhook, { head, outcome, verdict });
        const adds = {
          delivered: Number(counts && state === "delivered"),
          failed: Number(counts && state === "failed"),
        };
        await noteAttempt(transaction, webhook, { outcome, throttleMs, adds });
        return (
          disable !== null &&
          (await disableWebhook(transaction, webhook, { why: disable, version: standing.version }))
        );
      });
      if (isNews && disable !== null) tellDisabled(disable, standing.url);
    },

    /** Proves that the endpoint works, apart from whether anything happened. */
    sendCanary: async (standing: Standing, signal: AbortSignal): Promise<void> => {
      const at = new Date().toISOString();
      const outcome = await postSigned(
        {
          id: messageIdOf(webhook, `canary ${at}`),
          body: proofBodyOf("webhook.canary", { webhook, site: standing.site, at }),
        },
        standing,
        receiver(signal),
      );
      meters.canary(outcomeName(outcome));
      const isGone =
        judgeAttempt(outcome, { step: 0, failingForMs: 0 }, { delaysMs: [], dice: 0 }).disable === "gone";
      const { failures, isNews } = await inTransaction(sql, async (transaction) => {
        await lease.hold(transaction);
        const nextInMs = outcome.ok ? pace.canaryEveryMs : pace.canaryRetryMs;
        return {
          failures: await noteCanary(transaction, webhook, { outcome, nextInMs }),
          isNews:
            isGone &&
            (await disableWebhook(transaction, webhook, { why: "gone", version: standing.version })),
        };
      });
      if (isNews) tellDisabled("gone", standing.url);
      if (failures === canaryFailuresTold)
        log.warn(
          { webhook, host: new URL(standing.url).host, error: outcome.error },
          "webhook canary failed twice",
        );
    },
  };
};

export type Sender = ReturnType<typeof openSender>;
