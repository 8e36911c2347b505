import { WebhookAlertMessage, WebhookMessage, WebhookProof, webhookOrder } from "@tagwire/messages";
import Type from "typebox";

const header = (name: string, description: string) => ({
  name,
  in: "header",
  required: true,
  description,
  schema: { type: "string" },
});

const webhookDescription = {
  event: {
    post: {
      operationId: "receiveWebhook",
      tags: ["Webhooks"],
      summary: "An event of the site, or a change of an alert, posted to the endpoint",
      description: `Answer 2xx once you have it. Anything else is tried again for three days; 410 ends the endpoint, and 429, 502, 503 or 504 with Retry-After makes it wait. It comes at least once: drop repeats by webhook-id. ${webhookOrder} Types alert.* are changes of alerts whose rule tells the endpoint; webhook.canary, which is tried again like events, and webhook.test have only site and webhook as data.`,
      parameters: [
        header("webhook-id", "the same for every repeat"),
        header(
          "webhook-timestamp",
          "seconds since 1970 when it was sent; refuse what is older than five minutes",
        ),
        header(
          "webhook-signature",
          "v1,<base64 of HMAC-SHA256 over id.timestamp.body>; several with spaces between while a secret is changed",
        ),
      ],
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: Type.Union([WebhookMessage, WebhookAlertMessage, WebhookProof]),
          },
        },
      },
      security: [],
      responses: { "2XX": { description: "taken" }, 410: { description: "no more of it, please" } },
    },
  },
};

/** Adds what endpoints of webhooks are sent, for whoever writes one: the part `webhooks` of OpenAPI 3.1. */
export const withWebhooks = <T extends object>(document: T): T => ({
  ...document,
  webhooks: webhookDescription,
});
