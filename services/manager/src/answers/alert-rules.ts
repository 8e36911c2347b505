import { isDeepStrictEqual } from "node:util";
import type { Transaction } from "@tagwire/actor";
import type { Bus } from "@tagwire/bus";
import {
  type AlertRule,
  type AskCreateAlertRule,
  type AskDeleteAlertRule,
  type AskPatchAlertRule,
  type By,
  Fault,
  type RuleWarning,
} from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { letGo } from "../actors/alert.ts";
import { complaintOf, complaintOfWatched, completeRule, patchRule, rulesMax } from "../actors/alert-rule.ts";
import { warningsOf } from "../actors/rule-warnings.ts";
import { type CommittedTurns, commitTurns } from "../noticing/commit-turns.ts";
import { getAlertSite } from "../noticing/know-sites.ts";
import {
  countRules,
  deleteRule,
  findRule,
  insertRules,
  isRuleIdUsed,
  listRules,
  updateRule,
} from "../store/alert-rules.ts";
import { type AlertSite, lockAlertSite } from "../store/alert-sites.ts";
import { findAlertsOfRules } from "../store/alerts.ts";
import { findListening } from "../store/push-subscriptions.ts";
import { listWebhooks } from "../store/webhooks.ts";

/** What answering about alerts needs. */
export type AlertDesk = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly committed: (turns: CommittedTurns) => void;
  /** Whether there is a mail server to send by. */
  readonly isMailSet: boolean;
};

/** Why somebody whom a rule is to tell would not be told now. */
export const warnOf = async ({ sql, isMailSet }: AlertDesk, rule: AlertRule): Promise<RuleWarning[]> =>
  warningsOf(rule, { isMailSet, subscriptions: (await findListening(sql, rule.site)).length });

type Question<Q extends { readonly question: unknown }> = Static<Q["question"] & {}>;

/** Who did something, as histories name them. */
export const nameOf = ({ person, device, reader }: By): string => person ?? device ?? reader ?? "somebody";

/** Runs one turn of a site: nobody else changes its rules or alerts meanwhile. */
export const inSiteTurn = async <T>(
  { bus, sql }: AlertDesk,
  site: string,
  work: (transaction: Transaction, locked: AlertSite) => Promise<T>,
): Promise<T> => {
  await getAlertSite(bus, sql, site);
  return inTransaction(sql, async (transaction) => {
    const locked = await lockAlertSite(transaction, site);
    if (locked === undefined) throw new Fault("site_unknown", site);
    return work(transaction, locked);
  });
};

const checked = <T extends Parameters<typeof complaintOf>[0]>(rule: T): T => {
  const complaint = complaintOf(rule);
  if (complaint !== undefined) throw new Fault("malformed", complaint);
  return rule;
};

/** @throws Fault `figure_unknown` */
const checkWatched = (rule: Parameters<typeof complaintOfWatched>[0]): void => {
  const complaint = complaintOfWatched(rule);
  if (complaint !== undefined) throw new Fault(complaint.code, complaint.why);
};

/** A rule may tell endpoints of its own site. @throws Fault `webhook_unknown` */
const checkEndpoints = async (
  transaction: Transaction,
  site: string,
  channels: AlertRule["channels"],
): Promise<void> => {
  const named = channels.flatMap((channel) => (channel.kind === "webhook" ? channel.webhooks : []));
  if (named.length === 0) return;
  const known = new Set((await listWebhooks(transaction, { site })).map(({ id }) => id));
  const unknown = named.find((id) => !known.has(id));
  if (unknown !== undefined) throw new Fault("webhook_unknown", unknown);
};

export const answerAlertRules = async (
  { bus, sql }: AlertDesk,
  site: string,
): Promise<{ rules: AlertRule[] }> => {
  await getAlertSite(bus, sql, site);
  return { rules: await listRules(sql, site) };
};

const decided = ({
  kind,
  name,
  severity,
  params,
  enabled,
  quietHours,
  escalateAfterMinutes,
  channels,
  escalateTo = null,
}: AlertRule) => ({
  ...{ kind, name, severity, params, enabled, quietHours, escalateAfterMinutes, channels, escalateTo },
});

/** Adds a rule. The same one under the same id again is what is there already. */
export const createAlertRule = async (
  desk: AlertDesk,
  question: Question<typeof AskCreateAlertRule>,
): Promise<{ rule: AlertRule; warnings: RuleWarning[] }> => {
  const { rule } = await makeRule(desk, question);
  return { rule, warnings: await warnOf(desk, rule) };
};

const makeRule = (
  desk: AlertDesk,
  { site, id, by, rule }: Question<typeof AskCreateAlertRule>,
): Promise<{ rule: AlertRule }> =>
  inSiteTurn(desk, site, async (transaction) => {
    const complete = checked(completeRule(rule));
    const known = await findRule(transaction, site, id);
    if (known !== undefined) {
      // What was changed since is not what was made: then the id says that it was made, and no more.
      if (known.version > 1 || isDeepStrictEqual(decided(known), complete)) return { rule: known };
      throw new Fault("id_reused", id);
    }
    if (await isRuleIdUsed(transaction, id)) throw new Fault("id_reused", id);
    checkWatched(complete);
    await checkEndpoints(transaction, site, complete.channels);
    if ((await countRules(transaction, site)) >= rulesMax) throw new Fault("alert_rules_full", site);
    const now = new Date().toISOString();
    const made = { ...complete, id, site, version: 1, createdAt: now, changedAt: now, changedBy: nameOf(by) };
    await insertRules(transaction, [made]);
    return { rule: made };
  });

/** Ends the alerts of a rule that does not look any more. */
const letGoOf = async (
  transaction: Transaction,
  locked: AlertSite,
  { rule, by, why }: { rule: AlertRule; by: string; why: string },
): Promise<CommittedTurns | undefined> => {
  const nowMs = Date.now();
  const held = await findAlertsOfRules(transaction, [rule.id]);
  const turns = held.flatMap((alert) => {
    const turn = letGo(alert, { by, why, nowMs });
    return turn === undefined ? [] : [{ turn, rule }];
  });
  return turns.length === 0 ? undefined : commitTurns(transaction, locked, turns, nowMs);
};

const told = <T>(
  { committed }: AlertDesk,
  { turns, answer }: { turns: CommittedTurns | undefined; answer: T },
): T => {
  if (turns !== undefined) committed(turns);
  return answer;
};

/** Changes a rule. One that is switched off lets go of its alerts. */
export const patchAlertRule = async (
  desk: AlertDesk,
  question: Question<typeof AskPatchAlertRule>,
): Promise<{ rule: AlertRule; warnings: RuleWarning[] }> => {
  const { rule } = await changeRule(desk, question);
  return { rule, warnings: await warnOf(desk, rule) };
};

const changeRule = async (
  desk: AlertDesk,
  { site, id, by, patch }: Question<typeof AskPatchAlertRule>,
): Promise<{ rule: AlertRule }> =>
  told(
    desk,
    await inSiteTurn(desk, site, async (transaction, locked) => {
      const known = await findRule(transaction, site, id);
      if (known === undefined) throw new Fault("alert_rule_unknown", id);
      // An endpoint that was deleted since is no reason to refuse what else is changed.
      if (patch.channels !== undefined) await checkEndpoints(transaction, site, patch.channels);
      const patched = checked(patchRule(decided(known), patch));
      if (patch.params !== undefined) checkWatched(patched);
      const rule: AlertRule = {
        ...known,
        ...patched,
        ...{ version: known.version + 1, changedAt: new Date().toISOString(), changedBy: nameOf(by) },
      };
      await updateRule(transaction, rule);
      const isOff = known.enabled && !rule.enabled;
      const turns = isOff
        ? await letGoOf(transaction, locked, {
            rule: known,
            by: nameOf(by),
            why: "the rule was switched off",
          })
        : undefined;
      return { turns, answer: { rule } };
    }),
  );

/** Deletes a rule, and lets go of its alerts, which stay as history. */
export const deleteAlertRule = async (
  desk: AlertDesk,
  { site, id, by }: Question<typeof AskDeleteAlertRule>,
): Promise<{ deleted: boolean }> =>
  told(
    desk,
    await inSiteTurn(desk, site, async (transaction, locked) => {
      const rule = await findRule(transaction, site, id);
      if (rule === undefined) return { turns: undefined, answer: { deleted: false as boolean } };
      const turns = await letGoOf(transaction, locked, {
        ...{ rule, by: nameOf(by), why: "the rule was deleted" },
      });
      await deleteRule(transaction, id);
      return { turns, answer: { deleted: true } };
    }),
  );
