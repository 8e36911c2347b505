import {
  AskStockRule,
  PutStockRule,
  SiteId,
  StockRule,
  StockRuleName,
  StockRuleRun,
} from "@tagwire/messages";
import Type from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { IdempotencyHeaders, problems } from "./schema.ts";

const tags = ["Rules"];
const RuleParams = Type.Object({ site: SiteId, rule: StockRuleName });
const Standing = AskStockRule.answer;

/** What a site does by itself with its stock: how that is set, what it would do, and a look at once. */
export const stockRules = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/rules/:rule",
    {
      schema: {
        operationId: "getStockRule",
        tags,
        summary: "A rule of the site's stock: how it is set, what it would do now, and what it did last",
        description:
          "resale-sold sells what is kept for resale or in a pack (its role, wherever it is) and is on rent or delivered, once no scan has touched it for so many days. What it would do is a preview: with days, for another limit than the one that is set. What it sold and somebody took back it leaves alone until the thing is scanned again.",
        params: RuleParams,
        querystring: Type.Object({ days: Type.Optional(StockRule.properties.days) }),
        response: { 200: Standing, ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      return inquire(bus, AskStockRule, { ...params, ...query });
    },
  );

  app.put(
    "/sites/:site/rules/:rule",
    {
      schema: {
        operationId: "setStockRule",
        tags,
        summary: "Switch a rule of the site's stock on or off, or give it another limit",
        description: "What is not named stays as it was. It is an event of the site's log.",
        params: RuleParams,
        headers: IdempotencyHeaders,
        body: PutStockRule,
        response: { 200: Standing, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site, rule } = request.params;
      await sites.check(site);
      await sendCommand<"rule.set">(bus, site, {
        kind: "rule.set",
        ...envelopeOf(request),
        body: { rule, set: request.body },
      });
      return inquire(bus, AskStockRule, { site, rule });
    },
  );

  app.post(
    "/sites/:site/rules/:rule(^[^:]+)::run",
    {
      schema: {
        operationId: "runStockRule",
        tags,
        summary: "Follow a rule of the site's stock now, whether or not the site does it by itself",
        description:
          "Each thing is an edit of its own, at the version at which it was found due, with the rule and whoever asked as its cause; it can be taken back like any edit. Asked again, it finds what is left.",
        params: RuleParams,
        response: { 200: StockRuleRun, ...problems(404) },
      },
    },
    async (request) => {
      const { site, rule } = request.params;
      await sites.check(site);
      const { run } = await sendCommand<"rule.run">(bus, site, {
        kind: "rule.run",
        ...envelopeOf(request),
        body: { rule },
      });
      return run;
    },
  );
};
