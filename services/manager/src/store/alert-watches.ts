import type { Transaction } from "@tagwire/actor";
import type { Watch, Watches } from "../actors/watch.ts";
import { type Reader, recordset } from "./rows.ts";

type Row = { rule: string; key: string; value: number; since: Date; observed_at: Date };

/** What is watched for some rules. */
export const findWatches = async (
  sql: Reader,
  rules: readonly string[],
): Promise<ReadonlyMap<string, Watches>> => {
  const found = new Map<string, Map<string, Watch>>(rules.map((rule) => [rule, new Map()]));
  if (rules.length === 0) return found;
  const rows = await sql<Row[]>`
    select rule, key, value, since, observed_at from alert_watch where rule = any(${[...rules]}::text[]::uuid[])`;
  for (const { rule, key, value, since, observed_at } of rows)
    found.get(rule)?.set(key, { value, sinceMs: since.getTime(), observedAtMs: observed_at.getTime() });
  return found;
};

/** Writes what is watched for some rules, and forgets what is not watched any more. Safe to repeat. */
export const saveWatches = async (
  transaction: Transaction,
  watched: ReadonlyMap<string, Watches>,
): Promise<void> => {
  if (watched.size === 0) return;
  const rows = [...watched].flatMap(([rule, watches]) =>
    [...watches].map(([key, { value, sinceMs, observedAtMs }]) => ({
      ...{ rule, key, value },
      ...{ since: new Date(sinceMs).toISOString(), observed_at: new Date(observedAtMs).toISOString() },
    })),
  );
  await transaction`
    delete from alert_watch where rule = any(${[...watched.keys()]}::text[]::uuid[])
      and not exists (
        select 1 from json_to_recordset(${recordset(rows)}::text::json) as kept (rule uuid, key text)
        where kept.rule = alert_watch.rule and kept.key = alert_watch.key)`;
  if (rows.length === 0) return;
  await transaction`
    insert into alert_watch (rule, key, value, since, observed_at)
    select rule, key, value, since, observed_at
    from json_populate_recordset(null::alert_watch, ${recordset(rows)}::text::json)
    on conflict (rule, key) do update set
      value = excluded.value, since = excluded.since, observed_at = excluded.observed_at`;
};
