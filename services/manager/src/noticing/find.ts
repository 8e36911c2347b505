import { ask, type Bus } from "@tagwire/bus";
import {
  type AlertKind,
  type AlertRule,
  AskReaders,
  type Dashboard,
  Fault,
  type FindingOpenedParams,
  type LagDistribution,
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
import { classTree } from "../actors/class-tree.ts";
import { boardOf, figureAt } from "../actors/figure-pointer.ts";
import { dashboardOf } from "../actors/figures.ts";
import { ownCodes } from "../actors/finding.ts";
import { type Watches, watchFigure, watchNoReaders, watchReaders } from "../actors/watch.ts";
import { auditLate, type NewestAudit, watchAudits } from "../actors/watch-audits.ts";
import { failingWebhooks, type HeldFailure } from "../actors/webhook-failing.ts";
import { figuresAt } from "../answers/dashboard.ts";
import { readAtOnce } from "../answers/read-at-once.ts";
import { findFindings, findMissing, findOverdue, findStale, findWaiting } from "../store/conditions.ts";
import { findPosition, findSites, timeZoneDefault } from "../store/sites.ts";
import { listHealth } from "../store/webhook-health.ts";
import { type Audited, auditedSights, watchesAudits } from "./audited-findings.ts";
import { type Place, type PrefetchDays, readBoard } from "./watched-boards.ts";

const nothing: Sight = { count: 0, subjects: [] };

/** How long the reader-gateway may take to say how readers are, in ms. */
const readersTimeoutMs = 2_000;

export type Found = { readonly position: Position; readonly findings: readonly Finding[] };

export type Known = {
  readonly watches: ReadonlyMap<string, Watches>;
  /** The alerts that are about something now: of each rule its groups, since when, and the first of what each is about. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, HeldFailure>>;
  /** What says which items are stale, for the figures of that. */
  readonly staleLimits: StaleParams;
  /** What handing items ahead came to, for the figures of that. */
  readonly prefetchDays: PrefetchDays;
  /** What audits found, where a rule asks for it and somebody says it. */
  readonly audited?: Audited | undefined;
  /** When audits took place, where a rule asks for it and somebody says it. */
  readonly newestAudit?: NewestAudit | undefined;
  /** How far screens are behind, where a rule asks for it and somebody says it. */
  readonly screenLag?: LagDistribution | undefined;
};

const heldOf = ({ group, openedAt, subjects }: HeldAlert): [string, HeldFailure] => [
  group,
  { openedAtMs: Date.parse(openedAt), key: subjects[0]?.key ?? "" },
];

/** What looks need to know of the alerts there are. */
export const heldGroups = (alerts: readonly HeldAlert[]): Known["held"] =>
  new Map(
    [
      ...Map.groupBy(
        alerts.filter(({ subjects }) => subjects.length > 0),
        ({ rule }) => rule,
      ),
    ].map(([rule, own]) => [rule, new Map(own.map(heldOf))]),
  );

/** The figures that a pointer leads into. */
type FiguresFor = (pointer: string) => Promise<object>;

const dashboardAt = async ({ transaction, site, nowMs }: Place, position: Position): Promise<Dashboard> => {
  const figures = await figuresAt(transaction, site, nowMs);
  return dashboardOf(figures, { site, ...position, asOf: new Date(nowMs).toISOString() });
};

/** Reads the dashboard, and each board, at most once for all rules, and only when one of them points there. */
const figuresOnce = (place: Place, position: Position, { screenLag }: Known): FiguresFor => {
  const read = new Map<string, Promise<object>>();
  return (pointer) => {
    const board = boardOf(pointer);
    const name = board ?? "dashboard";
    const known = read.get(name);
    if (known !== undefined) return known;
    const reading =
      board === undefined
        ? dashboardAt(place, position).then((all) => ({ ...all, categories: classTree(all.classes) }))
        : readBoard(place, board).then((boards) => ({
            boards: board === "lag" ? { lag: { ...boards.lag, recordToScreen: screenLag } } : boards,
          }));
    read.set(name, reading);
    return reading;
  };
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

/**
 * What is open of what the projection finds itself, of what audits found, and whether there are audits at all; where nobody says what
 * they found, only the rest was looked at.
 */
const findOpened = async (
  { transaction, site, nowMs }: Place,
  rule: AlertRule,
  { audited, newestAudit, watches: remembered, held }: Known,
): Promise<Finding> => {
  const params = rule.params as FindingOpenedParams;
  const own = await findFindings(transaction, site, params);
  const isHeld = held.get(rule.id)?.has(auditLate) ?? false;
  const { watches, sight } = watchesAudits(rule)
    ? watchAudits(newestAudit, remembered.get(rule.id) ?? new Map(), { nowMs, isHeld })
    : { watches: new Map(), sight: undefined };
  const late: [string, Sight][] = sight === undefined ? [] : [[auditLate, sight]];
  if (audited !== undefined)
    return { rule, watches, sights: new Map([...own, ...auditedSights(params, audited), ...late]) };
  const looked = ownCodes.map((code) => [code, own.get(code) ?? nothing] as const);
  return { rule, watches, sights: new Map([...looked, ...late]), isPartial: true };
};

const findInRows = async (
  place: Place,
  rule: AlertRule,
  context: { readonly known: Known; readonly figuresFor: FiguresFor },
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
  if (rule.kind === "finding_opened") return findOpened(place, rule, context.known);
  const params = rule.params as ThresholdParams;
  const { known, figuresFor } = context;
  const figure = figureAt(await figuresFor(params.figure), params.figure);
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
      const { staleLimits, prefetchDays } = known;
      const place = { transaction, site, nowMs, staleLimits, prefetchDays };
      const figuresFor = figuresOnce(place, position, known);
      const findings: Finding[] = [];
      for (const rule of rules) findings.push(await findInRows(place, rule, { known, figuresFor }));
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
    const all: Reader[] = [];
    let cursor: string | null = null;
    do {
      const asked: { site: string; cursor: string | null } = { site, cursor };
      const { readers, next = null } = await ask(bus, AskReaders, asked, { timeoutMs: readersTimeoutMs });
      all.push(...readers);
      cursor = next;
    } while (cursor !== null);
    return all;
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

/** What the rules that ask for readers find; while nobody tells how they are, only that, once it has lasted. */
const findInReaders = async (bus: Bus, { site, rules, known, nowMs }: Asked): Promise<readonly Finding[]> => {
  if (rules.length === 0) return [];
  const readers = await readersOf(bus, site);
  return rules.map((rule): Finding => {
    const params = rule.params as ReaderSilentParams;
    const before = known.watches.get(rule.id) ?? new Map();
    const held = new Set(known.held.get(rule.id)?.keys());
    return readers === undefined
      ? { rule, ...watchNoReaders(params, site, before, nowMs), isPartial: true }
      : { rule, ...watchReaders(params, { readers, held }, before, nowMs) };
  });
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
