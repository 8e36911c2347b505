import type { AlertRule } from "@tagwire/messages";
import { escalate, type HeldAlert, observe, type Sight, type SightedAt, type Turn, wake } from "./alert.ts";
import type { Watches } from "./watch.ts";

/** What a rule found, by group; its watches as they are afterwards, where it has any. */
export type Finding = {
  readonly rule: AlertRule;
  readonly sights: ReadonlyMap<string, Sight>;
  readonly watches?: Watches | undefined;
  /** Only the groups that were found were looked at: nobody knows how the others are, and their alerts stay as they are. */
  readonly isPartial?: boolean;
};

export type RuledTurn = { readonly rule: AlertRule; readonly turn: Turn };

const nothing: Sight = { count: 0, subjects: [] };

const turnsOf = (
  { rule, sights, isPartial = false }: Finding,
  held: readonly HeldAlert[],
  { at, freshId }: { readonly at: SightedAt; readonly freshId: () => string },
): RuledTurn[] => {
  const byGroup = new Map(held.map((alert) => [alert.group, alert]));
  const groups = new Set([...sights.keys(), ...(isPartial ? [] : byGroup.keys())]);
  return [...groups].sort().flatMap((group) => {
    const turn = observe(byGroup.get(group), sights.get(group) ?? nothing, {
      ...{ rule, group, freshId: freshId(), at },
    });
    return turn === undefined ? [] : [{ rule, turn }];
  });
};

/** A turn and what time alone does after it, as one. */
const withTime = (rule: AlertRule, before: HeldAlert, turn: Turn | undefined, nowMs: number) => {
  const now = turn?.alert ?? before;
  const later = wake(now, nowMs) ?? escalate(now, rule, nowMs);
  if (later === undefined) return turn;
  return { alert: later.alert, changes: [...(turn?.changes ?? []), ...later.changes] };
};

/**
 * One look at a site: what becomes of its alerts by what was found, and by time. A rule without a finding was not looked at, so its
 * alerts stay as they are, but for time: nobody took them up, whatever is found now.
 */
export const decideRound = (
  known: { readonly rules: readonly AlertRule[]; readonly held: readonly HeldAlert[] },
  findings: readonly Finding[],
  context: { readonly at: SightedAt; readonly freshId: () => string },
): RuledTurn[] => {
  const { nowMs } = context.at;
  const heldOf = Map.groupBy(known.held, ({ rule }) => rule);
  const turns = findings.flatMap((finding) => turnsOf(finding, heldOf.get(finding.rule.id) ?? [], context));
  const turned = new Map(turns.map(({ turn }) => [turn.alert.id, turn]));
  const rules = new Map(known.rules.map((rule) => [rule.id, rule]));
  const aged = known.held.flatMap((before): RuledTurn[] => {
    const rule = rules.get(before.rule);
    if (rule === undefined || !rule.enabled) return [];
    const turn = turned.get(before.id);
    const whole = withTime(rule, before, turn, nowMs);
    return whole === undefined || whole === turn ? [] : [{ rule, turn: whole }];
  });
  const replaced = new Set(aged.map(({ turn }) => turn.alert.id));
  return [...turns.filter(({ turn }) => !replaced.has(turn.alert.id)), ...aged];
};
