import { createHmac } from "node:crypto";
import type { WebhookHeaders } from "@tagwire/messages";

const secretPrefix = "whsec_";
/** Within the 24 to 64 bytes that the specification asks for. */
export const secretBytes = 32;
export const oldSecretsMax = 4;

/** A secret as it is shown: `whsec_` and base64. */
export const secretOf = (bytes: Uint8Array): string =>
  `${secretPrefix}${Buffer.from(bytes).toString("base64")}`;

const sign = (secret: string, signed: string): string => {
  const key = Buffer.from(secret.slice(secretPrefix.length), "base64");
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
};

/**
 * The headers of an attempt, as the Standard Webhooks specification has them: HMAC-SHA256 over `id.timestamp.body`, once for each
 * secret, so that a receiver may verify with the old or the new one while a secret is being changed.
 */
export const signedHeaders = (
  message: { readonly id: string; readonly body: string; readonly atMs: number },
  secrets: readonly string[],
): WebhookHeaders => {
  const timestamp = String(Math.floor(message.atMs / 1_000));
  const signed = `${message.id}.${timestamp}.${message.body}`;
  return {
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": secrets.map((secret) => sign(secret, signed)).join(" "),
  };
};
