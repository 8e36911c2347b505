import {
  AddPushSubscription,
  AskAddPushSubscription,
  AskDeletePushSubscription,
  AskPushKey,
  AskPushSubscriptions,
  ClientId,
  Fault,
  PushSubscription,
} from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { listOf, problems } from "./schema.ts";

const tags = ["Alerts"];

/** Whose subscriptions these are: everybody sees their own. */
const ownerOf = (request: FastifyRequest): string => {
  const { via, name } = principalOf(request);
  return `${via}/${name}`;
};

export const push = (app: Gateway, { bus }: Edge): void => {
  app.get(
    "/push-key",
    {
      schema: {
        operationId: "getPushKey",
        tags,
        summary: "The key that a browser subscribes with",
        description: "applicationServerKey of PushManager.subscribe(), in base64url.",
        response: { 200: Type.Object({ key: Type.String() }), ...problems() },
      },
    },
    () => inquire(bus, AskPushKey, {}),
  );

  app.get(
    "/push-subscriptions",
    {
      schema: {
        operationId: "listPushSubscriptions",
        tags,
        summary: "Your own push subscriptions",
        response: { 200: listOf(PushSubscription), ...problems() },
      },
    },
    async (request) => {
      const { subscriptions } = await inquire(bus, AskPushSubscriptions, { principal: ownerOf(request) });
      return { data: subscriptions, nextCursor: null };
    },
  );

  app.post(
    "/push-subscriptions",
    {
      schema: {
        operationId: "addPushSubscription",
        tags,
        summary: "Be told of alerts in this browser",
        description:
          "Takes what PushManager.subscribe() gives, and the sites to hear of; all without them. The same endpoint again is the same subscription.",
        body: AddPushSubscription,
        response: { 201: PushSubscription, ...problems(409) },
      },
    },
    async (request, reply) => {
      const { subscription } = await inquire(bus, AskAddPushSubscription, {
        principal: ownerOf(request),
        subscription: request.body,
      });
      return reply.status(201).send(subscription);
    },
  );

  app.delete(
    "/push-subscriptions/:id",
    {
      schema: {
        operationId: "deletePushSubscription",
        tags,
        summary: "Be told no more in a browser",
        params: Type.Object({ id: ClientId }),
        response: { 204: Type.Null({ description: "removed" }), ...problems(404) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { deleted } = await inquire(bus, AskDeletePushSubscription, { principal: ownerOf(request), id });
      if (!deleted) throw new Fault("push_subscription_unknown", id);
      return reply.status(204).send(null);
    },
  );
};
