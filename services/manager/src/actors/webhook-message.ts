import { createHash } from "node:crypto";
import {
  type ItemChange,
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

type Named = Pick<LoggedEvent, "tag" | "contract" | "session" | "type"> & Partial<Pick<LoggedEvent, "data">>;

/** The other tag of a thing whose tag was exchanged, or exchanged back, as the end of the one tag names it. */
const otherTagOf = ({ data }: Named): string | undefined => {
  const { replacedBy } = (data as Partial<ItemChange> | undefined)?.set ?? {};
  return replacedBy ?? undefined;
};

/**
 * What an event is of: its item; else, as those of sessions name a contract too, its session if it is one of theirs; else its contract;
 * else its session; else all events of its type.
 */
export const keyOf = ({ tag, contract, session, type }: Named): string => {
  if (tag !== undefined) return `tag:${tag}`;
  if (session !== undefined && type.startsWith("session.")) return `session:${session}`;
  if (contract !== undefined) return `contract:${contract}`;
  if (session !== undefined) return `session:${session}`;
  return `type:${type}`;
};

/**
 * What else an event belongs to. It waits for what is of one of these, and what is of one of these waits for it: so a contract is not
 * closed before its items are told, and of two items nobody waits for the other. A thing that gets another tag is one thing: nothing
 * is told of it under the new one before it is told where that comes from.
 */
export const belongsTo = (event: Named): readonly string[] => {
  const { contract, session } = event;
  const other = otherTagOf(event);
  const names = [
    ...(contract === undefined ? [] : [`contract:${contract}`]),
    ...(session === undefined ? [] : [`session:${session}`]),
    ...(other === undefined ? [] : [`tag:${other}`]),
  ];
  const key = keyOf(event);
  return names.filter((name) => name !== key);
};

/** Nothing happens to anything at a barrier of an audit: who wants to hear of them says so by name. */
const isSilent = (type: string): boolean => type.startsWith("audit.");

/** Whether an endpoint wants events of a type: null wants all that something happened in, `item.*` all that begin with `item.`. */
export const isWanted = (types: readonly string[] | null, type: string): boolean =>
  types === null
    ? !isSilent(type)
    : types.some((wanted) =>
        wanted.endsWith(".*") ? type.startsWith(wanted.slice(0, -1)) : wanted === type,
      );

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
