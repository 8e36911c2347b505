import type { PutStockRule, StockRuleRun, StockRuleStanding } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

const path = (site: string): string => `/sites/${encodeURIComponent(site)}/rules/resale-sold`;

/** How selling by itself is set, what it would do for so many days, and what it did last. */
export const fetchResaleRule = (
  site: string,
  days: number | undefined,
  signal?: AbortSignal,
): Promise<Answer<StockRuleStanding>> =>
  call(`${path(site)}${days === undefined ? "" : `?days=${days}`}`, signal === undefined ? {} : { signal });

export const setResaleRule = (site: string, body: PutStockRule): Promise<Answer<StockRuleStanding>> =>
  call(path(site), { method: "PUT", body });

export const runResaleRule = (site: string): Promise<Answer<StockRuleRun>> =>
  call(`${path(site)}:run`, { method: "POST" });
