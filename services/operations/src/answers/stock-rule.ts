import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { AskStockRule, Fault, stockRuleIntervalMs, stockRuleNamedMax } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { dueBefore } from "../stock-rules.ts";
import { findSite } from "../store/sites.ts";
import { countDue, listDue, listSold, resaleStock, ruleOf } from "../store/stock-rules.ts";

/** How a rule is set, what it would do now, and what it did last. */
export const answerStockRule = (bus: Bus, sql: Sql): Subscription =>
  answer(bus, AskStockRule, async ({ site, rule, days: asked }) => {
    if ((await findSite(sql, site)) === undefined) throw new Fault("site_unknown", site);
    const set = await ruleOf(sql, site, rule);
    const days = asked ?? set.days;
    const query = { rule, before: dueBefore(Date.now(), days), limit: stockRuleNamedMax };
    const [count, items, lately, stock] = await Promise.all([
      countDue(sql, site, query),
      listDue(sql, site, query),
      listSold(sql, site, query),
      resaleStock(sql, site),
    ]);
    return { rule, ...set, everyMs: stockRuleIntervalMs, due: { days, count, items }, lately, stock };
  });
