import { type AskStaleItems, crewOf, Fault, type StaleParams, staleParamsDefault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { staleRuleOf } from "../actors/stale-rule.ts";
import { findRule, listRules } from "../store/alert-rules.ts";
import { readClasses } from "../store/classes.ts";
import { countStale, listStale } from "../store/stale.ts";
import { type LastLevel, neverLevel } from "./as-of.ts";
import { readBoard } from "./read-board.ts";
import { parseSinceCursor, sinceCursorText } from "./since-cursor.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskStaleItems)["question"]>;
type Answer = Static<(typeof AskStaleItems)["answer"]>;
type Limits = StaleParams & { readonly rule: string | null };

const findLimits = async (notices: Sql, { site, rule: id }: Question): Promise<Limits> => {
  const rule =
    id === undefined ? staleRuleOf(await listRules(notices, site)) : await findRule(notices, site, id);
  if (id !== undefined && rule?.kind !== "stale")
    throw new Fault("not_found", `no rule ${id} of the kind stale`);
  if (rule === undefined) return { rule: null, ...staleParamsDefault };
  return { rule: rule.id, ...(rule.params as StaleParams) };
};

/**
 * Items that no scan touched for longer than their limit: how many over which, and a page, those that were not seen for longest first.
 * The limits are those of a rule, which are kept apart from the projection.
 *
 * @throws Fault `not_found` for a rule that is not of this kind.
 */
export const answerStaleItems = async (
  { sql, notices }: { readonly sql: Sql; readonly notices: Sql },
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> => {
  const { site, cursor, limit, name, class: ofClass } = question;
  const after = parseSinceCursor(cursor);
  const limits = await findLimits(notices, question);
  const { rule: _rule, ...params } = limits;
  return readBoard(sql, site, { nowMs, lastLevel }, async (transaction) => {
    const sight = { site, params, nowMs };
    const [classes, counts, items] = await Promise.all([
      readClasses(transaction, site),
      countStale(transaction, sight),
      listStale(transaction, sight, { name, class: ofClass, after, limit: limit + 1 }),
    ]);
    const rows = items.map(({ item, since, lastSeenAt, ...over }) => ({
      tag: item.tag,
      class: item.class,
      className: classes.get(item.class)?.name ?? null,
      crew: crewOf(classes.get(item.class)),
      status: item.status,
      place: item.place,
      role: item.role ?? null,
      since,
      lastSeenAt,
      ...over,
    }));
    return { limits, counts, ...pageThatFits(rows, limit, sinceCursorText) };
  });
};
