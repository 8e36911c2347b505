import { randomBytes } from "node:crypto";
import type { Transaction } from "@tagwire/actor";
import { answer, ask, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskCreateWebhook,
  AskDeleteWebhook,
  AskEnableWebhook,
  AskEvents,
  AskPatchWebhook,
  AskReplayWebhook,
  AskRotateWebhook,
  AskTestWebhook,
  AskWebhook,
  AskWebhookDeliveries,
  AskWebhooks,
  type CreateWebhook,
  Fault,
  type NewWebhook,
  newId,
  type PatchWebhook,
  type Position,
  parsePosition,
  positionText,
  type ReplayWebhook,
  type Webhook,
  type WebhookTest,
  webhooksMax,
  webhookTestTimeoutMs,
} from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { bodyOf, messageIdOf, proofBodyOf } from "../actors/webhook-message.ts";
import { oldSecretsMax, secretBytes, secretOf } from "../actors/webhook-signature.ts";
import { refuseUnknownTypes } from "../actors/webhook-types.ts";
import { postSigned } from "../delivering/send.ts";
import type { ReceiverOptions } from "../drivers/receiver.ts";
import { readReceiverUrl } from "../drivers/receiver-address.ts";
import { findAlertMessage } from "../store/alert-messages.ts";
import type { Reader } from "../store/rows.ts";
import { canaryType } from "../store/webhook-canaries.ts";
import {
  alertsEpoch,
  type Delivered,
  findDelivery,
  listDeliveries,
  parseLedgerCursor,
  replayFrom,
  replayOne,
} from "../store/webhook-deliveries.ts";
import {
  countWebhooks,
  deleteWebhook,
  disableWebhook,
  enableWebhook,
  findStanding,
  findWebhook,
  insertWebhook,
  listWebhooks,
  lockWebhook,
  rotateSecret,
  updateWebhook,
} from "../store/webhooks.ts";

export type WebhookAnswers = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly receiver: Pick<ReceiverOptions, "networks" | "resolve">;
};

/** Creations take turns, so that two at once cannot pass the bound together. An arbitrary number of ours. */
const creationLock = 7_461_678;

/** One decision about an endpoint: all of it, or nothing. */
const decide = <T>(sql: Sql, id: string, work: (transaction: Transaction) => Promise<T>): Promise<T> =>
  inTransaction(sql, async (transaction) => {
    await lockWebhook(transaction, id);
    await getWebhook(transaction, id);
    return work(transaction);
  });

const getWebhook = async (sql: Reader, id: string): Promise<Webhook> => {
  const webhook = await findWebhook(sql, id);
  if (webhook === undefined) throw new Fault("webhook_unknown", id);
  return webhook;
};

const newSecret = (): string => secretOf(randomBytes(secretBytes));

/** A page of the log, for its head or for one event. */
const readLog = (bus: Bus, site: string, after: Position) =>
  ask(bus, AskEvents, { site, epoch: after.epoch, after: after.pos, limit: 1 });

const createWebhook = async (
  { bus, sql, receiver }: WebhookAnswers,
  given: CreateWebhook,
): Promise<NewWebhook> => {
  refuseUnknownTypes(given.types);
  const url = readReceiverUrl(given.url, receiver.networks).href;
  const { epoch, head } = await readLog(bus, given.site, { epoch: 0, pos: 0 });
  const id = newId();
  const secret = newSecret();
  const from = { epoch, pos: head };
  return inTransaction(sql, async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${creationLock})`;
    if ((await countWebhooks(transaction)) >= webhooksMax)
      throw new Fault("webhooks_full", `${webhooksMax} endpoints`);
    await insertWebhook(transaction, { ...given, url, id, secret, from });
    return { ...(await getWebhook(transaction, id)), secret };
  });
};

const patchWebhook = (
  { sql, receiver }: WebhookAnswers,
  id: string,
  patch: PatchWebhook,
): Promise<Webhook> => {
  refuseUnknownTypes(patch.types);
  const url = patch.url === undefined ? undefined : readReceiverUrl(patch.url, receiver.networks).href;
  return decide(sql, id, async (transaction) => {
    await updateWebhook(transaction, id, { ...patch, ...(url === undefined ? {} : { url }) });
    if (patch.enabled === true) await enableWebhook(transaction, id, "retry");
    if (patch.enabled === false) await disableWebhook(transaction, id, { why: "person" });
    return getWebhook(transaction, id);
  });
};

const replayPosition = async ({ bus, sql }: WebhookAnswers, id: string, text: string): Promise<void> => {
  const { site } = await getWebhook(sql, id);
  const from = parsePosition(text);
  if (from === undefined) throw new Fault("malformed", "from");
  const { epoch, head } = await readLog(bus, site, from);
  const isBeginning = from.epoch === 0 && from.pos === 0;
  // A position of another history says nothing of this one, and one beyond the head says nothing yet.
  if (!isBeginning && epoch !== from.epoch) throw new Fault("epoch_unknown", positionText(from));
  if (from.pos > head) throw new Fault("position_unknown", `the log ends at ${epoch}:${head}`);
  await decide(sql, id, (transaction) => replayFrom(transaction, id, { epoch, pos: from.pos }));
};

/** The body of what is in the log, was told of an alert, or was a canary. */
const readBody = async (
  { bus, sql }: WebhookAnswers,
  { id: webhook, site }: Pick<Webhook, "id" | "site">,
  at: Delivered,
): Promise<string> => {
  if (at.type === canaryType) return proofBodyOf(canaryType, { webhook, site, at: at.madeAt.toISOString() });
  if (at.epoch === alertsEpoch) {
    const told = await findAlertMessage(sql, site, at.pos);
    if (told === undefined) throw new Fault("webhook_delivery_unknown", positionText(at));
    return told.body;
  }
  const { events } = await readLog(bus, site, { epoch: at.epoch, pos: at.pos - 1 });
  const [event] = events;
  if (event === undefined || event.pos !== at.pos) throw new Fault("event_unknown", positionText(at));
  return bodyOf(event);
};

const replayDelivery = async (options: WebhookAnswers, id: string, message: string): Promise<void> => {
  const { sql } = options;
  const webhook = await getWebhook(sql, id);
  const at = await findDelivery(sql, id, message);
  if (at === undefined) throw new Fault("webhook_delivery_unknown", message);
  const payload = await readBody(options, webhook, at);
  await decide(sql, id, (transaction) => replayOne(transaction, id, { message, payload }));
};

const replay = async (options: WebhookAnswers, id: string, what: ReplayWebhook): Promise<Webhook> => {
  if ("from" in what) await replayPosition(options, id, what.from);
  else await replayDelivery(options, id, what.delivery);
  return getWebhook(options.sql, id);
};

const rotate = ({ sql }: WebhookAnswers, id: string): Promise<NewWebhook> =>
  decide(sql, id, async (transaction) => {
    const secret = newSecret();
    if (!(await rotateSecret(transaction, id, { secret, oldSecretsMax })))
      throw new Fault("webhook_secrets_full", `${oldSecretsMax} old ones`);
    return { ...(await getWebhook(transaction, id)), secret };
  });

const sendTest = async ({ sql, receiver }: WebhookAnswers, id: string): Promise<WebhookTest> => {
  const standing = await findStanding(sql, id);
  if (standing === undefined) throw new Fault("webhook_unknown", id);
  const at = new Date().toISOString();
  const message = {
    id: messageIdOf(id, `test ${newId()}`),
    body: proofBodyOf("webhook.test", { webhook: id, site: standing.site, at }),
  };
  const { ok, status, error, durationMs } = await postSigned(message, standing, {
    ...receiver,
    timeoutMs: webhookTestTimeoutMs,
  });
  return { id: message.id, at, ok, status, error, durationMs };
};

/** What people may ask and decide about endpoints, answered by any manager; whoever leads acts on it. */
export const answerWebhooks = (options: WebhookAnswers): { readonly stop: () => Promise<void> } => {
  const { bus, sql } = options;
  const answers: readonly Subscription[] = [
    answer(bus, AskWebhooks, async ({ site }) => ({ webhooks: await listWebhooks(sql, { site }) })),
    answer(bus, AskWebhook, async ({ id }) => ({ webhook: await getWebhook(sql, id) })),
    answer(bus, AskCreateWebhook, async ({ webhook }) => ({
      webhook: await createWebhook(options, webhook),
    })),
    answer(bus, AskPatchWebhook, async ({ id, patch }) => ({
      webhook: await patchWebhook(options, id, patch),
    })),
    answer(bus, AskDeleteWebhook, async ({ id }) => ({ deleted: await deleteWebhook(sql, id) })),
    answer(bus, AskWebhookDeliveries, async ({ id, state, limit, cursor }) => {
      await getWebhook(sql, id);
      const before = cursor === null ? undefined : parseLedgerCursor(cursor);
      if (cursor !== null && before === undefined) throw new Fault("malformed", "cursor");
      return listDeliveries(sql, id, { state, before, limit });
    }),
    answer(bus, AskReplayWebhook, async ({ id, replay: what }) => ({
      webhook: await replay(options, id, what),
    })),
    answer(bus, AskRotateWebhook, async ({ id }) => ({ webhook: await rotate(options, id) })),
    answer(bus, AskEnableWebhook, ({ id, enable }) =>
      decide(sql, id, async (transaction) => {
        await enableWebhook(transaction, id, enable.failed ?? "retry");
        return { webhook: await getWebhook(transaction, id) };
      }),
    ),
    answer(bus, AskTestWebhook, async ({ id }) => ({ test: await sendTest(options, id) })),
  ];
  return {
    stop: async () => {
      await Promise.all(answers.map((one) => one.stop()));
    },
  };
};
