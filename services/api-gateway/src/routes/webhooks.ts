import {
  AskCreateWebhook,
  AskDeleteWebhook,
  AskEnableWebhook,
  AskPatchWebhook,
  AskReplayWebhook,
  AskRotateWebhook,
  AskTestWebhook,
  AskWebhook,
  AskWebhookDeliveries,
  AskWebhooks,
  CreateWebhook,
  EnableWebhook,
  Fault,
  NewWebhook,
  PatchWebhook,
  ReplayWebhook,
  SiteId,
  Webhook,
  WebhookDelivery,
  WebhookId,
  WebhookTest,
  webhookDeliveryStates,
  webhookOrder,
  webhookTestTimeoutMs,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { listOf, pageDefault, pageQuery, problems } from "./schema.ts";

const tags = ["Webhooks"];
const WebhookParams = Type.Object({ id: WebhookId });
/** The manager waits for the receiver, and we a little longer for the manager. */
const testPatienceMs = webhookTestTimeoutMs + 3_000;

export const DeliveriesFilter = Type.Object({ state: Type.Optional(Type.Enum(webhookDeliveryStates)) });

/** Endpoints: what they are and how they do. */
export const webhooks = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/webhooks",
    {
      schema: {
        operationId: "listWebhooks",
        tags,
        summary: "Endpoints and how they do",
        querystring: Type.Object({ site: Type.Optional(SiteId) }),
        response: { 200: listOf(Webhook), ...problems() },
      },
    },
    async ({ query }) => {
      const { webhooks } = await inquire(bus, AskWebhooks, query);
      return { data: webhooks, nextCursor: null };
    },
  );

  app.post(
    "/webhooks",
    {
      schema: {
        operationId: "createWebhook",
        tags,
        summary: "Add an endpoint; what happens from now on is posted to it",
        description: `Signed as the Standard Webhooks specification has it: verify webhook-signature with the secret, which is shown this once. Every event comes at least once; webhook-id stays the same for repeats. ${webhookOrder} Types that nothing has are refused with those that there are. A canary (type webhook.canary) comes every day, whatever types are wanted; it is a delivery like any other. Changes of alerts (alert.*) come from those rules alone that name the endpoint among their channels.`,
        body: CreateWebhook,
        response: { 201: NewWebhook, ...problems(404, 409) },
      },
    },
    async ({ body }, reply) => {
      await sites.check(body.site);
      const { webhook } = await instruct(bus, AskCreateWebhook, { webhook: body });
      return reply.status(201).header("location", `/api/v1/webhooks/${webhook.id}`).send(webhook);
    },
  );

  app.get(
    "/webhooks/:id",
    {
      schema: {
        operationId: "getWebhook",
        tags,
        summary: "One endpoint",
        params: WebhookParams,
        response: { 200: Webhook, ...problems(404) },
      },
    },
    async ({ params }) => (await inquire(bus, AskWebhook, params)).webhook,
  );

  app.patch(
    "/webhooks/:id",
    {
      schema: {
        operationId: "patchWebhook",
        tags,
        summary: "Change an endpoint, or switch it off and on",
        params: WebhookParams,
        body: PatchWebhook,
        response: { 200: Webhook, ...problems(404) },
      },
    },
    async ({ params, body }) =>
      (await instruct(bus, AskPatchWebhook, { id: params.id, patch: body })).webhook,
  );

  app.delete(
    "/webhooks/:id",
    {
      schema: {
        operationId: "deleteWebhook",
        tags,
        summary: "Remove an endpoint with its deliveries",
        params: WebhookParams,
        response: { 204: Type.Null({ description: "removed" }), ...problems(404) },
      },
    },
    async ({ params }, reply) => {
      const { deleted } = await instruct(bus, AskDeleteWebhook, params);
      if (!deleted) throw new Fault("webhook_unknown", params.id);
      return reply.status(204).send(null);
    },
  );
};

/** The ledger of an endpoint, and what people do about it. */
export const webhookDeliveries = (app: Gateway, { bus }: Edge): void => {
  app.get(
    "/webhooks/:id/deliveries",
    {
      schema: {
        operationId: "listWebhookDeliveries",
        tags,
        summary: "What was and is to be delivered, what came last first",
        description: "What is over is kept for 30 days and at most 10,000 of an endpoint; its counts stay.",
        params: WebhookParams,
        querystring: Type.Object({ ...pageQuery, ...DeliveriesFilter.properties }),
        response: { 200: listOf(WebhookDelivery), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      const { limit = pageDefault, cursor, state } = query;
      const { deliveries, next } = await inquire(bus, AskWebhookDeliveries, {
        ...{ id: params.id, limit, cursor: openCursor(cursor) },
        ...(state === undefined ? {} : { state }),
      });
      return { data: deliveries, nextCursor: sealCursor(next) };
    },
  );

  // The expression ends the parameter before the verb: without it the router takes the colon as part of the id.
  const verb = (name: string) => `/webhooks/:id(^[0-9a-f-]+)::${name}`;

  app.post(
    verb("replay"),
    {
      schema: {
        operationId: "replayWebhook",
        tags,
        summary: "Deliver again: everything after a position, or one delivery",
        description:
          "`from` is epoch:pos, as in the feed of events; 0:0 is the beginning of the log. Repeats carry the webhook-id they had.",
        params: WebhookParams,
        body: ReplayWebhook,
        response: { 200: Webhook, ...problems(404, 409) },
      },
    },
    async ({ params, body }) =>
      (await instruct(bus, AskReplayWebhook, { id: params.id, replay: body })).webhook,
  );

  app.post(
    verb("rotate"),
    {
      schema: {
        operationId: "rotateWebhookSecret",
        tags,
        summary: "Take a new secret; the old one signs along for 24 hours",
        params: WebhookParams,
        response: { 200: NewWebhook, ...problems(404, 409) },
      },
    },
    async ({ params }) => (await instruct(bus, AskRotateWebhook, params)).webhook,
  );

  app.post(
    verb("enable"),
    {
      schema: {
        operationId: "enableWebhook",
        tags,
        summary: "Deliver again after an endpoint was disabled, from where it stopped",
        description: "`failed` says what becomes of deliveries that were given up: retry (default) or skip.",
        params: WebhookParams,
        body: EnableWebhook,
        response: { 200: Webhook, ...problems(404) },
      },
      // Nothing said is the usual thing said.
      preValidation: async (request) => {
        request.body ??= {};
      },
    },
    async ({ params, body }) =>
      (await instruct(bus, AskEnableWebhook, { id: params.id, enable: body })).webhook,
  );

  app.post(
    verb("test"),
    {
      schema: {
        operationId: "testWebhook",
        tags,
        summary: "Post a webhook.test now and tell what the receiver said",
        params: WebhookParams,
        response: { 200: WebhookTest, ...problems(404) },
      },
    },
    async ({ params }) => (await instruct(bus, AskTestWebhook, params, testPatienceMs)).test,
  );
};
