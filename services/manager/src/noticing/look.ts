import type { Bus } from "@tagwire/bus";
import { type AlertRule, newId, type Position } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { decideRound, type Finding } from "../actors/alert-round.ts";
import { staleLimitsOf } from "../actors/stale-rule.ts";
import { listRules } from "../store/alert-rules.ts";
import { lockAlertSite } from "../store/alert-sites.ts";
import { findWatches, saveWatches } from "../store/alert-watches.ts";
import { findAlertsOfRules } from "../store/alerts.ts";
import { listDays } from "../store/prefetch-accounts.ts";
import { askAudited, askNewestAudit } from "./audited-findings.ts";
import { type CommittedTurns, commitTurns, turnsMax } from "./commit-turns.ts";
import { asksProjection, findElsewhere, findInProjection, heldGroups, type Known } from "./find.ts";
import type { NoticesLease } from "./lead.ts";
import { askScreenLag, watchesScreens } from "./screen-lag.ts";

export type LookOptions = {
  readonly bus: Bus;
  /** The projection, which is only read. */
  readonly projection: Sql;
  readonly notices: Sql;
  readonly lease: NoticesLease;
  readonly isLevel: (site: string, position: Position, nowMs: number) => boolean;
  /** Where the log of a site is, for what the projection does not say. */
  readonly headOf: (site: string) => Position | undefined;
  readonly committed: (turns: CommittedTurns) => void;
};

/** What one look came to: the rules that were looked at, and how many alerts moved. */
export type Looked = { readonly rules: readonly string[]; readonly turns: number };

/** Whether two findings stand for the same rule as it was then and is now. */
const isCurrent = (rules: readonly AlertRule[], { rule }: Finding): boolean =>
  rules.some(({ id, version, enabled }) => id === rule.id && version === rule.version && enabled);

/**
 * Looks once at a site: asks what its rules look for, decides what becomes of its alerts, writes that and says it. Nothing is
 * written when nothing changes. What is decided under the lock of the site is decided from what is there then.
 */
export const lookAt = async (
  options: LookOptions,
  { site, nowMs, isDue }: { site: string; nowMs: number; isDue: (rule: AlertRule) => boolean },
): Promise<Looked> => {
  const { bus, projection, notices, lease, committed } = options;
  const rules = (await listRules(notices, site)).filter(({ enabled }) => enabled);
  if (rules.length === 0) return { rules: [], turns: 0 };
  const wanted = rules.filter(isDue);
  const [screenLag, audited, newestAudit] = await Promise.all([
    askScreenLag(bus, { site, rules: wanted, nowMs }),
    askAudited(bus, { site, rules: wanted }),
    askNewestAudit(bus, { site, rules: wanted }),
  ]);
  // Where nobody says how far screens are behind, an alert of that stays as it is.
  const due = screenLag === undefined ? wanted.filter((rule) => !watchesScreens(rule)) : wanted;
  const ids = rules.map(({ id }) => id);
  const [watches, held] = await Promise.all([findWatches(notices, ids), findAlertsOfRules(notices, ids)]);
  const known: Known = {
    watches,
    held: heldGroups(held),
    staleLimits: staleLimitsOf(rules),
    prefetchDays: (days) => listDays(notices, site, days),
    screenLag,
    audited,
    newestAudit,
  };

  const inRows = due.filter(asksProjection);
  const asked = { site, known, nowMs };
  const [found, elsewhere] = await Promise.all([
    inRows.length === 0
      ? undefined
      : findInProjection(projection, { ...asked, rules: inRows }, (at) => options.isLevel(site, at, nowMs)),
    findElsewhere({ bus, notices }, { ...asked, rules: due.filter((rule) => !asksProjection(rule)) }),
  ]);
  const findings = [...(found?.findings ?? []), ...elsewhere];
  const { epoch, pos } = found?.position ?? options.headOf(site) ?? { epoch: 0, pos: 0 };
  const at = { epoch, pos, nowMs };
  const isWatched = findings.some(
    ({ rule, watches: after }) =>
      after !== undefined && (after.size > 0 || (watches.get(rule.id)?.size ?? 0) > 0),
  );
  const looked = { rules: findings.map(({ rule }) => rule.id), turns: 0 };
  if (!isWatched && decideRound({ rules, held }, findings, { at, freshId: newId }).length === 0)
    return looked;

  for (let turned = 0; ; ) {
    const batch = await inTransaction(notices, async (transaction) => {
      await lease.hold(transaction);
      const locked = await lockAlertSite(transaction, site);
      if (locked === undefined) return undefined;
      const now = (await listRules(transaction, site)).filter(({ enabled }) => enabled);
      const current = findings.filter((finding) => isCurrent(now, finding));
      const heldNow = await findAlertsOfRules(
        transaction,
        now.map(({ id }) => id),
      );
      const turns = decideRound({ rules: now, held: heldNow }, current, { at, freshId: newId }).slice(
        0,
        turnsMax,
      );
      await saveWatches(
        transaction,
        new Map(
          current.flatMap(({ rule, watches: after }) => (after === undefined ? [] : [[rule.id, after]])),
        ),
      );
      return turns.length === 0 ? undefined : commitTurns(transaction, locked, turns, nowMs);
    });
    if (batch === undefined) return { ...looked, turns: turned };
    committed(batch);
    turned += batch.alerts.length;
    if (batch.alerts.length < turnsMax) return { ...looked, turns: turned };
  }
};
