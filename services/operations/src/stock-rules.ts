import { type Leases, supervise } from "@tagwire/actor";
import { inSpan, traceparentOf } from "@tagwire/bus";
import {
  type By,
  newId,
  partitionOf,
  type StockRuleName,
  type StockRuleRun,
  soldPerRunMax,
  stockRuleIntervalMs,
  stockRules,
} from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import type { Act } from "./actors/act.ts";
import { pause } from "./pause.ts";
import { countDue, type DueTag, dueTags, ruleOf, sitesFollowing } from "./store/stock-rules.ts";
import type { SiteTurns } from "./turns.ts";

/** Things of one turn: a scan that comes meanwhile waits for no more than these. */
const batchMax = 200;
const dayMs = 24 * 60 * 60_000;

/** The instant before which the last scan of a thing that is due lies. */
export const dueBefore = (nowMs: number, days: number): Date => new Date(nowMs - days * dayMs);

export type StockRules = {
  /** Looks once, whether or not the site does it by itself; who asked stands in the events beside the rule. */
  readonly run: (site: string, rule: StockRuleName, by?: By) => Promise<StockRuleRun>;
};

/**
 * What sites do by themselves with their stock. Each thing is one edit through the site's own turn, at the version at which it was found
 * due: whatever happened to it meanwhile, a scan above all, leaves it alone.
 */
export const createStockRules = (options: { sql: Sql; turns: SiteTurns; now?: () => number }): StockRules => {
  const { sql, turns, now = Date.now } = options;
  /** One look at a time for each site: two would find the same things due. */
  const running = new Map<string, Promise<StockRuleRun>>();

  const sell = async (site: string, due: readonly DueTag[], by: By & { rule: string }, reason: string) =>
    inSpan("stock rule {rule}", { attributes: { "tagwire.site": site } }, async (span) => {
      const origin = { by, receivedAt: new Date(now()).toISOString(), traceparent: traceparentOf(span) };
      const acts: Act[] = due.map(({ tag, version }) => ({
        kind: "item.patch",
        id: newId(),
        origin,
        body: { tag, version, patch: { status: "sold" }, reason },
      }));
      const answer = await turns.tell(site, { kind: "acts", acts });
      if (answer instanceof Error) throw answer;
      const answers = "answers" in answer ? answer.answers : [];
      return answers.filter((one) => !(one instanceof Error) && one.receipt.outcome === "accepted").length;
    });

  const look = async (site: string, rule: StockRuleName, by: By): Promise<StockRuleRun> => {
    const { days } = await ruleOf(sql, site, rule);
    const before = dueBefore(now(), days);
    let sold = 0;
    let after = "";
    for (let taken = 0; taken < soldPerRunMax; taken += batchMax) {
      const due = await dueTags(sql, site, { rule, before, after, limit: batchMax });
      if (due.length === 0) break;
      sold += await sell(site, due, { ...by, rule }, `no scan for ${days} days`);
      after = due.at(-1)?.tag ?? after;
      if (due.length < batchMax) break;
    }
    return { rule, days, sold, left: await countDue(sql, site, { rule, before }) };
  };

  return {
    run: async (site, rule, by = {}) => {
      const name = `${site} ${rule}`;
      // Whoever asks while it looks is told of a look that began after they asked.
      while (running.has(name)) await running.get(name)?.catch(() => {});
      const looking = look(site, rule, by).finally(() => running.delete(name));
      running.set(name, looking);
      return looking;
    },
  };
};

/** Lets every site of this process's partitions follow its rules, for as long as it has them. */
export const startStockRules = (options: {
  sql: Sql;
  rules: StockRules;
  leases: Pick<Leases, "epochOf">;
  log: Logger;
  intervalMs?: number;
}): { readonly stop: () => Promise<void> } => {
  const { sql, rules, leases, log, intervalMs = stockRuleIntervalMs } = options;
  const lookAtAll = async (signal: AbortSignal): Promise<void> => {
    for (const rule of stockRules)
      for (const site of await sitesFollowing(sql, rule)) {
        if (signal.aborted) return;
        if (leases.epochOf(partitionOf(site)) === undefined) continue;
        try {
          const run = await rules.run(site, rule);
          if (run.sold > 0) log.info({ site, ...run }, "a rule of the site was followed");
        } catch (err) {
          // One site that cannot be decided now must not keep the others waiting; it is looked at again next time.
          log.warn({ err, site, rule }, "a rule of the site was not followed");
        }
      }
  };
  return supervise({
    name: "stock rules",
    log,
    run: async (signal) => {
      while (!signal.aborted) {
        await lookAtAll(signal);
        await pause(intervalMs, signal);
      }
    },
  });
};
