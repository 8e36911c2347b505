import type { Transaction } from "@tagwire/actor";
import { ask, type Bus } from "@tagwire/bus";
import {
  type AlertKind,
  type AlertRule,
  AskReaders,
  type Dashboard,
  Fault,
  type FindingOpenedParams,
  type MissingParams,
  type OverdueParams,
  type Position,
  type QueueAgeParams,
  type Reader,
  type ReaderSilentParams,
  type StaleParams,
  type ThresholdParams,
  type WebhookFailingParams,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { HeldAlert, Sight } from "../actors/alert.ts";
import type { Finding } from "../actors/alert-round.ts";
import { dashboardOf } from "../actors/figures.ts";
import { figureAt } from "../actors/threshold.ts";
import { type Watches, watchFigure, watchReaders } from "../actors/watch.ts";
import { failingWebhooks } from "../actors/webhook-failing.ts";
import { figuresAt } from "../answers/dashboard.ts";
import { readAtOnce } from "../answers/read-at-once.ts";
import { findFindings, findMissing, findOverdue, findStale, findWaiting } from "../store/conditions.ts";
import { findPosition, findSites, timeZoneDefault } from "../store/sites.ts";
import { listHealth } from "../store/webhook-health.ts";

/** How long the reader-gateway may take to say how readers are, in ms. */
const readersTimeoutMs = 2_000;

export type Found = { readonly position: Position; readonly findings: readonly Finding[] };

export type Known = {
  readonly watches: ReadonlyMap<string, Watches>;
  /** The alerts that are about something now: of each rule its groups, and since when. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, number>>;
};

/** What looks need to know of the alerts there are. */
export const heldGroups = (alerts: readonly HeldAlert[]): Known["held"] =>
  new Map(
    [
      ...Map.groupBy(
        alerts.filter(({ subjects }) => subjects.length > 0),
        ({ rule }) => rule,
      ),
    ].map(([rule, own]) => [rule, new Map(own.map(({ group, openedAt }) => [group, Date.parse(openedAt)]))]),
  );

type Place = { readonly transaction: Transaction; readonly site: string; readonly nowMs: number };

const dashboardAt = async ({ transaction, site, nowMs }: Place, position: Position): Promise<Dashboard> => {
  const figures = await figuresAt(transaction, site, nowMs);
  return dashboardOf(figures, { site, ...position, asOf: new Date(nowMs).toISOString() });
};

/** Who is asked what a rule looks for. The projection says nothing while it lags. */
const sources: Readonly<Record<AlertKind, "projection" | "readers" | "webhooks">> = {
  stale: "projection",
  overdue: "projection",
  missing: "projection",
  queue_age: "projection",
  reader_silent: "readers",
  finding_opened: "projection",
  webhook_failing: "webhooks",
  threshold: "projection",
};
export const asksProjection = ({ kind }: AlertRule): boolean => sources[kind] === "projection";

const overdueAt = async ({ transaction, site, nowMs }: Place, params: OverdueParams) => {
  const timeZone = (await findSites(transaction, [site])).get(site)?.timeZone ?? timeZoneDefault;
  return findOverdue(transaction, { site, timeZone }, params, nowMs);
};

const findInRows = async (
  place: Place,
  rule: AlertRule,
  context: { readonly known: Known; readonly dashboard: () => Promise<Dashboard> },
): Promise<Finding> => {
  const { transaction, site, nowMs } = place;
  const sighted = (sights: ReadonlyMap<string, Sight>): Finding => ({ rule, sights });
  if (rule.kind === "stale")
    return sighted(await findStale(transaction, site, rule.params as StaleParams, nowMs));
  if (rule.kind === "missing")
    return sighted(await findMissing(transaction, site, rule.params as MissingParams));
  if (rule.kind === "queue_age")
    return sighted(await findWaiting(transaction, site, rule.params as QueueAgeParams, nowMs));
  if (rule.kind === "overdue") return sighted(await overdueAt(place, rule.params as OverdueParams));
  if (rule.kind === "finding_opened")
    return sighted(await findFindings(transaction, site, rule.params as FindingOpenedParams));
  const params = rule.params as ThresholdParams;
  const { known, dashboard } = context;
  const figure = figureAt(await dashboard(), params.figure);
  const isHeld = known.held.has(rule.id);
  return { rule, ...watchFigure(params, { figure, isHeld }, known.watches.get(rule.id) ?? new Map(), nowMs) };
};

/**
 * What the rules that ask the projection find, all at one position of the site. Undefined while the projection has not applied
 * what the log has, or is being made again: what it lacks is no finding.
 */
export const findInProjection = async (
  sql: Sql,
  { site, rules, known, nowMs }: { site: string; rules: readonly AlertRule[]; known: Known; nowMs: number },
  isLevel: (position: Position) => boolean,
): Promise<Found | undefined> => {
  try {
    return await readAtOnce(sql, async (transaction) => {
      const position = await findPosition(transaction, site);
      if (position === undefined || !isLevel(position)) return undefined;
      let read: Promise<Dashboard> | undefined;
      const place = { transaction, site, nowMs };
      const dashboard = () => {
        read ??= dashboardAt(place, position);
        return read;
      };
      const findings: Finding[] = [];
      for (const rule of rules) findings.push(await findInRows(place, rule, { known, dashboard }));
      return { position, findings };
    });
  } catch (error) {
    if (error instanceof Fault && error.code === "unavailable") return undefined;
    throw error;
  }
};

/** The readers of a site; undefined when whoever runs them does not say: that readers are silent is theirs to tell. */
const readersOf = async (bus: Bus, site: string): Promise<readonly Reader[] | undefined> => {
  try {
    return (await ask(bus, AskReaders, { site }, { timeoutMs: readersTimeoutMs })).readers;
  } catch (error) {
    if (error instanceof Fault && error.retryable) return undefined;
    throw error;
  }
};

type Asked = {
  readonly site: string;
  readonly rules: readonly AlertRule[];
  readonly known: Known;
  readonly nowMs: number;
};

/** What the rules that ask for readers find; nothing while nobody tells how they are. */
const findInReaders = async (bus: Bus, { site, rules, known, nowMs }: Asked): Promise<readonly Finding[]> => {
  if (rules.length === 0) return [];
  const readers = await readersOf(bus, site);
  if (readers === undefined) return [];
  return rules.map((rule) => ({
    rule,
    ...watchReaders(
      rule.params as ReaderSilentParams,
      readers,
      known.watches.get(rule.id) ?? new Map(),
      nowMs,
    ),
  }));
};

/** What the rules that ask for webhooks find. Their endpoints are kept beside the alerts, so they are always known. */
const findInWebhooks = async (notices: Sql, { site, rules, known }: Asked): Promise<readonly Finding[]> => {
  if (rules.length === 0) return [];
  const endpoints = await listHealth(notices, site);
  return rules.map((rule) => ({
    rule,
    sights: failingWebhooks(rule.params as WebhookFailingParams, endpoints, known.held.get(rule.id)),
  }));
};

/** What the rules find that do not ask the projection. */
export const findElsewhere = async (
  { bus, notices }: { readonly bus: Bus; readonly notices: Sql },
  asked: Asked,
): Promise<readonly Finding[]> => {
  const of = (source: "readers" | "webhooks") => ({
    ...asked,
    rules: asked.rules.filter(({ kind }) => sources[kind] === source),
  });
  const found = await Promise.all([
    findInReaders(bus, of("readers")),
    findInWebhooks(notices, of("webhooks")),
  ]);
  return found.flat();
};
