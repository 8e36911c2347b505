import { createHash } from "node:crypto";
import {
  type LoggedEvent,
  positionText,
  type WebhookMessage,
  type WebhookProof,
  type WebhookProofType,
  webhookBodyBytesMax,
} from "@tagwire/messages";

const idDigits = 32;

/**
 * The `webhook-id` of something at an endpoint. It hangs on the event's own id, so it stays the same for every attempt and every
 * replay, also when history was restored under another epoch; and on the endpoint, since two of them may lead to one receiver.
 */
export const messageIdOf = (webhook: string, what: string): string =>
  `msg_${createHash("sha256").update(`${webhook} ${what}`).digest("hex").slice(0, idDigits)}`;

/** What an event is in order with: its item, else its contract, else its session, else all events of its type. */
export const keyOf = ({
  tag,
  contract,
  session,
  type,
}: Pick<LoggedEvent, "tag" | "contract" | "session" | "type">): string => {
  if (tag !== undefined) return `tag:${tag}`;
  if (contract !== undefined) return `contract:${contract}`;
  if (session !== undefined) return `session:${session}`;
  return `type:${type}`;
};

/** Whether an endpoint wants events of a type: null wants all, `item.*` all that begin with `item.`. */
export const isWanted = (types: readonly string[] | null, type: string): boolean =>
  types === null ||
  types.some((wanted) => (wanted.endsWith(".*") ? type.startsWith(wanted.slice(0, -1)) : wanted === type));

const optional = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);

const envelopeOf = (event: LoggedEvent): WebhookMessage["data"] => ({
  epoch: event.epoch,
  pos: event.pos,
  id: event.id,
  type: event.type,
  site: event.site,
  ...optional("tag", event.tag),
  ...optional("contract", event.contract),
  ...optional("session", event.session),
  ...optional("scannedAt", event.scannedAt),
  recordedAt: event.recordedAt,
  by: event.by,
  traceId: event.traceId,
});

/** The body that is posted for an event, never above {@link webhookBodyBytesMax}: data that does not fit is only linked to. */
export const bodyOf = (event: LoggedEvent): string => {
  const { type, recordedAt: timestamp } = event;
  const envelope = envelopeOf(event);
  const whole: WebhookMessage = { type, timestamp, data: { ...envelope, data: event.data } };
  const body = JSON.stringify(whole);
  if (Buffer.byteLength(body) <= webhookBodyBytesMax) return body;
  const before = positionText({ epoch: event.epoch, pos: event.pos - 1 });
  const link = `/api/v1/sites/${event.site}/events?after=${before}&limit=1`;
  const thin: WebhookMessage = { type, timestamp, data: { ...envelope, dataOmitted: true, link } };
  return JSON.stringify(thin);
};

/** The body of a canary or a test. */
export const proofBodyOf = (
  type: WebhookProofType,
  { webhook, site, at }: { readonly webhook: string; readonly site: string; readonly at: string },
): string => JSON.stringify({ type, timestamp: at, data: { webhook, site } } satisfies WebhookProof);
