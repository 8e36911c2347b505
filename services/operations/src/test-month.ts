import { createMonth, type MonthAct } from "@tagwire/emulators";
import type { Act } from "./actors/act.ts";
import { monthTurns, stockTurns } from "./test-month-acts.ts";
import { type Ledger, openLedger } from "./test-month-checks.ts";
import { type MonthSite, openMonthSite } from "./test-month-site.ts";

const startMs = Date.UTC(2026, 4, 4);
const dayMs = 86_400_000;
export const daysOfMonth = 28;

export type MonthDay = {
  /** Counted from 0. */
  readonly day: number;
  readonly site: MonthSite;
  readonly ledger: Ledger;
  /** What has happened so far, by its kind. */
  readonly met: ReadonlyMap<MonthAct["kind"], number>;
};

/** Lives through a month of the real house in memory and stops at the end of each day. */
export function* liveMonth(seed: string, days = daysOfMonth): Generator<MonthDay> {
  const { warehouse, acts } = createMonth({ seed, startMs, days });
  const site = openMonthSite("month", startMs);
  const ledger = openLedger();
  const met = new Map<MonthAct["kind"], number>();
  const tell = (turns: readonly Act[][], atMs: number): void => {
    for (const turn of turns) ledger.note(turn, site.tell(turn, atMs));
  };
  tell(stockTurns(warehouse, startMs), startMs);
  const turnsOf = monthTurns(warehouse);
  let day = 0;
  for (const act of acts) {
    for (; act.atMs >= startMs + (day + 1) * dayMs; day += 1) yield { day, site, ledger, met };
    met.set(act.kind, (met.get(act.kind) ?? 0) + 1);
    tell(turnsOf(act), act.atMs);
  }
  yield { day, site, ledger, met };
}
