import { ask } from "@tagwire/bus";
import {
  AlertRule,
  AlertRuleTest,
  AskAlertRules,
  AskCreateAlertRule,
  AskDeleteAlertRule,
  AskPatchAlertRule,
  AskTestAlertRule,
  ClientId,
  CreateAlertRule,
  Fault,
  newId,
  PatchAlertRule,
  SavedAlertRule,
  SiteId,
} from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { byOf } from "../edge/principal.ts";
import { inquire, untilHeard } from "../edge/questions.ts";
import { IdempotencyHeaders, listOf, problems, SiteParams } from "./schema.ts";

const tags = ["Alerts"];
const testTimeoutMs = 30_000;
const RuleParams = Type.Object({ site: SiteId, id: ClientId });

const by = (request: FastifyRequest) => byOf(principalOf(request));

export const alertRules = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/alert-rules",
    {
      schema: {
        operationId: "listAlertRules",
        tags,
        summary: "What is watched for at a site",
        params: SiteParams,
        response: { 200: listOf(AlertRule), ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { rules } = await inquire(bus, AskAlertRules, params);
      return { data: rules, nextCursor: null };
    },
  );

  app.post(
    "/sites/:site/alert-rules",
    {
      schema: {
        operationId: "createAlertRule",
        tags,
        summary: "Watch for something",
        description:
          "What it tells nobody, as things are, stands in `warnings`: the rule is made all the same.",
        params: SiteParams,
        headers: IdempotencyHeaders,
        body: CreateAlertRule,
        response: { 201: SavedAlertRule, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { site } = request.params;
      await sites.check(site);
      const { rule, warnings = [] } = await inquire(bus, AskCreateAlertRule, {
        site,
        id: request.headers["idempotency-key"] ?? newId(),
        by: by(request),
        rule: request.body,
      });
      return reply
        .status(201)
        .header("location", `/api/v1/sites/${site}/alert-rules/${rule.id}`)
        .send({ ...rule, warnings });
    },
  );

  app.patch(
    "/sites/:site/alert-rules/:id",
    {
      schema: {
        operationId: "patchAlertRule",
        tags,
        summary: "Change what is watched for",
        description: "One that is switched off lets go of its alerts.",
        params: RuleParams,
        body: PatchAlertRule,
        response: { 200: SavedAlertRule, ...problems(404) },
      },
    },
    async (request) => {
      const { site, id } = request.params;
      await sites.check(site);
      const patch = { site, id, by: by(request), patch: request.body };
      const { rule, warnings = [] } = await inquire(bus, AskPatchAlertRule, patch);
      return { ...rule, warnings };
    },
  );

  app.delete(
    "/sites/:site/alert-rules/:id",
    {
      schema: {
        operationId: "deleteAlertRule",
        tags,
        summary: "Watch no more; its alerts stay as history",
        params: RuleParams,
        response: { 204: Type.Null({ description: "removed" }), ...problems(404) },
      },
    },
    async (request, reply) => {
      const { site, id } = request.params;
      await sites.check(site);
      const { deleted } = await inquire(bus, AskDeleteAlertRule, { site, id, by: by(request) });
      if (!deleted) throw new Fault("alert_rule_unknown", id);
      return reply.status(204).send(null);
    },
  );

  app.post(
    // The expression ends the parameter before the verb: without it the router takes the colon as part of the id.
    "/sites/:site/alert-rules/:id(^[0-9a-fA-F-]+)::test",
    {
      schema: {
        operationId: "testAlertRule",
        tags,
        summary: "What a rule finds now, and whether its addresses can be told",
        description: "Raises nothing. A test goes out at once, in quiet hours, too.",
        params: RuleParams,
        response: { 200: AlertRuleTest, ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      // Mail servers and push services may take their time before they say no.
      return untilHeard(bus, () => ask(bus, AskTestAlertRule, params, { timeoutMs: testTimeoutMs }));
    },
  );
};
