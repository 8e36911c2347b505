import Type, { type Static, type TSchema } from "typebox";
import { event } from "./events.ts";
import { Instant, SiteId } from "./ids.ts";
import { By, ItemStatus } from "./items.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * What a site does by itself with things that nobody looks after.
 *
 * `resale-sold`: what is kept for resale, or in a pack, and went out stays there: it is sold once no scan has touched it for so many days.
 */
export const stockRules = ["resale-sold"] as const;
export type StockRuleName = (typeof stockRules)[number];
export const StockRuleName = Type.Enum(stockRules, { description: "a rule of the site's stock" });

/** The roles and statuses of the things that `resale-sold` is about. */
export const resaleRoles = ["resale", "pack"] as const;
export const resaleOutStatuses = ["on_rent", "delivered"] as const;

export const stockRuleDaysMax = 365;
export const StockRule = Type.Object(
  {
    enabled: Type.Boolean({ description: "whether the site does it by itself" }),
    days: Type.Integer({ minimum: 1, maximum: stockRuleDaysMax, description: "days since the last scan" }),
  },
  { additionalProperties: false },
);
export type StockRule = Static<typeof StockRule>;

/** Nothing is sold by itself until somebody says so; four days are what the trade is used to. */
export const stockRuleDefault: StockRule = { enabled: false, days: 4 };

/** How often a site that does it by itself looks, in ms. */
export const stockRuleIntervalMs = 15 * 60_000;
/** How many things one look sells at most; what is left is for the next. */
export const soldPerRunMax = 2_000;

export const PutStockRule = Type.Partial(StockRule, { additionalProperties: false, minProperties: 1 });
export type PutStockRule = Static<typeof PutStockRule>;

const StockRuleSetBody = Type.Object({ rule: StockRuleName, set: StockRule, was: StockRule });
export type StockRuleSet = Static<typeof StockRuleSetBody>;

/** Somebody switched a rule of the site on or off, or gave it another limit. operations says it; in the site's order, at least once. */
export const StockRuleSet = event({ type: "site.rule_set.v1", entity: "site", body: StockRuleSetBody });

export const SetStockRule = Type.Object({ rule: StockRuleName, set: PutStockRule });
export type SetStockRule = Static<typeof SetStockRule>;

export const RunStockRule = Type.Object({ rule: StockRuleName });
export type RunStockRule = Static<typeof RunStockRule>;

/** What one look came to. `left` are things that are due and were not sold, since the look was full or they changed meanwhile. */
export const StockRuleRun = Type.Object({
  rule: StockRuleName,
  days: Type.Integer(),
  sold: Type.Integer(),
  left: Type.Integer(),
});
export type StockRuleRun = Static<typeof StockRuleRun>;

/** So many things that are due, and so many that the rule sold last, are named; all of those that are due are counted. */
export const stockRuleNamedMax = 100;

const DueItem = Type.Object({
  tag: Type.String(),
  class: Type.String(),
  role: Type.String(),
  status: ItemStatus,
  contract: nullable(Type.String()),
  lastScanAt: Instant,
});
export type DueItem = Static<typeof DueItem>;

/** A thing that the rule sold: `undone` where somebody took that back. */
const SoldByRule = Type.Object({
  tag: Type.String(),
  at: Instant,
  epoch: Type.Integer(),
  pos: Type.Integer(),
  by: By,
  undone: Type.Boolean(),
});
export type SoldByRule = Static<typeof SoldByRule>;

export const StockRuleStanding = Type.Object({
  rule: StockRuleName,
  ...StockRule.properties,
  everyMs: Type.Integer({ description: "how often the site looks while it is enabled" }),
  due: Type.Object({
    days: Type.Integer({ description: "for how many days the preview asks" }),
    count: Type.Integer(),
    items: Type.Array(DueItem, { description: "those that were not scanned for longest" }),
  }),
  lately: Type.Array(SoldByRule, { description: "what the rule did last, the newest first" }),
  stock: Type.Array(Type.Object({ role: Type.String(), status: ItemStatus, items: Type.Integer() }), {
    description: "what there is of those roles, by status",
  }),
});
export type StockRuleStanding = Static<typeof StockRuleStanding>;

/** How a rule of a site is set, what it would do now with its own days or with others, and what it did last. */
export const AskStockRule = question({
  service: "operations",
  name: "stock-rule",
  question: Type.Object({
    site: SiteId,
    rule: StockRuleName,
    days: Type.Optional(StockRule.properties.days),
  }),
  answer: StockRuleStanding,
});
